"""A connection to the server of a data folder, which over TLS is known by the certificate that it has announced."""

from __future__ import annotations

import http.client
import ssl
from urllib.parse import urlsplit

from footfall.store.certificate import fingerprint


def connection(address: str, *, timeout: float | None = None) -> http.client.HTTPConnection:
    """To the server at the URL `address`, as `node.lock.Owner` has it; nothing is sent yet."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    if parts.scheme == "https":
        return _Announced(host, parts.port, timeout=timeout, announced=parts.fragment)
    return http.client.HTTPConnection(host, parts.port, timeout=timeout)


class _Announced(http.client.HTTPSConnection):
    """Believes in one certificate, whatever names it has and whoever signed it: the folder's own.

    So commands work by the loopback address, with a certificate that the operator made, and with one that has ended.
    """

    def __init__(self, host: str, port: int | None, *, timeout: float | None, announced: str) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # compared below, before anything is sent
        super().__init__(host, port, timeout=timeout, context=context)
        self._announced = announced

    def connect(self) -> None:
        super().connect()
        assert isinstance(self.sock, ssl.SSLSocket)
        if fingerprint(self.sock.getpeercert(binary_form=True) or b"") != self._announced:
            self.close()
            raise ConnectionError("what answers there shows another certificate than the server has announced")
