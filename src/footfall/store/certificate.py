"""The certificate that a server shows: its files, checked before anybody is served, and how commands know it again."""

from __future__ import annotations

import hashlib
import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from footfall.errors import BadRequest
from footfall.store.data_keys import closed_file


class Certificate(NamedTuple):
    """Files in PEM, and what the first certificate in them says."""

    chain: Path
    key: Path
    fingerprint: str
    """SHA-256 of its DER, in hex."""
    ends: datetime
    """Until when clients believe it."""


def read_certificate(chain: Path | None, key: Path | None) -> Certificate | None:
    """What the settings `tls_cert` and `tls_key` name; None when they name nothing.

    Raises `errors.BadRequest` for one without the other, files that are none, do not belong together or want a
    password, and a key that everybody can read.
    """
    if chain is None and key is None:
        return None
    if chain is None or key is None:
        raise BadRequest("tls_cert and tls_key belong together: give both, or neither")
    closed_file(key, "tls_key")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(chain, key, password=_no_password)
    except ssl.SSLError as error:
        why = "the key is not that of the certificate" if "MISMATCH" in str(error) else f"no PEM ({error.reason})"
        raise BadRequest(f"tls_cert ({chain}) and tls_key ({key}) can't be used: {why}") from None
    except OSError as error:
        raise BadRequest(f"tls_cert ({chain}) can't be read: {error.strerror}") from None
    return Certificate(chain, key, *_told(chain))


def fingerprint(der: bytes) -> str:
    """By which a certificate is known again."""
    return hashlib.sha256(der).hexdigest()


def _told(chain: Path) -> tuple[str, datetime]:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    first = x509.load_pem_x509_certificates(chain.read_bytes())[0]
    return fingerprint(first.public_bytes(Encoding.DER)), first.not_valid_after_utc.astimezone(UTC)


def _no_password() -> str:
    raise BadRequest("tls_key wants a password: give a key without one, and keep its file to yourself")
