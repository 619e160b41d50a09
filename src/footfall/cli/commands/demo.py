"""`footfall demo`: a made-up shop served, imported and played live, to see classes change."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from footfall.cli.client import Client, Socket, listening_at, token_of
from footfall.cli.show import Column, as_count, console, show_facts, show_table
from footfall.errors import Unavailable

if TYPE_CHECKING:
    from footfall.cli.demo.player import Player

LOG: Final = Path(__file__).parent.parent / "demo" / "shop.csv"
MAPPED: Final = (
    "time=timestamp,event=name,visitor=visitor_id,user=user_id,page=page_path,product=product_id,"
    "category=product_category,order=order_id"
)
_START_SECONDS: Final = 30.0
_LOOK_SECONDS: Final = 0.5
_LOOKED_AT: Final = 200
"""Sessions whose class is compared, those that ended last."""
_TOLD: Final = 2
"""Changes told at each look, where there is no terminal to draw on."""
_CLASSES: Final = [
    Column("icon", ""),
    Column("visitor_class", "class"),
    Column("total_sessions", "sessions", as_count),
    Column("total_purchases", "purchases", as_count),
]


def demo(
    seconds: Annotated[
        float | None, typer.Option(min=1, help="End after so long with a table; else Ctrl-C ends it.")
    ] = None,
    data: Annotated[Path | None, typer.Option("--data", help="A folder to keep; without it a temporary one.")] = None,
) -> None:
    """Show it all at work: a made-up shop, its log imported, its visitors played live over HTTP.

    Hours of the visitors pass in seconds. Exits with 1 when not everything that was sent has been stored.
    """
    from footfall.cli.demo.player import Player

    with ExitStack() as stack:
        folder = data or Path(stack.enter_context(TemporaryDirectory(prefix="footfall-demo-")))
        url = stack.enter_context(_server(folder))
        socket = Socket(url)
        stack.callback(socket.close)
        client = Client(socket, token_of(folder), None, url)
        _import_log(client)
        player = Player(url, (folder / "write-key").read_text().strip(), f"d{token_hex(3)}")
        player.start()
        try:
            _watch(client, player, url, seconds)
        except KeyboardInterrupt:
            console().print()
        finally:
            player.stop()
        _conclude(client, player)


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    """The URL of a server on `folder`: the one that is there, or one of its own on a free port, until the end."""
    if (running := listening_at(folder)) is not None:
        yield running
        return
    command = [
        sys.executable,
        "-m",
        "footfall",
        "serve",
        "--data",
        str(folder),
        "--port",
        "0",
        "--log-level",
        "warning",
    ]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)  # noqa: S603 - its own command
    try:
        yield _address(folder, server)
    finally:
        server.terminate()
        server.wait()


def _address(folder: Path, server: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        if (address := listening_at(folder)) is not None:
            return address
        time.sleep(0.05)
    raise Unavailable(f"the server did not start; `footfall serve --data {folder}` says why")


def _import_log(client: Client) -> None:
    from footfall.imports import column_map, send

    outcome = send(client, LOG, column_map(None, [MAPPED], []))
    console().print(
        f"imported {outcome.read:,} events of a made-up shop log ({outcome.sessions:,} sessions)", markup=False
    )


def _watch(client: Client, player: Player, url: str, seconds: float | None) -> None:
    """Show what happens until `seconds` have passed."""
    from rich.live import Live

    from footfall.cli.demo.screen import Changes, screen

    out = console()
    if not out.is_terminal:
        out.print(f"playing visitors live; API and docs: {url}/docs", markup=False, soft_wrap=True)
    changes = Changes()
    begun = time.monotonic()
    with Live(console=out, auto_refresh=False) as live:
        while seconds is None or time.monotonic() - begun < seconds:
            new = changes.take(client.get("/v1/sessions", sort="-session_end", limit=_LOOKED_AT)["items"])
            picture = screen(
                url,
                client.get("/v1/classes/conversion")["items"],
                changes,
                pace=player.acknowledged / (time.monotonic() - begun),
                lag=client.get("/ready")["lag"]["events"],
                trouble=player.trouble,
            )
            if out.is_terminal:
                live.update(picture, refresh=True)
            else:
                for change in new[:_TOLD]:
                    out.print(change, markup=False)
            time.sleep(_LOOK_SECONDS)


def _conclude(client: Client, player: Player) -> None:
    """Compare what was sent with what is stored, once all that was acknowledged can be read."""
    question = f"SELECT count(*) FROM events WHERE visitor_id LIKE '{player.run}-%'"
    stored = client.post("/v1/sql", {"sql": question}, after=player.offset)["rows"][0][0]
    classes: list[dict[str, Any]] = client.get("/v1/classes/conversion", after=player.offset)["items"]
    show_facts(
        [("sent", as_count(player.sent)), ("acknowledged", as_count(player.acknowledged)), ("stored", as_count(stored))]
    )
    console().print()
    show_table(classes, _CLASSES)
    if not player.sent == player.acknowledged == stored:
        raise Unavailable(
            f"of {player.sent:,} events sent, {player.acknowledged:,} were acknowledged and {stored:,} stored"
        )
