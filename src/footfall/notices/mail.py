"""E-mail by SMTP: one message to one address, and whether the server took it.

Source: RFC 5321 (what an answer's code means), RFC 3834 (mail that machines write).
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from typing import Final

from footfall.errors import BadRequest
from footfall.notices.models import Message, checked_emails
from footfall.notices.rendering import html, plain
from footfall.settings import Settings

_SECONDS: Final = 20.0
_SUBJECT_LETTERS: Final = 200
_UNFOLDED: Final = SMTP.clone(max_line_length=_SUBJECT_LETTERS + 50)
"""Python folds a long subject before its first word, which some programs show as a blank."""
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


class NotSent(Exception):
    """An e-mail that was not taken; `final` when it never will be."""

    def __init__(self, reason: str, *, final: bool = False) -> None:
        super().__init__(reason)
        self.final = final


def fault(settings: Settings) -> str | None:
    """Why no e-mail can be sent with these settings; None when it can."""
    if settings.smtp_host is None or settings.mail_from is None:
        return "no e-mail can be sent: set smtp_host and mail_from, and smtp_user and smtp_password where it wants them"
    try:
        checked_emails((settings.mail_from,))
    except BadRequest:
        return "no e-mail can be sent: mail_from is no address; one is like footfall@example.com"
    if (settings.smtp_user is None) != (settings.smtp_password is None):
        return "no e-mail can be sent: smtp_user and smtp_password go together"
    if settings.smtp_user is not None and settings.smtp_tls == "none" and settings.smtp_host not in _LOOPBACK:
        return "no e-mail can be sent: smtp_tls = none would show smtp_password to the network; use starttls or tls"
    return None


def composed(message: Message, settings: Settings, to: str, *, delivery_id: str, seconds: float) -> EmailMessage:
    """The message as HTML with a plain twin. `delivery_id` makes its Message-ID, by which a repetition is known."""
    sender = settings.mail_from or ""
    subject = one_line(message.subject)
    mail = EmailMessage(policy=_UNFOLDED if subject.isascii() else SMTP)
    mail["From"] = f"Footfall <{sender}>"
    mail["To"] = to
    mail["Subject"] = subject
    mail["Date"] = formatdate(seconds)
    mail["Message-ID"] = f"<{delivery_id}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(plain(message, settings.public_url), cte="quoted-printable")
    mail.add_alternative(html(message, settings.public_url), subtype="html", cte="quoted-printable")
    return mail


def send(mail: EmailMessage, settings: Settings) -> None:
    """Hand it to the server, which has acknowledged it when this returns. Raises `NotSent`."""
    if trouble := fault(settings):
        raise NotSent(trouble)
    try:
        server = _connected(settings)
    except (smtplib.SMTPException, OSError) as error:
        raise NotSent(_told(error)) from None
    try:
        server.send_message(mail)
    except smtplib.SMTPRecipientsRefused as error:
        ((code, answer),) = error.recipients.values()
        raise NotSent(f"the server answered {code} {_text(answer)}", final=code >= 500) from None
    except smtplib.SMTPDataError as error:
        raise NotSent(_told(error), final=error.smtp_code >= 500) from None
    except (smtplib.SMTPException, OSError) as error:
        raise NotSent(_told(error)) from None
    finally:
        with suppress(smtplib.SMTPException, OSError):  # what it has taken, it has taken
            server.quit()
        server.close()


def one_line(text: str) -> str:
    r"""`text` as a header may hold it: on one line, without what does not print, not too long.

    >>> one_line("Sales\r\nBcc: eve@example.com")
    'Sales Bcc: eve@example.com'
    """
    words = " ".join(text.split())
    return "".join(letter for letter in words if letter.isprintable())[:_SUBJECT_LETTERS]


def _connected(settings: Settings) -> smtplib.SMTP:
    """A connection that is encrypted and logged in as the settings say."""
    host, port = settings.smtp_host or "", settings.smtp_port
    own = (settings.mail_from or "").rpartition("@")[2]  # never this machine's name
    if settings.smtp_tls == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, port, local_hostname=own, timeout=_SECONDS, context=ssl.create_default_context()
        )
    else:
        server = smtplib.SMTP(host, port, local_hostname=own, timeout=_SECONDS)
    try:
        if settings.smtp_tls == "starttls":
            server.starttls(context=ssl.create_default_context())
        if settings.smtp_user is not None and settings.smtp_password is not None:
            server.login(settings.smtp_user, settings.smtp_password)
    except BaseException:
        server.close()
        raise
    return server


def _told(error: Exception) -> str:
    """What went wrong, in the server's words where it said any."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"the server answered {error.smtp_code} {_text(error.smtp_error)}"
    if isinstance(error, socket.gaierror):
        return "the server's name is not known"
    return one_line(f"{type(error).__name__}: {error}")


def _text(answer: bytes | str) -> str:
    return one_line(answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer)
