"""`footfall serve`: the whole product on one port, until it is told to stop."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from footfall.cli.options import DATA, Data


def serve(
    data: Data = DATA,
    *,
    host: Annotated[str | None, typer.Option(help="Address to listen on [setting host: 127.0.0.1].")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port; 0 takes a free one [setting port: 8787].")
    ] = None,
    tls_cert: Annotated[
        str | None, typer.Option(metavar="FILE", help="Certificate in PEM; then HTTPS is spoken [setting tls_cert].")
    ] = None,
    tls_key: Annotated[
        str | None, typer.Option(metavar="FILE", help="The certificate's key in PEM [setting tls_key].")
    ] = None,
    collectors: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=64,
            help="Processes that take events in, beside the one that stores them [setting collectors: 0].",
        ),
    ] = None,
    log_level: Annotated[
        str | None, typer.Option(help="debug, info, warning or error [setting log_level: info].")
    ] = None,
) -> None:
    """Serve collection, API and live processing on one port.

    The data folder is made if needed; the first start makes an admin token and a write key, and shows them once.
    """
    from footfall.api.logs import configure
    from footfall.cli.server import run
    from footfall.settings import load

    tls = {
        name: str(Path(file).absolute()) if file else file
        for name, file in (("tls_cert", tls_cert), ("tls_key", tls_key))
    }
    settings = load(data, flags={"host": host, "port": port, "collectors": collectors, "log_level": log_level, **tls})
    configure(settings.log_level, settings.log_format)
    run(data, settings)
