"""Taking rows out of committed files: which files are looked at, and how what is left of them enters the table.

Which rows go, and who writes what is left, is the caller's to say.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from msgspec import Struct

from footfall.lake.files import LakeFile, Written
from footfall.lake.table import Change, LakeTable

_A_COMMIT: Final = 64
"""Files that are replaced together: a commit costs more than to write a small file anew, as it reads the log anew; what
is not committed yet has to be written again after a crash."""


class Sifted(Struct, frozen=True):
    """A file some of whose rows have to go, and the durable files, which no log entry names yet, with the others."""

    path: str
    written: list[Written]


Sift = Callable[[Sequence[LakeFile]], Iterable[Sifted]]
"""Looks through files; those without a row that has to go are not among its answers."""


def sift(table: LakeTable, by: Sift, *, among: Collection[str]) -> Iterator[Change]:
    """Put what `by` leaves of files in their place, many files a commit; gives each commit.

    `among`: paths of the files that are looked through. Nobody else rewrites files of the table meanwhile.
    """
    with table.maintained():
        files = {file.path: file for file in table.files() if file.path in among}
        found = iter(by(list(files.values())))
        while some := list(islice(found, _A_COMMIT)):
            left = [written for sifted in some for written in sifted.written]
            yield table.rewrite([files[sifted.path] for sifted in some], left)
