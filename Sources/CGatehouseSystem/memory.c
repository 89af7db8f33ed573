#define _GNU_SOURCE
#include "gatehouse_memory.h"

#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int give_back(struct dl_phdr_info *image, size_t size, void *data) {
    (void)size;
    (void)data;
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int index = 0; index < image->dlpi_phnum; index++) {
        const ElfW(Phdr) *segment = &image->dlpi_phdr[index];
        if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W)) continue;
        const uintptr_t start = (image->dlpi_addr + segment->p_vaddr) & ~(page - 1);
        const uintptr_t end = image->dlpi_addr + segment->p_vaddr + segment->p_memsz;
        // Relocated code (DT_TEXTREL) would lose its relocations here, and the kernel cannot tell which pages have any.
        // No image has them today: linkers refuse to make one.
        madvise((void *)start, end - start, MADV_DONTNEED);
    }
    return 0;
}

void gatehouse_give_back_code(void) { dl_iterate_phdr(give_back, NULL); }

void gatehouse_give_back_heap(void) { malloc_trim(0); }

long gatehouse_resident_bytes(void) {
    char text[128];
    const int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    const ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    if (length <= 0) return 0;
    text[length] = 0;
    // The second number is the resident pages (proc(5)).
    const char *second = strchr(text, ' ');
    return second ? strtol(second, NULL, 10) * sysconf(_SC_PAGESIZE) : 0;
}
