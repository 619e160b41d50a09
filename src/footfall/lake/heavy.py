"""Heavy work in a process of its own: a task goes in, messages come out; memory is bounded, the others go first.

What the work is stands in the module that does it and calls `serve`. It may write files that nobody refers to yet;
only the owner of the folder makes them part of anything, so such a process may be killed at any moment.
"""

from __future__ import annotations

import os
import resource
import selectors
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import IO, Final

import msgspec
from msgspec import Raw, Struct

from footfall.errors import FootfallError, Unavailable

_OWN_BYTES: Final = 512 << 20
"""What the interpreter, its libraries and their threads' stacks may take, apart from the work."""
_NICENESS: Final = 10
_LOOK_SECONDS: Final = 0.2
_CHUNK: Final = 1 << 16
_SURROUNDINGS: Final = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",  # the others reserve address space, which the limit counts
    "MALLOC_ARENA_MAX": "2",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
_RETRY_SECONDS: Final = 2.0


class OutOfMemory(Unavailable):
    """The work needs more memory than it was given; a smaller task may do."""


class Given(Struct, frozen=True):
    """What the process is given."""

    task: Raw
    memory_bytes: int
    """What the work may take beside what the interpreter and its libraries do."""
    files: list[int] = []
    """Descriptors of files that it shares with the owner."""


class _Message(Struct, omit_defaults=True):
    said: Raw = Raw(b"null")
    refused: str | None = None
    out_of_memory: bool = False
    ended: bool = False


class Heavy:
    """Has tasks of `module` done, each by a process of its own that may take `memory_bytes` for the work."""

    def __init__(self, module: str, *, memory_bytes: int, unwanted: Callable[[], bool] = lambda: False) -> None:
        """`unwanted` is asked a few times a second; once it says so the process is ended."""
        self._module = module
        self._memory_bytes = memory_bytes
        self._unwanted = unwanted

    def run(self, task: Struct, *, files: Sequence[IO[bytes]] = ()) -> Generator[bytes, None, None]:
        """What the process says of the task, each message as JSON; it is ended when nobody draws any more.

        `files` are open files, perhaps without a name, that it gets too: for what is too much for a message.

        Raises `OutOfMemory`, and errors.Unavailable when it refuses, was killed or is `unwanted`.
        """
        with tempfile.TemporaryFile() as complaints:
            shared = [file.fileno() for file in files]
            given = Given(Raw(msgspec.json.encode(task)), self._memory_bytes, shared)
            process = self._started(complaints, shared)
            try:
                assert process.stdin is not None
                process.stdin.write(msgspec.json.encode(given) + b"\n")
                process.stdin.flush()
                yield from self._messages(process, complaints)
            except BrokenPipeError:
                raise _broken_off(process, complaints) from None
            finally:
                process.kill()
                process.communicate()

    def _started(self, complaints: IO[bytes], shared: Sequence[int]) -> subprocess.Popen[bytes]:
        path = os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)
        return subprocess.Popen(  # noqa: S603 - the module is one of Footfall's own
            [sys.executable, "-P", "-m", self._module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            pass_fds=shared,
            cwd="/",
            env={"PYTHONPATH": path, **_SURROUNDINGS},
            start_new_session=True,  # Ctrl-C is the owner's to hear
        )

    def _messages(self, process: subprocess.Popen[bytes], complaints: IO[bytes]) -> Iterator[bytes]:
        for line in self._lines(process):
            message = msgspec.json.decode(line, type=_Message)
            if message.refused is not None:
                raise (OutOfMemory if message.out_of_memory else Unavailable)(
                    message.refused, retry_after=_RETRY_SECONDS
                )
            if message.ended:
                return
            yield bytes(message.said)
        raise _broken_off(process, complaints)

    def _lines(self, process: subprocess.Popen[bytes]) -> Iterator[bytes]:
        assert process.stdout is not None
        source, held = process.stdout.fileno(), b""
        with selectors.DefaultSelector() as selector:  # `select` itself knows no descriptor beyond 1,023
            selector.register(source, selectors.EVENT_READ)
            while True:
                if self._unwanted():
                    raise Unavailable("heavy work was ended because its owner ends", retry_after=_RETRY_SECONDS)
                if not selector.select(_LOOK_SECONDS):
                    continue
                if not (read := os.read(source, _CHUNK)):
                    return
                *lines, held = (held + read).split(b"\n")
                yield from lines


def _broken_off(process: subprocess.Popen[bytes], complaints: IO[bytes]) -> Unavailable:
    """Why it said no more, as far as that can be told."""
    status = process.wait()
    complaints.seek(0)
    last = complaints.read().decode(errors="replace").strip().rpartition("\n")[2]
    how = f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
    return Unavailable(
        f"the process for heavy work {how}" + (f" ({last})" if last else "") + "; nothing of it was kept",
        retry_after=_RETRY_SECONDS,
    )


def serve(work: Callable[[Given], Iterator[Struct]]) -> None:
    """Do the one task that comes over standard input, and say over standard output what `work` yields.

    Ends as soon as its owner has ended.
    """
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)  # what a library prints must not come among the messages
        given = msgspec.json.decode(sys.stdin.buffer.readline(), type=Given)
        threading.Thread(target=_end_with_owner, daemon=True).start()
        os.nice(_NICENESS)
        limit = given.memory_bytes + _OWN_BYTES
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

        def say(message: _Message) -> None:
            out.write(msgspec.json.encode(message) + b"\n")
            out.flush()

        try:
            for said in work(given):
                say(_Message(Raw(msgspec.json.encode(said))))
            say(_Message(ended=True))
        except MemoryError:  # pyarrow's too
            say(_Message(refused=f"{given.memory_bytes >> 20} MiB are too little for it", out_of_memory=True))
        except FootfallError as error:
            say(_Message(refused=error.detail))
        except OSError as error:
            say(_Message(refused=str(error)))


def _end_with_owner() -> None:
    """Standard input stays open for as long as the owner lives."""
    while os.read(0, _CHUNK):
        time.sleep(0)
    os._exit(1)
