/* What stands between a program and its disk: faults that are switched on from outside, and a trace of what it did.
 *
 * Loaded by LD_PRELOAD; `layer.py` builds it, writes the control and reads the trace. Calls on paths that do not hold
 * DISK_UNDER pass untouched. What glibc's own stdio (fwrite) does passes by unseen.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { SYNCS_FAIL = 1, FULL = 2, WRITES_FAIL = 4, TRACED = 8 };

struct control {
    _Atomic int32_t faults, delay_us;
    _Atomic int64_t calls_left; /* before the call that makes it 0 its process is killed; at 0 nothing is counted */
    char deed[16], part[64];    /* calls that are counted: of this deed, on paths that hold this; empty is any */
};

static struct control quiet, *control = &quiet;
static const char *under;
static int trace = -1;

__attribute__((constructor)) static void begin(void) {
    under = getenv("DISK_UNDER");
    const char *path = getenv("DISK_CONTROL"), *traced = getenv("DISK_TRACE");
    int file = path ? syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0 || !under) { under = NULL; return; }
    void *held = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (held != MAP_FAILED) control = held;
    syscall(SYS_close, file);
    if (traced) trace = syscall(SYS_openat, AT_FDCWD, traced, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

#define REAL(name) ((typeof(&name)) dlsym(RTLD_NEXT, #name))

static int concerns(const char *path) { return under && path && strstr(path, under); }

static int concerned(int file, char *path) {
    char link[64];
    if (!under) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t size = syscall(SYS_readlinkat, AT_FDCWD, link, path, 4095);
    path[size < 0 ? 0 : size] = 0;
    return size > 0 && path[0] == '/' && strstr(path, under) != NULL;
}

/* The absolute path of a name at a folder's descriptor. */
static const char *absolute(int folder, const char *name, char *room) {
    char base[4096] = "";
    if (!under || !name || name[0] == '/') return name;
    char link[64];
    if (folder == AT_FDCWD) strcpy(link, "/proc/self/cwd");
    else snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    ssize_t size = syscall(SYS_readlinkat, AT_FDCWD, link, base, 4095);
    base[size < 0 ? 0 : size] = 0;
    snprintf(room, 8192, "%s/%s", base, name);
    return room;
}

static void count(const char *deed, const char *path) {
    if (atomic_load(&control->calls_left) <= 0) return;
    if (control->deed[0] && strcmp(control->deed, deed)) return;
    if (control->part[0] && !strstr(path, control->part)) return;
    if (atomic_fetch_sub(&control->calls_left, 1) == 1) syscall(SYS_kill, getpid(), SIGKILL);
}

static int faulty(int fault) { return (atomic_load(&control->faults) & fault) != 0; }

static void rest(void) {
    int32_t delay = atomic_load(&control->delay_us);
    if (delay > 0) usleep(delay);
}

/* One line of what was done, after it succeeded; a line is written whole. */
static void told(const char *deed, const char *path, const char *other) {
    char line[8400];
    if (trace < 0 || !faulty(TRACED)) return;
    int size = snprintf(line, sizeof line, "%d\t%s\t%s\t%s\n", (int) getpid(), deed, path, other ? other : "");
    syscall(SYS_write, trace, line, size);
}

static int refused_write(void) {
    if (faulty(FULL)) { errno = ENOSPC; return 1; }
    if (faulty(WRITES_FAIL)) { errno = EIO; return 1; }
    return 0;
}

#define WRITING(type, name, parameters, arguments)                                   \
    type name parameters {                                                           \
        char path[4096];                                                             \
        if (!concerned(file, path)) return REAL(name) arguments;                     \
        count("write", path);                                                        \
        if (refused_write()) return -1;                                              \
        type done = REAL(name) arguments;                                            \
        int error = errno;                                                           \
        if (done >= 0) told("write", path, NULL);                                    \
        errno = error;                                                               \
        return done;                                                                 \
    }

WRITING(ssize_t, write, (int file, const void *from, size_t size), (file, from, size))
WRITING(ssize_t, pwrite, (int file, const void *from, size_t size, off_t at), (file, from, size, at))
WRITING(ssize_t, pwrite64, (int file, const void *from, size_t size, off64_t at), (file, from, size, at))
WRITING(ssize_t, writev, (int file, const struct iovec *from, int parts), (file, from, parts))
WRITING(ssize_t, pwritev, (int file, const struct iovec *from, int parts, off_t at), (file, from, parts, at))
WRITING(int, ftruncate, (int file, off_t size), (file, size))
WRITING(int, ftruncate64, (int file, off64_t size), (file, size))

static int synced(int file, const char *name) {
    char path[4096];
    int (*real)(int) = (int (*)(int)) dlsym(RTLD_NEXT, name);
    if (!concerned(file, path)) return real(file);
    count("sync", path);
    rest();
    if (faulty(SYNCS_FAIL)) { errno = EIO; return -1; }
    int done = real(file), error = errno;
    if (done == 0) told("sync", path, NULL);
    errno = error;
    return done;
}
int fsync(int file) { return synced(file, "fsync"); }
int fdatasync(int file) { return synced(file, "fdatasync"); }

static int opened(int folder, const char *name, int flags, mode_t mode) {
    char room[8192];
    const char *path = absolute(folder, name, room);
    int making = (flags & (O_CREAT | O_TRUNC)) && concerns(path);
    int there = making && syscall(SYS_faccessat, AT_FDCWD, path, F_OK, 0) == 0;
    if (making && !there) count("make", path);
    if (making && !there && refused_write()) return -1;
    int file = syscall(SYS_openat, folder, name, flags, mode), error = errno;
    if (file >= 0 && making) told(there ? "write" : "make", path, NULL);
    errno = error;
    return file;
}

#define MODE(flags, mode)                                                            \
    mode_t mode = 0;                                                                 \
    if ((flags) & (O_CREAT | O_TMPFILE)) {                                           \
        va_list more;                                                                \
        va_start(more, flags);                                                       \
        mode = va_arg(more, mode_t);                                                 \
        va_end(more);                                                                \
    }

int open(const char *name, int flags, ...) { MODE(flags, mode) return opened(AT_FDCWD, name, flags, mode); }
int open64(const char *name, int flags, ...) { MODE(flags, mode) return opened(AT_FDCWD, name, flags, mode); }
int openat(int folder, const char *name, int flags, ...) { MODE(flags, mode) return opened(folder, name, flags, mode); }
int openat64(int folder, const char *name, int flags, ...) { MODE(flags, mode) return opened(folder, name, flags, mode); }

static int named(const char *deed, int at, const char *name, int to, const char *other, long call, int flags) {
    char room[8192], more[8192];
    const char *path = absolute(at, name, room), *end = other ? absolute(to, other, more) : NULL;
    if (!concerns(path) && !concerns(end)) goto pass;
    count(deed, end ? end : path);
    if (strcmp(deed, "unlink") && refused_write()) return -1;
pass:;
    int done = call == SYS_unlinkat ? syscall(call, at, name, flags) : syscall(call, at, name, to, other, flags);
    int error = errno;
    if (done == 0 && (concerns(path) || concerns(end))) told(deed, path, end);
    errno = error;
    return done;
}
int rename(const char *name, const char *other) {
    return named("rename", AT_FDCWD, name, AT_FDCWD, other, SYS_renameat2, 0);
}
int renameat(int at, const char *name, int to, const char *other) {
    return named("rename", at, name, to, other, SYS_renameat2, 0);
}
int renameat2(int at, const char *name, int to, const char *other, unsigned flags) {
    return named("rename", at, name, to, other, SYS_renameat2, (int) flags);
}
int link(const char *name, const char *other) {
    return named("link", AT_FDCWD, name, AT_FDCWD, other, SYS_linkat, 0);
}
int linkat(int at, const char *name, int to, const char *other, int flags) {
    return named("link", at, name, to, other, SYS_linkat, flags);
}
int unlink(const char *name) { return named("unlink", AT_FDCWD, name, AT_FDCWD, NULL, SYS_unlinkat, 0); }
int unlinkat(int at, const char *name, int flags) {
    return named("unlink", at, name, AT_FDCWD, NULL, SYS_unlinkat, flags);
}

int mkdir(const char *name, mode_t mode) {
    char room[8192];
    const char *path = absolute(AT_FDCWD, name, room);
    if (concerns(path)) {
        count("make", path);
        if (refused_write()) return -1;
    }
    int done = syscall(SYS_mkdirat, AT_FDCWD, name, mode), error = errno;
    if (done == 0 && concerns(path)) told("make", path, NULL);
    errno = error;
    return done;
}
