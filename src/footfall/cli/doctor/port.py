"""The address that a server listens on, or would: free, ours, or somebody else's; and who can reach it."""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from footfall.cli.doctor.ask import is_footfall
from footfall.cli.doctor.finding import Check, Finding, fault, ok, warning
from footfall.cli.doctor.patient import Patient

_PROCESSES = Path("/proc")
_LISTENING = "0A"


class Holder(NamedTuple):
    """A process that listens on a port."""

    pid: int
    name: str


def _port(patient: Patient) -> Iterator[Finding]:
    settings = patient.settings
    if patient.server:
        yield ok(f"ours: the server of this folder listens at {patient.shown}")
        return
    if not settings.port:
        yield ok("0: a start takes any free port")
        return
    try:
        _bind(settings.host, settings.port)
    except OSError as error:
        yield _refused(error, settings.host, settings.port, patient)
    else:
        yield ok(f"{settings.host}:{settings.port} is free")


def _refused(error: OSError, host: str, port: int, patient: Patient) -> Finding:
    another = f"footfall serve {patient.option} --port {port + 1 if port < 65_535 else 0}"
    if error.errno == errno.EADDRINUSE:
        holder = listener(port)
        who = f"process {holder.pid} ({holder.name})" if holder else "another user's process"
        what = "a Footfall server of another folder" if is_footfall(_url(host, port)) else "another program"
        return fault(f"{host}:{port} is taken by {who}, {what}", f"stop it, or take another port: {another}")
    if error.errno == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
        return fault(f"{host} is no address of this machine", f"footfall serve {patient.option} --host 127.0.0.1")
    return fault(f"can't listen on {host}:{port}: {error.strerror}", another)


def _reach(patient: Patient) -> Iterator[Finding]:
    host = patient.in_force("host")
    if is_loopback(host):
        yield ok(f"only this machine reaches {host}")
        return
    is_https = patient.server.startswith("https:") if patient.server else patient.settings.tls_cert is not None
    if not is_https:
        yield warning(
            f"others reach {host}, and keys and tokens travel unencrypted",
            'tls_cert and tls_key in footfall.toml, or host = "127.0.0.1" and a proxy with TLS before it',
        )
    else:
        yield ok(f"others reach {host}, over TLS")
    if patient.in_force("metrics_open").lower() == "true":
        yield warning("/metrics answers everybody there, without a token", "metrics_open = false in footfall.toml")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that listens on `host`.

    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _bind(host: str, port: int) -> None:
    """As a server does at its start; raises OSError when the port can't be had."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as alone:
        alone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        alone.bind((host, port))


def _url(host: str, port: int) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - how this machine reaches it
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def listener(port: int) -> Holder | None:
    """Who listens on a port of this machine; None when the system does not say (another user's, or no Linux)."""
    sockets = {f"socket:[{inode}]" for inode in _inodes(port)}
    if not sockets:
        return None
    for process in _PROCESSES.glob("[0-9]*"):
        try:
            if any(str(handle.readlink()) in sockets for handle in (process / "fd").iterdir()):
                return Holder(int(process.name), (process / "comm").read_text().strip())
        except OSError:  # it has ended, or is not ours to look at
            continue
    return None


def _inodes(port: int) -> Iterator[str]:
    """Numbers of the sockets that listen on a port (https://docs.kernel.org/networking/proc_net_tcp.html)."""
    for table in ("tcp", "tcp6"):
        path = _PROCESSES / "net" / table
        for line in path.read_text().splitlines()[1:] if path.exists() else ():
            _, local, _, state, *_, inode = line.split()[:10]
            if state == _LISTENING and int(local.rpartition(":")[2], 16) == port:
                yield inode


CHECKS = (
    Check("server", "port", "whether the port is free, ours or another program's", _port),
    Check("server", "reach", "who can reach the address, and whether over TLS", _reach),
)
