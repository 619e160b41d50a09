"""The commands: each asks the API, over a socket or in this process, and shows the answer."""

from __future__ import annotations

import os
import sys

from footfall.errors import FootfallError

DEBUG = "--debug"


def main() -> None:
    """Run the command line.

    Exits with 0 when done, 1 on failure, 2 on wrong usage, 3 where a command says so, 130 when it was interrupted.
    """
    from footfall.cli.app import app
    from footfall.cli.options import Wrong

    debug = DEBUG in sys.argv
    sys.argv = [argument for argument in sys.argv if argument != DEBUG]
    if debug:
        import logging

        logging.basicConfig(level=logging.DEBUG)
    try:
        try:
            app()
        finally:
            sys.stdout.flush()  # while somebody can still be told that it failed
    except FootfallError as error:
        if debug:
            raise
        _tell(error.detail)
        sys.exit(2 if isinstance(error, Wrong) else 1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        if debug:
            raise
        _tell(f"the system refused: {error}; {DEBUG} shows where")
        sys.exit(1)
    except Exception as error:
        if debug:
            raise
        _tell(f"this is a defect of Footfall ({type(error).__name__}: {error}); {DEBUG} shows where")
        sys.exit(1)


def _tell(text: str) -> None:
    sys.stderr.write(f"footfall: {' '.join(text.split())}\n")
