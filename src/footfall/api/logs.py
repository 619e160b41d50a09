"""Log lines: for people or as JSON, each with the id of the request it belongs to; no secrets, no personal data."""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
from contextlib import suppress
from datetime import UTC, datetime
from typing import TextIO

from footfall.api.tracebacks import said, told
from footfall.collect.request_id import REQUEST_ID

OWN = "footfall"
"""The logger above all of Footfall's own."""
_LOG = logging.getLogger(__name__)
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_PLAIN = re.compile(r"""[^\s="\\]+""")
_QUOTING = re.compile(r"""[\n(<\[{'"`]""")


def configure(level: str, form: str, stream: TextIO | None = None) -> None:
    """Send all log lines from `level` (debug, info, …) up to `stream` (standard error), as `console` or `json`.

    Of libraries only warnings and errors are told; Python's own warnings, and errors that end a thread or are raised
    where nobody can catch them, become lines too. What was configured before is replaced.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else ConsoleLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    own = logging.getLogger(OWN)
    own.setLevel(level.upper())
    root.setLevel(max(logging.WARNING, own.level))
    logging.captureWarnings(capture=True)
    threading.excepthook = _thread_died
    sys.unraisablehook = _unraisable


class ConsoleLines(logging.Formatter):
    """`2026-11-21T12:30:01.250Z INFO    footfall.api.edge  answered  method=GET status=200`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line; a traceback follows on indented lines of its own."""
        facts = "".join(f"  {name}={_fact(value)}" for name, value in _facts(record).items())
        lines = [f"{_time(record)} {record.levelname:<7} {record.name}  {_one_line(_message(record))}{facts}"]
        if error := _error(record):
            lines += [f"    {_one_line(line)}" for line in told(error)]
        return "\n".join(lines)


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, the request's id, and whatever `extra` gave."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of ASCII, whatever the message holds."""
        line: dict[str, object] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
            **_facts(record),
        }
        if error := _error(record):
            line["exception"] = "\n".join(told(error))
        return json.dumps(line, default=str)


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _is_own(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] == OWN


def _message(record: logging.LogRecord) -> str:
    """The message; of a library's only the words before anything that it quotes, which may be a visitor's."""
    message, args = str(record.msg), record.args
    if isinstance(args, tuple):
        args = tuple(said(value) if isinstance(value, BaseException) else value for value in args)
    with suppress(KeyError, TypeError, ValueError):  # they don't fit: a line without them is better than none
        message = message % args if args else message
    return message if _is_own(record) else _QUOTING.split(message, maxsplit=1)[0].strip()


def _facts(record: logging.LogRecord) -> dict[str, object]:
    request_id = REQUEST_ID.get()
    given = {name: value for name, value in vars(record).items() if name not in _STANDARD} if _is_own(record) else {}
    return given | ({"request_id": request_id} if request_id else {})


def _error(record: logging.LogRecord) -> BaseException | None:
    return record.exc_info[1] if record.exc_info else None


def _fact(value: object) -> str:
    """A value as a console line gives it: quoted where it could be taken for more than one."""
    text = ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    return text if _PLAIN.fullmatch(text) and text.isprintable() else json.dumps(text)


def _one_line(text: str) -> str:
    """`text` with line breaks and control characters written out, so that nobody can forge a log line."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def _thread_died(failure: threading.ExceptHookArgs) -> None:
    if failure.exc_value is not None and not isinstance(failure.exc_value, SystemExit):
        _LOG.error("a thread has died", exc_info=failure.exc_value)


def _unraisable(failure: sys.UnraisableHookArgs) -> None:
    _LOG.error("an error was raised where nothing can catch it", exc_info=failure.exc_value)
