"""The certificate that a server shows, or would: whether it can be used, how long it lasts, and whether it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from footfall.cli.doctor.finding import Check, Finding, fault, ok, warning
from footfall.cli.doctor.patient import Patient
from footfall.errors import BadRequest
from footfall.store.certificate import Certificate

_SOON: Final = timedelta(days=14)


def _certificate(patient: Patient) -> Iterator[Finding]:
    from footfall.node.terms import certificate_of

    try:
        found = certificate_of(patient.folder, patient.settings)
    except BadRequest as error:
        yield fault(error.detail, "give the files of a certificate and its key: tls_cert and tls_key in footfall.toml")
        return
    if found is None:
        return
    yield _lasting(found)
    shown = urlsplit(patient.server or "")
    if shown.fragment and shown.fragment != found.fingerprint:
        yield warning(
            f"the server still shows another certificate than {found.chain} holds",
            f"restart the server, which reads it then: footfall serve {patient.option}",
        )


def _lasting(found: Certificate) -> Finding:
    left = found.ends - datetime.now(UTC)
    said = f"{found.chain} {'ended' if left < timedelta(0) else 'ends'} on {found.ends:%Y-%m-%d %H:%M} UTC"
    renew = "renew it, and restart the server"
    if left < timedelta(0):
        return fault(f"{said}: clients refuse to connect", renew)
    return warning(f"{said}, in {left.days} days", renew) if left < _SOON else ok(said)


CHECKS = (Check("server", "certificate", "whether the certificate can be used, and until when", _certificate),)
