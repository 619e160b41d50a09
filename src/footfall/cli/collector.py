"""A collector's process, as `serve --collectors N` starts it: `python -m footfall.cli.collector SOCKET NUMBER`.

It has neither files nor state: the owner of the data folder tells it everything at SOCKET; it ends when the owner does.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

import pyarrow as pa
import uvloop

from footfall.api.logs import configure
from footfall.cli.listening import Answering, Listener, collect_less
from footfall.collect.forward import Forward
from footfall.collect.front import Front
from footfall.collect.link import Link
from footfall.enrich.agent import read_ahead
from footfall.errors import FootfallError

_LAST_WORDS_SECONDS: Final = 0.5
"""How long answers may take to go out once the owner is gone: whoever starts it again wants the port."""


async def collect(path: Path, number: int) -> None:
    """Take events in until the owner at `path` says that it is enough, or is gone; or until SIGTERM.

    Raises `Unavailable` when there is no owner, or no port.
    """
    link = await Link.opened(path, number)
    setup, loop = link.setup, asyncio.get_running_loop()
    configure(setup.log_level, setup.log_form)
    loop.add_signal_handler(signal.SIGTERM, link.stopping.set)
    following = loop.create_task(link.follow())
    door, rest = Answering(link.door), Answering(Forward(path))
    listener = Listener(
        Front(door, rest),
        setup.host,
        setup.port,
        busy=lambda: door.requests > 0 or (rest.requests > 0 and not link.answered),
        tls=None if setup.tls is None else (Path(setup.tls[0]), Path(setup.tls[1])),
    )
    await listener.start()
    read_ahead()
    collect_less()
    living = loop.create_task(link.live())
    asked = loop.create_task(link.stopping.wait())
    await asyncio.wait([following, asked, listener.serving], return_when=asyncio.FIRST_COMPLETED)
    living.cancel()
    stopping = loop.create_task(listener.stop())
    await asyncio.wait([following, stopping], return_when=asyncio.FIRST_COMPLETED)
    if not stopping.done():  # nothing can be stored any more
        link.close()
        await asyncio.wait([stopping], timeout=_LAST_WORDS_SECONDS)
    if stopping.done():
        stopping.result()
    link.count()
    link.close()


def main() -> None:
    """Run until the end, which is quick."""
    pa.set_memory_pool(pa.system_memory_pool())  # quicker for what lives so short, and holds 12 MB less
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the owner, who says when to end
    code = 0
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(collect(Path(sys.argv[1]), int(sys.argv[2])))
    except FootfallError as error:
        sys.stderr.write(f"footfall: collector {sys.argv[2]}: {error.detail}\n")
        code = 1
    with suppress(OSError):
        sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
