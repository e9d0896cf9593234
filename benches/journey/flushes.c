/* Counts calls to fsync and fdatasync in the file that FLUSHES_IN names (eight bytes), and adds FLUSH_MS milliseconds to each. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static _Atomic uint64_t *count;
static useconds_t wait_us;

__attribute__((constructor)) static void prepare(void) {
    const char *path = getenv("FLUSHES_IN"), *ms = getenv("FLUSH_MS");
    if (ms != NULL) wait_us = (useconds_t)atoi(ms) * 1000;
    if (path == NULL) return;
    int fd = open(path, O_RDWR | O_CREAT, 0600);
    if (fd < 0 || ftruncate(fd, 8) != 0) return;
    void *page = mmap(NULL, 8, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (page != MAP_FAILED) count = page;
}

static void note(void) {
    if (count != NULL) atomic_fetch_add(count, 1);
    if (wait_us > 0) usleep(wait_us);
}

#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

int fsync(int fd) { note(); REAL(fsync); return real(fd); }
int fdatasync(int fd) { note(); REAL(fdatasync); return real(fd); }
