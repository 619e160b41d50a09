"""Speaks HTTP to an application in this process, without a socket."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any, Self

import httpx
from starlette.types import ASGIApp


class Client:
    """One caller with one token; answers are httpx's."""

    def __init__(self, app: ASGIApp, token: str | None = None) -> None:
        self._runner = asyncio.Runner()
        self._http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app, raise_app_exceptions=False),
            base_url="http://footfall.test",
            headers={"Authorization": f"Bearer {token}"} if token else {},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._runner.run(self._http.aclose())
        self._runner.close()

    @property
    def cookies(self) -> dict[str, str]:
        """What the answers so far have set and not taken back."""
        return dict(self._http.cookies)

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """The answer to one request."""
        return self._runner.run(self._http.request(method, path, **options))

    def get(self, path: str, **parameters: object) -> httpx.Response:
        """The answer to `GET path?parameters`."""
        return self.ask("GET", path, params={name: str(value) for name, value in parameters.items()})

    def post(self, path: str, body: object = None, **parameters: object) -> httpx.Response:
        """The answer to `POST path?parameters` with a JSON body."""
        return self.ask("POST", path, json=body, params={name: str(value) for name, value in parameters.items()})
