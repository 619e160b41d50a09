"""Taking rows out of committed files: which files are looked at, and how what is left of them enters the table.

Which rows go, and who writes what is left, is the caller's to say.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from msgspec import Struct

from footfall.lake.files import LakeFile, Written
from footfall.lake.table import Change, LakeTable


class Sifted(Struct, frozen=True):
    """A file some of whose rows have to go, and the durable files, which no log entry names yet, with the others."""

    path: str
    written: list[Written]


Sift = Callable[[Sequence[LakeFile]], Iterable[Sifted]]
"""Looks through files; those without a row that has to go are not among its answers."""


def sift(table: LakeTable, by: Sift, *, among: Collection[str]) -> Iterator[Change]:
    """Put what `by` leaves of files in their place, one commit a file; gives each commit.

    `among`: paths of the files that are looked through. Nobody else rewrites files of the table meanwhile.
    """
    with table.maintained():
        files = {file.path: file for file in table.files() if file.path in among}
        for sifted in by(list(files.values())):
            yield table.rewrite([files[sifted.path]], sifted.written)
