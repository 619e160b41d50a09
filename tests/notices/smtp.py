"""A real SMTP server on loopback that takes e-mail as it is told to: plain, STARTTLS or TLS, after a log-in or not."""

from __future__ import annotations

import base64
import email
import email.policy
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Literal, NamedTuple, cast

PATIENCE_SECONDS = 60.0


class Taken(NamedTuple):
    """One e-mail that was acknowledged."""

    sender: str
    to: str
    mail: EmailMessage

    def part(self, subtype: str) -> str:
        """The text of its plain or HTML part."""
        found = self.mail.get_body((subtype,))
        assert found is not None
        return cast("str", found.get_content())


class Mailbox:
    """The server; `answer` says the reply to each whole e-mail, to a recipient `refused` says it."""

    def __init__(
        self, tls: Literal["starttls", "tls", "none"], context: ssl.SSLContext | None, login: str | None
    ) -> None:
        """`login` is `user password`; without one everybody may send."""
        self.tls = tls
        self.context = context
        self.login = login
        self.taken: list[Taken] = []
        self.asked = 0
        """How many e-mails were sent whole, taken or not."""
        self.answer: Callable[[], str] = lambda: "250 taken"
        self.refused: Callable[[str], str | None] = lambda _: None
        self.changed = threading.Condition()
        mailbox = self

        class Handler(_Conversation):
            box = mailbox

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def settings(self) -> dict[str, str | int]:
        """What a server of Footfall is told to send by it."""
        given: dict[str, str | int] = {"smtp_host": "127.0.0.1", "smtp_port": self.port, "smtp_tls": self.tls}
        if self.login is not None:
            given["smtp_user"], given["smtp_password"] = self.login.split(" ")
        return given | {"mail_from": "footfall@example.com"}

    def wait(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds of what has come."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        with self.changed:
            while not holds():
                left = deadline - time.monotonic()
                assert left > 0, f"in vain; {self.asked} e-mails came, {len(self.taken)} were taken"
                self.changed.wait(min(left, 0.2))

    def take(self, sender: str, to: str, content: bytes) -> str:
        """The reply to a whole e-mail."""
        mail = email.message_from_bytes(content, policy=email.policy.default)
        with self.changed:
            self.asked += 1
        answer = self.answer()
        with self.changed:
            if answer.startswith("2"):
                self.taken.append(Taken(sender, to, mail))
            self.changed.notify_all()
        return answer

    def close(self) -> None:
        """Be gone: connections are refused from now on."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Conversation(socketserver.StreamRequestHandler):
    """As much of RFC 5321, 3207 and 4954 as a client that sends needs."""

    box: Mailbox

    def handle(self) -> None:
        try:
            if self.box.tls == "tls":
                self._encrypt()
            self._converse()
        except (OSError, ssl.SSLError):
            return  # the client is gone, or does not believe the certificate

    def finish(self) -> None:
        super().finish()
        self.request.close()  # which may be another one than the server made

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())
        self.wfile.flush()

    def _encrypt(self) -> None:
        assert self.box.context is not None
        self.request = self.box.context.wrap_socket(self.request, server_side=True)
        self.setup()

    def _converse(self) -> None:
        self._say("220 ready")
        is_safe, is_known = self.box.tls != "starttls", self.box.login is None
        sender = to = ""
        while line := self.rfile.readline().decode().strip():
            verb, _, rest = line.partition(" ")
            match verb.upper():
                case "EHLO":
                    offers = [
                        *([] if is_safe else ["STARTTLS"]),
                        *(["AUTH PLAIN"] if self.box.login else []),
                        "8BITMIME",
                    ]
                    self._say("250-mailbox")
                    for offer in offers[:-1]:
                        self._say(f"250-{offer}")
                    self._say(f"250 {offers[-1]}")
                case "STARTTLS":
                    self._say("220 go on")
                    self._encrypt()
                    is_safe = True
                case "AUTH":
                    _, user, password = base64.b64decode(rest.partition(" ")[2]).decode().split("\0")
                    is_known = is_safe and f"{user} {password}" == self.box.login
                    self._say("235 welcome" if is_known else "535 wrong user or password")
                case "MAIL" if is_safe and is_known:
                    sender = rest[rest.index("<") + 1 : rest.index(">")]
                    self._say("250 fine")
                case "RCPT":
                    to = rest[rest.index("<") + 1 : rest.index(">")]
                    self._say(self.box.refused(to) or "250 fine")
                case "DATA":
                    self._say("354 go on")
                    self._say(self.box.take(sender, to, self._content()))
                case "QUIT":
                    self._say("221 bye")
                    return
                case "RSET" | "NOOP":
                    self._say("250 fine")
                case _:
                    self._say("530 encrypt and log in first")

    def _content(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line[1:] if line.startswith(b"..") else line)
        return b"".join(lines)


@contextmanager
def mailbox(
    tls: Literal["starttls", "tls", "none"] = "none", *, context: ssl.SSLContext | None = None, login: str | None = None
) -> Iterator[Mailbox]:
    """A mailbox on a free port."""
    made = Mailbox(tls, context, login)
    try:
        yield made
    finally:
        made.close()


def serving_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """What a server shows who connects over TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
