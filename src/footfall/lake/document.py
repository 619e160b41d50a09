"""`docs/tables.md`, written from the layouts: `python -m footfall.lake.document > docs/tables.md`."""

from __future__ import annotations

import sys

import pyarrow as pa

from footfall.lake.layout import LAYOUTS, Layout

_INTRODUCTION = """\
# Tables

Written from the code by `python -m footfall.lake.document > docs/tables.md`; a test fails when it is stale.

What `footfall sql` and `POST /v1/sql` can read, and what lies in the data folder's `lake`, a Delta table each, by
project and UTC day. A question is one SELECT in DuckDB's SQL, over one project.

```bash
footfall sql "SELECT visitor_class, sum(total_amount_micros) / 1e6 AS revenue FROM sessions GROUP BY visitor_class"
footfall sql "SELECT make_timestamp(first_us) AS first, rule, subject FROM alerts ORDER BY first_us DESC LIMIT 5"
```

* **Times** end in `_us`, or are `session_start` and `session_end`: whole microseconds since 1970, UTC.
* **Money** ends in `_micros`: whole millionths of the currency's unit, so that sums are exact.
* **Sessions and alerts** change. Their files hold every state; SQL sees the newest of each, and none that was deleted.
  Who reads the files takes, of each id, the row of the highest `revision`, unless it is `deleted`.
"""
_TYPES = {
    pa.string(): "text",
    pa.int64(): "whole number",
    pa.float64(): "number",
    pa.bool_(): "true or false",
    pa.list_(pa.string()): "list of texts",
}


def markdown() -> str:
    """The whole page."""
    return "\n".join([_INTRODUCTION, *map(_section, LAYOUTS.values())])


def _section(layout: Layout) -> str:
    rows = "\n".join(
        f"| `{column.name}` | {_TYPES[column.type]}{', or null' if column.nullable else ''} "
        f"| {layout.descriptions[column.name]} |"
        for column in layout.schema
    )
    return f"## {layout.name}\n\n{layout.says}\n\n| column | type | meaning |\n|---|---|---|\n{rows}\n"


if __name__ == "__main__":
    sys.stdout.write(markdown())
