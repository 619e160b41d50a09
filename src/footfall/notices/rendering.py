"""A message as HTML for mail programs, as plain text, and as JSON for programs. Every text from outside is escaped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Final

import msgspec

from footfall.notices.models import Message, Section

_BODY: Final = "margin:0;padding:24px;font:15px/1.5 -apple-system,'Segoe UI',Roboto,sans-serif"
_TABLE: Final = "border-collapse:collapse;margin:8px 0 24px;font-size:14px"
_NAME: Final = "text-align:left;padding:4px 24px 4px 0;border-bottom:1px solid #ccc"
_NUMBER: Final = (
    "text-align:right;padding:4px 0 4px 24px;border-bottom:1px solid #ccc;font-variant-numeric:tabular-nums"
)


def html(message: Message, public_url: str | None) -> str:
    """The message for people whose mail program shows HTML; nothing in it is fetched from anywhere."""
    lead = "".join(f"<p>{escape(line)}</p>" for line in message.lead)
    sections = "".join(_html_section(section) for section in message.sections)
    address = link(message, public_url)
    more = "" if address is None else f'<p><a href="{escape(address)}">Open in Footfall</a></p>'
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        f"<title>{escape(message.subject)}</title></head>"
        f'<body style="{_BODY}"><h1 style="font-size:20px">{escape(message.subject)}</h1>'
        f"{lead}{sections}{more}</body></html>\n"
    )


def plain(message: Message, public_url: str | None) -> str:
    """The same as text."""
    address = link(message, public_url)
    parts = [message.subject, *message.lead, *(_plain_section(section) for section in message.sections)]
    return "\n\n".join(_harmless(part) for part in [*parts, *([] if address is None else [address])]) + "\n"


def body(message: Message, stated: Mapping[str, object], public_url: str | None) -> bytes:
    """The same as JSON for a webhook, behind what is `stated` of the notice."""
    told = {"project": message.project, "subject": message.subject, "text": message.lead, "sections": message.sections}
    return msgspec.json.encode({**stated, **told, "link": link(message, public_url)})


def link(message: Message, public_url: str | None) -> str | None:
    """Where people see more; None where nobody said how they reach this server."""
    return None if public_url is None else public_url.rstrip("/") + message.path


def _html_section(section: Section) -> str:
    head = f'<h2 style="font-size:16px;margin:24px 0 0">{escape(section.title)}</h2><p>{escape(section.finding)}</p>'
    if not section.rows:
        return head
    names = "".join(
        f'<th scope="col" style="{_style(at)}">{escape(name)}</th>' for at, name in enumerate(section.columns)
    )
    rows = "".join(
        "<tr>" + "".join(f'<td style="{_style(at)}">{escape(text)}</td>' for at, text in enumerate(row)) + "</tr>"
        for row in section.rows
    )
    return f'{head}<table style="{_TABLE}"><thead><tr>{names}</tr></thead><tbody>{rows}</tbody></table>'


def _style(place: int) -> str:
    return _NUMBER if place else _NAME


def _plain_section(section: Section) -> str:
    return "\n".join([section.title, section.finding, *_plain_table(section)])


def _plain_table(section: Section) -> Iterator[str]:
    if not section.rows:
        return
    rows = [section.columns, *section.rows]
    widths = [max(len(row[place]) for row in rows) for place in range(len(section.columns))]
    for row in rows:
        cells = [
            text.rjust(width) if at else text.ljust(width)
            for at, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  " + "  ".join(cells).rstrip()


def _harmless(text: str) -> str:
    """Without what is no letter, but for ends of lines."""
    return "".join(letter for letter in text if letter.isprintable() or letter == "\n")
