#define _GNU_SOURCE
#include "gatehouse_culprits.h"
#include "gatehouse_memory_file.h"

#include <sys/mman.h>

_Static_assert(sizeof(struct gatehouse_culprits) == 64 + GATEHOUSE_CULPRITS * 16, "whole cache lines");

int gatehouse_culprits_create(void) {
    return gatehouse_sealed_memory("gatehouse-culprits", sizeof(struct gatehouse_culprits));
}

struct gatehouse_culprits *gatehouse_culprits_map(int descriptor) {
    int flags = descriptor < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
    void *memory = mmap(NULL, sizeof(struct gatehouse_culprits), PROT_READ | PROT_WRITE, flags, descriptor, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

// The hash is FNV-1a of 64 bits. Exploiting a clash would take knowledge of another client's request, and a crash.
static uint64_t feed(uint64_t hash, struct gatehouse_text text, size_t capacity) {
    const unsigned char *bytes = text.bytes;
    size_t length = text.length < capacity ? text.length : capacity;
    for (size_t i = 0; i < length; i++) hash = (hash ^ bytes[i]) * 0x100000001b3;
    // A byte that no text contains separates the texts: "ab", "c" must differ from "a", "bc".
    return (hash ^ 0xff) * 0x100000001b3;
}

#define ROOM(field) sizeof(((struct gatehouse_slot *)0)->field)
enum { ROOM_ID = ROOM(id), ROOM_METHOD = ROOM(method), ROOM_PATH = ROOM(path), ROOM_CLIENT = ROOM(client) };

static const uint64_t start = 0xcbf29ce484222325;

uint64_t gatehouse_culprit_named(struct gatehouse_text id) { return feed(start, id, ROOM_ID); }

static uint64_t nameless(struct gatehouse_text method, struct gatehouse_text path, struct gatehouse_text client) {
    return feed(feed(feed(start, method, ROOM_METHOD), path, ROOM_PATH), client, ROOM_CLIENT);
}

uint64_t gatehouse_culprit_nameless(struct gatehouse_text method, struct gatehouse_text path,
                                    struct gatehouse_client client) {
    char text[ROOM_CLIENT];
    struct gatehouse_text written = {text, gatehouse_client_write(client, text, sizeof text)};
    return nameless(method, path, written);
}

int gatehouse_culprit_held(const struct gatehouse_culprits *board, uint64_t key, int64_t now) {
    for (int i = 0; i < GATEHOUSE_CULPRITS; i++)
        if (__atomic_load_n(&board->entries[i].key, __ATOMIC_ACQUIRE) == key
            && __atomic_load_n(&board->entries[i].until, __ATOMIC_RELAXED) > now)
            return 1;
    return 0;
}

static void add(struct gatehouse_culprits *board, uint64_t key, int64_t until) {
    uint32_t place = __atomic_fetch_add(&board->written, 1, __ATOMIC_RELAXED) % GATEHOUSE_CULPRITS;
    __atomic_store_n(&board->entries[place].until, until, __ATOMIC_RELAXED);
    __atomic_store_n(&board->entries[place].key, key, __ATOMIC_RELEASE);
    int64_t before = __atomic_load_n(&board->until, __ATOMIC_RELAXED);
    while (before < until
           && !__atomic_compare_exchange_n(&board->until, &before, until, 0, __ATOMIC_RELEASE, __ATOMIC_RELAXED)) {
    }
}

void gatehouse_culprit_add(struct gatehouse_culprits *board, const struct gatehouse_slot *slot, int64_t now) {
    struct gatehouse_text id = {slot->id, slot->id_length}, method = {slot->method, slot->method_length},
                          path = {slot->path, slot->path_length}, client = {slot->client, slot->client_length};
    const int64_t second = 1000000000;
    // Without a client, the id is the front server's, or one that we made up and that no later request will carry.
    if (client.length == 0) add(board, gatehouse_culprit_named(id), now + GATEHOUSE_CULPRIT_NAMED * second);
    else add(board, nameless(method, path, client), now + GATEHOUSE_CULPRIT_NAMELESS * second);
}
