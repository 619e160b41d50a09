"""A disk that takes writes and then fails to sync them: a library that stands between a program and its disk."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.required import lacking

_SOURCE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int call(const char *name, int file) {
    char link[64], path[4096] = "";
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    if (readlink(link, path, sizeof path - 1) > 0 && strstr(path, getenv("SYNC_FAILS_ON"))
        && access(getenv("SYNC_FAILS_WHILE"), F_OK) == 0) { errno = EIO; return -1; }
    return ((int (*)(int)) dlsym(RTLD_NEXT, name))(file);
}
int fsync(int file) { return call("fsync", file); }
int fdatasync(int file) { return call("fdatasync", file); }
"""


def failing_syncs(folder: Path, *, flag: Path, on: str) -> dict[str, str]:
    """The environment of a program whose syncs fail with EIO on paths that hold `on`, while the file `flag` exists.

    The library is built in `folder`. Skips the test where that can't be.
    """
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        lacking("needs Linux and a C compiler to stand between a program and its disk")
    library, source = folder / "failing_sync.so", folder / "failing_sync.c"
    source.write_text(_SOURCE)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return {"LD_PRELOAD": str(library), "SYNC_FAILS_WHILE": str(flag), "SYNC_FAILS_ON": on}
