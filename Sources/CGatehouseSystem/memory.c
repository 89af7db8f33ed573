#define _GNU_SOURCE
#include "gatehouse_system.h"

#include <elf.h>
#include <link.h>
#include <stdint.h>
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
        // What has been written to all the same (relocations of text) would be lost: the kernel knows no way to say so,
        // and no image of today has any (DT_TEXTREL; the linkers refuse).
        madvise((void *)start, end - start, MADV_DONTNEED);
    }
    return 0;
}

void gatehouse_give_back_code(void) {
    dl_iterate_phdr(give_back, NULL);
}
