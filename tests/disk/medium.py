"""What a power cut would leave: the calls of a program, replayed on a medium that keeps only what was synced.

A file's bytes are kept by a sync of the file, its name by a sync of the folder.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from tests.disk.layer import Call


class _File:
    def __init__(self) -> None:
        self.is_clean = False


class Medium:
    """The files that a program has made since it was started on an empty folder."""

    def __init__(self) -> None:
        self._files: dict[str, _File] = {}
        self._unnamed: set[str] = set()
        """Paths whose folder was not synced since they got their name."""

    def take(self, call: Call) -> None:
        """Do what the program did."""
        match call.deed:
            case "make":
                self._files[call.path] = _File()
                self._unnamed.add(call.path)
            case "write":
                self._files.setdefault(call.path, _File()).is_clean = False
            case "sync":
                self._sync(call.path)
            case "rename" | "link":
                self._files[call.other] = self._files.get(call.path) or _File()
                self._unnamed.add(call.other)
                if call.deed == "rename":
                    self._remove(call.path)
            case "unlink":
                self._remove(call.path)

    def unsynced(self) -> set[str]:
        """Paths of which a power cut now could take the bytes."""
        return {path for path, file in self._files.items() if not file.is_clean}

    def unnamed(self) -> set[str]:
        """Paths that a power cut now could take away."""
        return self._unnamed & self._files.keys()

    def _sync(self, path: str) -> None:
        if path in self._files:
            self._files[path].is_clean = True
        self._unnamed -= {name for name in self._unnamed if str(PurePosixPath(name).parent) == path}

    def _remove(self, path: str) -> None:
        self._files.pop(path, None)
        self._unnamed.discard(path)
