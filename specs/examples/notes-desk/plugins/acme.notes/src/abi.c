#include "abi.h"

#define PAGE 65536u
#define FILES "capwright:plugin/files@0.1.0"
#define ENV "capwright:plugin/env@0.1.0"

extern unsigned char __heap_base; /* from the linker: where the stack and the data end */

static size_t used; /* bytes of the arena in use, from __heap_base on */

static size_t base(void) { return (size_t)&__heap_base; }

void *arena_alloc(size_t align, size_t size) {
  uint64_t start = ((uint64_t)base() + used + align - 1) & ~(uint64_t)(align - 1);
  uint64_t end = start + size;
  uint64_t have = (uint64_t)__builtin_wasm_memory_size(0) * PAGE;
  if (end > have) {
    uint64_t pages = (end - have + PAGE - 1) / PAGE;
    if (pages > 65536 || __builtin_wasm_memory_grow(0, (size_t)pages) == (size_t)-1) __builtin_trap();
  }
  used = (size_t)(end - base());
  return (void *)(size_t)start;
}

size_t arena_mark(void) { return used; }

void arena_release(size_t mark) { used = mark; }

/* The host allocates here what it passes in. It asks for a larger block only while it converts a string. */
__attribute__((export_name("cabi_realloc"))) void *
cabi_realloc(void *old, size_t old_size, size_t align, size_t new_size) {
  if (new_size <= old_size) return old;
  void *block = arena_alloc(align, new_size);
  __builtin_memcpy(block, old, old_size);
  return block;
}

#define IMPORT(interface, name) __attribute__((import_module(interface), import_name(name)))

IMPORT(FILES, "read-text") void files_read_text(const char *, size_t, result *);
IMPORT(FILES, "list-dir") void files_list_dir(const char *, size_t, result *);

result host_read_text(text path) {
  result answer;
  files_read_text(path.ptr, path.len, &answer);
  return answer;
}

result host_list_dir(text path) {
  result answer;
  files_list_dir(path.ptr, path.len, &answer);
  return answer;
}

#ifdef WITH_ENV
IMPORT(ENV, "get") void env_get(const char *, size_t, result *);

result host_env(text name) {
  result answer;
  env_get(name.ptr, name.len, &answer);
  return answer;
}
#endif
