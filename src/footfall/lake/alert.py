"""The columns of an alert as every table, engine and answer has them. What raises one stands in `footfall.fraud`."""

from __future__ import annotations

import pyarrow as pa

_COLUMNS = (
    ("project_id", pa.string(), "Tenant."),
    ("alert_id", pa.string(), "The rule, the subject, and when it fired first: `RULE:subject@first_us`."),
    ("rule", pa.string(), "Name of the rule."),
    ("severity", pa.string(), "high or medium."),
    ("subject", pa.string(), "Whose events these are: `u:` + user id, else `v:` + visitor id, else `s:` + session id."),
    ("first_us", pa.int64(), "First event at which the rule fired: µs since the epoch, UTC."),
    ("last_us", pa.int64(), "Last event at which the rule fired: µs since the epoch, UTC."),
    ("firings", pa.int64(), "Events at which the rule fired."),
    ("peak", pa.int64(), "Greatest figure of a firing: events, addresses, kilometres, or millionths of money."),
    ("revision", pa.int64(), "Grows with every newer state of this alert; readers see the newest."),
    ("deleted", pa.bool_(), "Tombstone: this id vanished, its firings belong to another alert now."),
)

ALERTS = pa.schema([pa.field(name, kind, nullable=False) for name, kind, _ in _COLUMNS])
DESCRIPTIONS = {name: says for name, _, says in _COLUMNS}
