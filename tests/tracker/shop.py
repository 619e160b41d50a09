"""A small shop on a free port with the tracker on its pages, and the server that its events go to."""

from __future__ import annotations

import json
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from tests.crash.server import FOOTFALL, Server, surroundings

PAGES = {
    "/": """<title>Tea</title><h1>Tea</h1>
        <a id="one" href="/product?ref=home&amp;secret=s3cret">Sencha, first flush</a>
        <a id="out" href="http://elsewhere.test/path?who=ada@b.example" onclick="event.preventDefault()">Our farm</a>
        <a id="file" href="/catalogue.pdf?for=ada@b.example" onclick="event.preventDefault()">Catalogue</a>
        <form action="/search"><input name="q"><button>Search</button></form>""",
    "/product": """<title>Sencha</title><h1>Sencha</h1>
        <button id="cart" onclick="footfall.track('add_to_cart',
            {product_id: 'sencha', price: '12.90', quantity: 2, gift: true})">Add to cart</button>
        <button id="reviews" onclick="history.pushState({}, '', '/product/reviews'); document.title = 'Reviews'">
            Reviews</button>
        <div style="height: 3000px"></div><a id="next" href="/checkout">To the checkout</a>""",
    "/checkout": """<title>Checkout</title>
        <form id="order" name="checkout" onsubmit="event.preventDefault()">
        <input name="full_name"><input name="email" type="email"><input name="pw" type="password">
        <input name="card_note"><select name="country"><option>DE<option>FR</select><button>Order</button></form>""",
    "/search": "<title>Found</title><p>Nothing</p>",
    "/thanks": "<title>Thanks</title><p>Thank you</p>",
    "/empty": "<title>Empty</title>",
}


COLUMNS = (
    *("event_id", "project_id", "name", "visitor_id", "user_id", "session_id", "page_path", "page_url", "referrer"),
    *("product_id", "price_micros", "quantity", "value", "properties"),
)


class Steady(Server):
    """A server that comes back at the address that it had."""

    def launch(self) -> None:
        """Start it, and do not wait."""
        port = urlsplit(self.address).port or 0
        command = [*FOOTFALL, "serve", "--data", str(self.folder), "--port", str(port)]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(command, env=surroundings(self.environment), stdout=log, stderr=log)

    def new_key(self, origin: str) -> str:
        """A public key for pages of `origin`."""
        made = self.post("/v1/keys", {"kind": "public", "origins": [origin]})
        return str(made["secret"])

    def told(self) -> list[dict[str, Any]]:
        """The events that are stored, in the order in which they happened; their properties as an object."""
        rows = self.sql(f"SELECT {', '.join(COLUMNS)} FROM events ORDER BY ts_us, event_id")
        events = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
        return [event | {"properties": json.loads(event["properties"] or "{}")} for event in events]


class Shop:
    """The pages, each with `tag` in its head."""

    def __init__(self) -> None:
        self.tag = ""
        self.headers: dict[str, str] = {}
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                page = PAGES.get(urlsplit(self.path).path.removesuffix("/reviews"))
                content = f"<!doctype html><html><head>{shop.tag}</head><body>{page}</body></html>".encode()
                self.send_response(404 if page is None else 200)
                headers = {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(content))}
                for name, value in (headers | shop.headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *said: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Answer nothing any more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
