"""The program, as `python -m footfall` and the installed command run it: one command, and then a quick end."""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys


def program() -> None:
    """Run the command line (`footfall.cli.main`), then end without taking the interpreter apart.

    Threads are waited for and exit handlers run as ever; but to unload a thousand modules would take half a second.
    """
    code = 1  # of an error that goes through: the interpreter shows it

    def end() -> None:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code)

    atexit.register(end)  # in first, so out last
    gc.set_threshold(50_000, 20, 50)  # what is imported is no garbage; to look for some took a sixth of the start
    try:
        from footfall.cli import main  # here, so that Ctrl-C finds somebody who expects it

        main()
    except KeyboardInterrupt:
        code = 130
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 0
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # from here on it ends the process, and that silently


if __name__ == "__main__":
    program()
