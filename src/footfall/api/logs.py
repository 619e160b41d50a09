"""Log lines: for people or as JSON, each with the id of the request it belongs to; no secrets, no personal data."""

from __future__ import annotations

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TextIO

REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request that is being answered in this context; `X-Request-Id` carries it in and out."""

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


def configure(level: str, form: str, stream: TextIO | None = None) -> None:
    """Send all log lines from `level` (debug, info, …) up to `stream` (standard error), as `console` or `json`.

    What was configured before is replaced.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else ConsoleLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for chatty in ("alembic", "httpx", "sqlalchemy"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))


class ConsoleLines(logging.Formatter):
    """`12:30:01.250 INFO  footfall.api.edge  answered  method=GET status=200`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line; a traceback follows on lines of its own."""
        time = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S.%f")[:-3]
        facts = "".join(f"  {name}={value}" for name, value in _facts(record).items())
        line = f"{time} {record.levelname:<7} {record.name}  {_one_line(record.getMessage())}{_one_line(facts)}"
        return line + (f"\n{self.formatException(record.exc_info)}" if record.exc_info else "")


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, the request's id, and whatever `extra` gave."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, whatever the message holds."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_facts(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


def _facts(record: logging.LogRecord) -> dict[str, object]:
    request_id = REQUEST_ID.get()
    given = {name: value for name, value in vars(record).items() if name not in _STANDARD}
    return given | ({"request_id": request_id} if request_id else {})


def _one_line(text: str) -> str:
    """`text` with line breaks and control characters written out, so that nobody can forge a log line."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
