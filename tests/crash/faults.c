/* Causes faults on request, by files in the folder that FAULTS_IN names:
   - while the file `sync` exists, every sync fails with EIO, like a disk that loses writes;
   - while the file `full` exists, writing to the database fails with ENOSPC, like a full disk;
   - while the file `readonly` exists, it fails with EROFS, like a disk that the kernel has made read-only after an error;
   - the file `clock` holds the seconds by which the wall clock is off, and `monotonic` the same for the monotonic clock. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *fault(const char *name, char *path, size_t room) {
    const char *folder = getenv("FAULTS_IN");
    if (folder == NULL) return NULL;
    snprintf(path, room, "%s/%s", folder, name);
    return access(path, F_OK) == 0 ? path : NULL;
}

static int is_on(const char *name) {
    char path[4096];
    return fault(name, path, sizeof path) != NULL;
}

static long offset(const char *name) {
    char path[4096], text[32] = {0};
    if (fault(name, path, sizeof path) == NULL) return 0;
    int fd = open(path, O_RDONLY);
    if (fd < 0) return 0;
    ssize_t length = read(fd, text, sizeof text - 1);
    close(fd);
    return length > 0 ? atol(text) : 0;
}

static int is_database(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return strstr(path, "assent.db") != NULL;
}

#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define FULL(fd) \
    if (is_on("full") && is_database(fd)) { errno = ENOSPC; return -1; } \
    if (is_on("readonly") && is_database(fd)) { errno = EROFS; return -1; }
#define LOST if (is_on("sync")) { errno = EIO; return -1; }

int fsync(int fd) { LOST REAL(fsync); return real(fd); }
int fdatasync(int fd) { LOST REAL(fdatasync); return real(fd); }
ssize_t write(int fd, const void *bytes, size_t count) { FULL(fd) REAL(write); return real(fd, bytes, count); }
ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) { FULL(fd) REAL(pwrite); return real(fd, bytes, count, at); }
ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) { FULL(fd) REAL(pwrite64); return real(fd, bytes, count, at); }

int clock_gettime(clockid_t clock, struct timespec *time) {
    REAL(clock_gettime);
    int result = real(clock, time);
    if (result == 0 && clock == CLOCK_REALTIME) time->tv_sec += offset("clock");
    if (result == 0 && clock == CLOCK_MONOTONIC) time->tv_sec += offset("monotonic");
    return result;
}
