"""The data folder itself: whether it is there, whose it is, who can read it, and what its medium can do."""

from __future__ import annotations

import os
import pwd
import re
import shlex
import shutil
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from footfall.cli.doctor.finding import Check, Finding, fault, ok, size, warning
from footfall.cli.doctor.patient import Patient, allowed

_SECRETS = ("admin-token", "write-key", "secret.key", "control.db")
_REMOTE = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "glusterfs", "lustre", "9p", "fuse.sshfs"})
_FLEETING = frozenset({"tmpfs", "ramfs"})
_MOUNTS = Path("/proc/self/mountinfo")
_LEAST_FREE = 256_000_000
"""Beside the journal: a lake commit, a merge of its files, the checkpoint."""
_LEAST_NAMES = 10_000
_SLOW_SECONDS = 0.25


def _exists(patient: Patient) -> Iterator[Finding]:
    folder = patient.folder
    if folder.is_dir():
        used = "" if patient.started or not patient.exists else ", and Footfall was never started on it"
        yield ok(f"{folder} is there{used}")
    elif folder.exists():
        yield fault(f"{folder} is no folder", "name another one with --data")
    elif allowed(parent := _nearest(folder), os.W_OK | os.X_OK):
        yield warning(f"there is no folder {folder} yet", f"footfall serve {patient.option}")
    else:
        yield fault(
            f"there is no folder {folder}, and {parent} is not yours to write",
            "name another one with --data, or have it made for you",
        )


def _owned(patient: Patient) -> Iterator[Finding]:
    if not patient.folder.is_dir():
        return
    mine, theirs = os.geteuid(), patient.folder.stat().st_uid
    as_owner = f"sudo -u {_name(theirs)} footfall doctor {patient.option}"
    if not allowed(patient.folder, os.R_OK | os.W_OK | os.X_OK):
        yield fault(
            f"{_name(mine)} may not read and write {patient.folder}",
            as_owner if theirs != mine else f"chmod u+rwx {_quoted(patient.folder)}",
        )
    elif theirs != mine:
        yield warning(f"{patient.folder} belongs to {_name(theirs)}, and this is run by {_name(mine)}", as_owner)
    else:
        yield ok(f"{_name(mine)} may read and write it")


def _private(patient: Patient) -> Iterator[Finding]:
    if not patient.exists:
        return
    open_to = stat.S_IMODE(patient.folder.stat().st_mode) & 0o077
    if open_to:
        yield warning(
            "others on this machine can enter the folder, and events are personal data",
            f"chmod 700 {_quoted(patient.folder)}",
        )
    for name in _SECRETS:
        path = patient.folder / name
        if path.exists() and path.stat().st_mode & 0o077 and (open_to or name != "control.db"):
            yield fault(f"others may read {name}", f"chmod 600 {_quoted(path)}")
    if not open_to:
        yield ok("nobody else can enter it")


def _medium(patient: Patient) -> Iterator[Finding]:
    if not patient.exists or not (kind := _file_system(patient.folder.resolve())):
        return
    if kind in _REMOTE:
        yield fault(
            f"it lies on a network file system ({kind}), where locks and syncs can't be relied on",
            "move the folder to a disk of this machine",
        )
    elif kind in _FLEETING:
        yield warning(f"it lies in memory ({kind}): all is gone at the next start", "move the folder to a disk")
    elif kind == "overlay":
        yield warning("it lies in a container's own layer (overlay), and is gone with it", "mount a volume there")
    else:
        yield ok(f"it lies on {kind}")


