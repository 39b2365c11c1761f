#include "out.h"

#define CAPACITY (48 * 1024)

static char buffer[CAPACITY];
static size_t length;
static bool full;

static void put(char c) {
  if (length < CAPACITY) buffer[length++] = c;
  else full = true;
}

void out_reset(void) { out_undo(0); }

void out_raw(const char *ascii) {
  while (*ascii) put(*ascii++);
}

void out_number(size_t number) {
  if (number >= 10) out_number(number / 10);
  put((char)('0' + number % 10));
}

/* Bytes of the well-formed UTF-8 sequence at `s`, 0 if there is none (Unicode, table 3-7). */
static size_t sequence(const unsigned char *s, size_t len) {
  unsigned char lead = s[0], low = 0x80, high = 0xBF;
  size_t need = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
  if (lead == 0xE0) low = 0xA0;
  if (lead == 0xED) high = 0x9F;
  if (lead == 0xF0) low = 0x90;
  if (lead == 0xF4) high = 0x8F;
  if (need > len) return 0;
  for (size_t i = 1; i < need; i++) {
    if (s[i] < low || s[i] > high) return 0;
    low = 0x80;
    high = 0xBF;
  }
  return need;
}

static void put_ascii(unsigned char c) {
  static const char hex[] = "0123456789abcdef";
  if (c >= 0x20 && c != 0x7F) {
    if (c == '"' || c == '\\') put('\\');
    put((char)c);
    return;
  }
  out_raw("\\u00");
  put(hex[c >> 4]);
  put(hex[c & 15]);
}

void out_string(text any) {
  const unsigned char *s = (const unsigned char *)any.ptr;
  put('"');
  for (size_t i = 0; i < any.len;) {
    size_t n = sequence(s + i, any.len - i);
    if (n == 0) out_raw("\xEF\xBF\xBD");
    else if (n == 1) put_ascii(s[i]);
    else for (size_t k = 0; k < n; k++) put((char)s[i + k]);
    i += n ? n : 1;
  }
  put('"');
}

size_t out_mark(void) { return length; }

void out_undo(size_t mark) {
  length = mark;
  full = false;
}

bool out_fits(size_t spare) { return !full && length + spare <= CAPACITY; }

text out_text(void) { return (text){buffer, length}; }
