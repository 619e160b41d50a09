"""Logging in: a browser's cookie stands for a token, until it ends, and only pages of this server can use it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from footfall.api.app import assemble
from footfall.store.access import Role
from footfall.store.secrets import digest
from footfall.store.store import Store
from tests.api.client import Client
from tests.api.fakes import FakeNode, fake_node

OWN = {"Origin": "http://footfall.test"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def node(tmp_path: Path) -> Iterator[FakeNode]:
    with fake_node(tmp_path) as made:
        yield made


@pytest.fixture
def browser(node: FakeNode) -> Iterator[Client]:
    """It keeps cookies as browsers do."""
    with Client(assemble(node)) as client:
        yield client


def log_in(browser: Client, token: str, next_: str = "/docs") -> None:
    answer = browser.ask("POST", "/login", headers=OWN, data={"token": token, "next": next_})
    assert (answer.status_code, answer.headers["location"]) == (303, next_)


def test_a_log_in_is_its_token(node: FakeNode, browser: Client) -> None:
    """A log-in may what its token may, and no more; out of it the browser is nobody again."""
    _, token = node.store.create_token("ann's", Role.READER)
    assert browser.get("/v1/me").status_code == 401
    log_in(browser, token)
    me = browser.get("/v1/me").json()
    assert me == {"name": "ann's", "role": "reader", "permissions": ["read"], "project": None}
    assert browser.get("/v1/projects").status_code == 200
    assert browser.get("/v1/keys").status_code == 403
    cookie = browser.cookies["footfall"]
    assert browser.ask("POST", "/logout", headers=OWN).headers["location"] == "/login"
    assert browser.cookies == {}
    assert browser.get("/v1/me").status_code == 401
    stolen = browser.ask("GET", "/v1/me", headers={"Cookie": f"footfall={cookie}"})
    assert stolen.status_code == 401, "the server must have forgotten it, too"


def test_the_cookie_is_out_of_reach(node: FakeNode, browser: Client) -> None:
    """No script reads it, no other site's form sends it, over TLS it stays there; the database holds its digest."""
    answer = browser.ask("POST", "/login", headers=OWN, data={"token": node.token})
    said = answer.headers["set-cookie"]
    assert "HttpOnly" in said
    assert "samesite=lax" in said.lower()
    assert "secure" not in said.lower()
    encrypted = browser.ask(
        "POST", "https://footfall.test/login", headers={"Origin": "https://footfall.test"}, data={"token": node.token}
    )
    assert "secure" in encrypted.headers["set-cookie"].lower()
    by_proxy = browser.ask("POST", "/login", headers={"Origin": "https://footfall.test"}, data={"token": node.token})
    assert "secure" in by_proxy.headers["set-cookie"].lower()
    secret = re.findall("footfall=([^;]+)", said)[0]
    stored = b"".join(path.read_bytes() for path in node.folder.rglob("control.db*"))
    assert secret.encode() not in stored
    assert digest(secret).encode() in stored


def test_a_log_in_ends_with_its_token(node: FakeNode, browser: Client) -> None:
    """A revoked token's log-ins are worth nothing at once."""
    made, token = node.store.create_token("t", Role.READER)
    log_in(browser, token)
    assert browser.get("/v1/me").status_code == 200
    node.store.revoke_token(made.id)
    assert browser.get("/v1/me").status_code == 401


def test_a_log_in_ends_with_its_time(node: FakeNode, browser: Client) -> None:
    """Whoever still has the cookie then is nobody, and the next log-in clears the old one away."""
    over = node.store.log_in(node.token, lasts_us=1)
    answer = browser.ask("GET", "/v1/me", headers={"Cookie": f"footfall={over}"})
    assert (answer.status_code, answer.json()["detail"]) == (401, "this log-in has ended: /login begins another")
    log_in(browser, node.token)
    assert over is not None
    assert digest(over) not in node.store.ring.logins


def test_a_log_in_outlives_the_server(node: FakeNode, browser: Client) -> None:
    """It is kept in the control database."""
    log_in(browser, node.token)
    again = Store.open(f"sqlite:///{node.folder / 'control.db'}")
    try:
        found = again.logged_in(browser.cookies["footfall"])
        assert found is not None
        assert found.role == Role.ADMIN
    finally:
        again.close()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://footfall.test.evil.example"},
        {"Origin": "http://footfall.test:8787"},
        {"Sec-Fetch-Site": "cross-site", **OWN},
        {"Sec-Fetch-Site": "same-site", **OWN},
        {"Sec-Fetch-Site": "none"},
    ],
    ids=str,
)
def test_other_sites_change_nothing(headers: dict[str, str], node: FakeNode, browser: Client) -> None:
    """What another site's page has the browser send is refused: changes, log-ins with its own token, log-outs."""
    log_in(browser, node.token)
    for path in ("/v1/tokens", "/v1/rebuild", "/logout"):
        answer = browser.ask("POST", path, headers=headers, json={"name": "planted", "role": "admin"})
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), path
    assert browser.ask("POST", "/login", headers=headers, data={"token": node.token}).status_code == 403
    assert browser.get("/v1/me").status_code == 200
    assert "planted" not in {token.name for token in node.store.tokens(None)}


def test_an_own_page_changes_things(node: FakeNode, browser: Client) -> None:
    """With or without the header that newer browsers send."""
    log_in(browser, node.token)
    for headers in (OWN, {"Sec-Fetch-Site": "same-origin"}):
        made = browser.ask("POST", "/v1/tokens", headers=headers, json={"name": "t", "role": "reader"})
        assert made.status_code == 201


def test_a_token_in_the_header_counts_before_a_cookie(node: FakeNode, browser: Client) -> None:
    """A program that has both is whom its token says, from wherever it asks; a bad token is not mended by a cookie."""
    log_in(browser, node.token)
    _, token = node.store.create_token("program", Role.READER)
    assert browser.ask("GET", "/v1/me", headers={"Authorization": f"Bearer {token}"}).json()["name"] == "program"
    assert browser.ask("GET", "/v1/me", headers={"Authorization": "Bearer fft_unknown"}).status_code == 401


def test_what_is_no_token_logs_nobody_in(node: FakeNode, browser: Client) -> None:
    """Unknown, revoked, absent, a write key, bytes of no text: the form comes back and says so; no cookie is set."""
    made, revoked = node.store.create_token("t", Role.READER)
    node.store.revoke_token(made.id)
    _, key = node.store.create_key("default", "server")
    for body in (b"", b"token=", b"token=fft_x", f"token={revoked}".encode(), f"token={key}".encode(), b"\xff=%ff&&"):
        answer = browser.ask("POST", "/login", headers=OWN | FORM, content=body)
        assert answer.status_code == 401
        assert 'role="alert"' in answer.text
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("wanted", ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "/a\r\nb: c"])
def test_a_link_to_the_form_leads_nowhere_else(wanted: str, node: FakeNode, browser: Client) -> None:
    """After the log-in the browser is on this server, whatever a link to the form wanted."""
    answer = browser.ask("POST", "/login", headers=OWN, data={"token": node.token, "next": wanted})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_the_form_holds_what_it_was_given_as_text(browser: Client) -> None:
    """Nothing that stands in the address becomes markup, and the page may load its own style alone."""
    answer = browser.get("/login", next='/"><script>alert(1)</script>')
    assert answer.status_code == 200
    assert "<script" not in answer.text
    assert "default-src 'none'; style-src 'self'; form-action 'self'" in answer.headers["content-security-policy"]
    assert browser.get("/login.css").headers["content-type"].startswith("text/css")