def _space(patient: Patient) -> Iterator[Finding]:
    where = _nearest(patient.folder)
    free, settings = shutil.disk_usage(where).free, patient.settings
    need = _LEAST_FREE + settings.journal_segment_bytes + settings.journal_pending_bytes
    names = os.statvfs(where)
    if free < need:
        yield fault(
            f"{size(free)} are free; the journal and a commit of the lake want {size(need)}",
            f"free some space on the disk of {where}, or move the folder to a larger one",
        )
    elif free < 4 * need:
        yield warning(f"{size(free)} are free, which will not last long", f"free some space on the disk of {where}")
    else:
        yield ok(f"{size(free)} are free")
    if names.f_files and names.f_favail < _LEAST_NAMES:
        yield fault(f"the disk has room for {names.f_favail:,} files more", "delete many small files there")


def _probe(patient: Patient) -> Iterator[Finding]:
    if not patient.exists:
        return
    draft = patient.folder / f".doctor-{os.getpid()}"
    target = draft.with_suffix(".renamed")
    began = time.perf_counter()
    try:
        _write(draft)
        draft.rename(target)
        _sync(patient.folder)
    except OSError as error:
        yield fault(
            f"a file can't be written, synced and renamed there: {error.strerror}",
            f"make {patient.folder} writable and its disk sound; `df` and `dmesg` say more",
        )
        return
    finally:
        for path in (draft, target):
            path.unlink(missing_ok=True)
    taken = time.perf_counter() - began
    said = f"writing, syncing and renaming a file took {taken * 1000:.1f} ms"
    if taken > _SLOW_SECONDS:
        yield warning(f"{said}; every acknowledgement waits for a sync", "move the folder to a faster disk")
    else:
        yield ok(said)


def _owner(patient: Patient) -> Iterator[Finding]:
    if not patient.exists:
        return
    owner = patient.owner
    who = f"process {owner.pid}" if owner.pid else "another process"
    if owner.held and owner.address:
        yield ok(f"a server owns it: {who}, at {patient.shown}")
    elif owner.held:
        yield warning(
            f"{who} owns it and says no address: a command at work, or a server that is starting",
            "run `footfall doctor` again when it has ended; its databases were left alone",
        )
    elif owner.pid:
        yield warning(
            f"{who} owned it and is gone without tidying up: it was killed, or the machine went down",
            f"footfall serve {patient.option}  (it replays what was acknowledged)",
        )
    else:
        yield ok("nobody owns it at the moment")


def _meanwhile(patient: Patient) -> Iterator[Finding]:
    if patient.is_free and patient.owner_now().held:
        yield warning(
            "another process took the folder while it was looked at: what is said of its databases may be wrong",
            f"footfall doctor {patient.option}",
        )


def _write(path: Path) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, b"footfall doctor\n" * 256)
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _nearest(folder: Path) -> Path:
    """The folder, or the first one above it that is there."""
    return next(path for path in (folder.absolute(), *folder.absolute().parents) if path.is_dir())


def _quoted(path: Path) -> str:
    """The path as a shell reads it."""
    return shlex.quote(str(path))


def _name(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"#{number}"


def _file_system(folder: Path) -> str | None:
    """The kind of file system that holds a (resolved) folder; None where the system does not say."""
    if not _MOUNTS.exists():
        return None
    found = (0, "")
    for line in _MOUNTS.read_text(errors="replace").splitlines():
        before, _, after = line.partition(" - ")
        point = re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), before.split()[4])
        if folder.is_relative_to(point) and len(point) >= found[0]:
            found = (len(point), after.split()[0])
    return found[1] or None


CHECKS = (
    Check("folder", "folder", "whether the data folder is there, or can be made", _exists),
    Check("folder", "owner", "who owns the folder's lock, and whether an owner died", _owner),
    Check("folder", "access", "whose the folder is, and whether this user may write to it", _owned),
    Check("folder", "privacy", "whether others on the machine can read events or secrets", _private),
    Check("folder", "medium", "network and memory file systems", _medium),
    Check("folder", "space", "free space and free file names", _space),
    Check("folder", "writing", "a real write, sync and rename, with its time", _probe),
)
MEANWHILE = Check("storage", "meanwhile", "whether a process took the folder in the middle of this", _meanwhile)
"""Comes after everything that reads databases of a folder that nobody owns."""
