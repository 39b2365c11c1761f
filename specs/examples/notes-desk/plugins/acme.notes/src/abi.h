/* The canonical ABI of the component model, as far as this plugin needs it: text, memory, host calls.
 * Source: the component model's CanonicalABI document. Names and types come from plugin.wit. */
#ifndef ABI_H
#define ABI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A run of bytes, not terminated. As a WIT `string` it is UTF-8. */
typedef struct {
  const char *ptr;
  size_t len;
} text;

#define TEXT(literal) ((text){literal, sizeof(literal) - 1})

static inline bool text_equal(text a, text b) {
  if (a.len != b.len) return false;
  for (size_t i = 0; i < a.len; i++) {
    if (a.ptr[i] != b.ptr[i]) return false;
  }
  return true;
}

/* result<T, string> for any T that is a pointer and a length. */
typedef struct {
  uint8_t is_err;
  union {
    text text;
    struct {
      const text *ptr;
      size_t len;
    } list;
  } of;
} result;

_Static_assert(sizeof(void *) == 4 && sizeof(result) == 12, "the layouts here are those of wasm32");

/* Memory for `size` bytes at a power-of-two alignment. Traps when the host gives no more. Nothing is freed
 * one by one: `arena_mark` and `arena_release` give back all that was allocated in between. */
void *arena_alloc(size_t align, size_t size);
size_t arena_mark(void);
void arena_release(size_t mark);

/* The host's functions. The answer, text or error, stays valid until the arena is released. */
result host_read_text(text path);
result host_list_dir(text path);
#ifdef WITH_ENV
result host_env(text name);
#endif

#endif
