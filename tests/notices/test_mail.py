"""E-mail over real connections: encrypted and logged in as the settings say, and nothing hidden in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest
from msgspec import structs

from footfall.notices.mail import NotSent, composed, fault, send
from footfall.notices.models import Message, Section
from footfall.settings import Settings
from tests.cli.certificates import write_certificate
from tests.notices.smtp import mailbox, serving_context

LOGIN = "footfall correct-horse"
EVIL = "<script>alert(1)</script>\r\nBcc: eve@example.com"
MESSAGE = Message(
    subject=f"Sales {EVIL}",
    lead=("Ten.",),
    sections=(Section(title=EVIL, finding="a < b", columns=("a", "b"), rows=(("<img src=x>", "1"),)),),
    path='/reports?project="><script>',
    project="default",
)


def settings(**given: Any) -> Settings:
    return structs.replace(Settings(), public_url="https://footfall.example.com/", **given)


def post(given: Settings, to: str = "ann@example.com") -> None:
    send(composed(MESSAGE, given, to, delivery_id="dlv_1", seconds=1_700_000_000), given)


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_mail_goes_encrypted_and_logged_in(
    tls: Literal["starttls", "tls"], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a certificate that is believed and the right password it is taken; with another of either it is not."""
    certificate, key = write_certificate(tmp_path)
    with mailbox(tls, context=serving_context(certificate, key), login=LOGIN) as box:
        given = settings(**box.settings())
        with pytest.raises(NotSent, match="CERTIFICATE_VERIFY_FAILED"):
            post(given)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with pytest.raises(NotSent, match="535") as refused:
            post(structs.replace(given, smtp_password="wrong-horse"))
        assert not refused.value.final
        assert "horse" not in str(refused.value)
        assert box.asked == 0
        post(given)
    assert [taken.to for taken in box.taken] == ["ann@example.com"]


def test_a_server_without_starttls_gets_nothing() -> None:
    """Where the settings ask for encryption there is no mail, and no password, without it."""
    with mailbox("none", login=LOGIN) as box, pytest.raises(NotSent):
        post(settings(**{**box.settings(), "smtp_tls": "starttls"}))
    assert box.asked == 0


@pytest.mark.parametrize(("answer", "final"), [("550 no such mailbox", True), ("450 later", False)], ids=str)
def test_a_refusal_says_whether_it_is_for_ever(answer: str, final: bool) -> None:
    """Of a recipient, and of the whole e-mail."""
    with mailbox() as box:
        box.refused = lambda _: answer
        with pytest.raises(NotSent, match=answer) as refused:
            post(settings(**box.settings()))
        assert refused.value.final is final
        box.refused, box.answer = lambda _: None, lambda: answer
        with pytest.raises(NotSent, match=answer) as refused:
            post(settings(**box.settings()))
        assert refused.value.final is final
        assert box.taken == []


def test_nothing_is_hidden_in_a_mail() -> None:
    """One subject, one recipient, text and HTML of the same; every text from outside is text in both."""
    with mailbox() as box:
        post(settings(**box.settings()))
        (taken,) = box.taken
    mail = taken.mail
    assert mail["Subject"] == "Sales <script>alert(1)</script> Bcc: eve@example.com"
    assert (mail["Bcc"], mail["To"], mail["Message-ID"]) == (None, "ann@example.com", "<dlv_1@example.com>")
    html, plain = taken.part("html"), taken.part("plain")
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;img src=x&gt;" in html
    assert "<img src=x>" in plain
    assert "https://footfall.example.com/reports?project=" in plain


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "smtp_host"),
        ({"smtp_host": "mail.example.com"}, "mail_from"),
        ({"smtp_host": "mail.example.com", "mail_from": "nobody"}, "mail_from is no address"),
        ({"smtp_host": "m.example.com", "mail_from": "a@example.com", "smtp_user": "u"}, "go together"),
        (
            {
                "smtp_host": "m.example.com",
                "mail_from": "a@example.com",
                "smtp_user": "u",
                "smtp_password": "p",
                "smtp_tls": "none",
            },
            "starttls or tls",
        ),
    ],
    ids=["nothing", "sender", "address", "password", "plain"],
)
def test_settings_that_can_not_send_are_named(given: dict[str, Any], says: str) -> None:
    """With what is missing or wrong."""
    assert says in (fault(structs.replace(Settings(), **given)) or "")
