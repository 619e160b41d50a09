"""A small shop on a free port with the tracker on its pages, and the server that its events go to."""

from __future__ import annotations

import json
import subprocess
from http.server import BaseHTTPRequestHandler
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from tests.crash.server import FOOTFALL, Server, surroundings
from tests.loopback import Loopback, Quiet

PAGES = {
    "/": """<title>Tea</title><h1>Tea</h1>
        <a id="one" href="/product?ref=home&amp;secret=s3cret">Sencha, first flush</a>
        <a id="out" href="http://elsewhere.test/path?who=ada@b.example" onclick="event.preventDefault()">Our farm</a>
        <a id="file" href="/catalogue.pdf?for=ada@b.example" onclick="event.preventDefault()">Catalogue</a>
        <p data-footfall-ignore><button id="private">Dear Ada Lovelace</button></p>
        <form action="/search"><input name="q"><button id="search">Search</button></form>""",
    "/search": "<title>Found</title><p>Nothing</p>",
    "/product": """<title>Sencha</title><h1>Sencha</h1>
        <button id="cart" onclick="footfall.track('add_to_cart',
            {product_id: 'sencha', price: '12.90', quantity: 2, gift: true})">Add to cart</button>
        <button id="reviews" onclick="history.pushState({}, '', '/product/reviews'); document.title = 'Reviews'">
            Reviews</button>
        <div style="height: 3000px"></div><a id="next" href="/checkout">To the checkout</a>""",
    "/checkout": """<title>Checkout</title>
        <form id="order" name="checkout" onsubmit="event.preventDefault()">
        <input name="full_name"><input name="email" type="email"><input name="pw" type="password">
        <input name="note"><select name="country"><option>DE<option>FR</select>
        <button id="send">Order</button></form>""",
    "/broken": """<title>Broken</title><button id="break" onclick="gone.away()">Break</button>
        <canvas id="reel"></canvas><video id="film" title="How tea grows"></video>""",
    "/empty": "<title>Empty</title>",
}
"""{path: what stands on the page}; the values that forms are given must be found nowhere."""

COLUMNS = (
    *("event_id", "project_id", "name", "visitor_id", "user_id", "session_id", "page_path", "page_url", "referrer"),
    *("product_id", "price_micros", "quantity", "value", "utm_source", "properties", "context"),
)


class Steady(Server):
    """A server that comes back at the address that it had."""

    def launch(self) -> None:
        """Start it, and do not wait."""
        port = urlsplit(self.address).port or 0
        command = [*FOOTFALL, "serve", "--data", str(self.folder), "--port", str(port)]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(command, env=surroundings(self.environment), stdout=log, stderr=log)

    def new_key(self, project: str, origin: str) -> str:
        """A public key for pages of `origin`, to a project of their own."""
        self.post("/v1/projects", {"id": project})
        made = self.post(f"/v1/keys?project={project}", {"kind": "public", "origins": [origin]})
        return str(made["secret"])

    def told(self, project: str) -> list[dict[str, Any]]:
        """The events that are stored, in the order of their ids, which is that in which the browser made them.

        Their times are corrected by how long each request was under way, which may turn two of them round.
        """
        question = f"SELECT {', '.join(COLUMNS)} FROM events ORDER BY event_id"
        rows = self.post(f"/v1/sql?project={project}", {"sql": question})["rows"]
        events = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
        return [event | {"properties": json.loads(event["properties"] or "{}")} for event in events]


class Shop(Loopback):
    """The pages, each with `tag` in its head, and the tracker's files beside them as a page's own server has them."""

    def __init__(self) -> None:
        self.tag = ""
        self.headers: dict[str, str] = {}
        super().__init__(self._handler())

    def content(self, path: str) -> tuple[str, str | None]:
        """Type and text of what stands at `path`."""
        if path.startswith("/footfall"):
            return "text/javascript", files("footfall").joinpath("tracker", path[1:]).read_text()
        page = PAGES.get(path.removesuffix("/reviews"))
        return "text/html", page and f"<!doctype html><html><head>{self.tag}</head><body>{page}</body></html>"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        shop = self

        class Handler(Quiet, BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                kind, text = shop.content(urlsplit(self.path).path)
                content = (text or "").encode()
                self.send_response(404 if text is None else 200)
                said = {"Content-Type": f"{kind}; charset=utf-8", "Content-Length": str(len(content))}
                for name, value in (said | shop.headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

        return Handler
