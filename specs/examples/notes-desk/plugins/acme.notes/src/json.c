#include "json.h"

#define MAX_DEPTH 64

/* `at` never passes `end`; the first `error` stays, and every reader stops on it. */
typedef struct {
  const unsigned char *at;
  const unsigned char *end;
  const char *error;
} reader;

static bool fail(reader *r, const char *error) {
  if (!r->error) r->error = error;
  return false;
}

static int peek(const reader *r) { return r->at < r->end ? *r->at : -1; }

static void skip_space(reader *r) {
  while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r')) r->at++;
}

static bool expect(reader *r, char wanted) {
  if (peek(r) != wanted) return fail(r, "the arguments are not JSON");
  r->at++;
  return true;
}

static int hex_digit(int c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/* The four hex digits of an escape; -1 when there are not four. */
static int32_t hex4(reader *r) {
  int32_t value = 0;
  for (int i = 0; i < 4; i++) {
    int digit = hex_digit(peek(r));
    if (digit < 0) return -1;
    value = value * 16 + digit;
    r->at++;
  }
  return value;
}

static size_t put_utf8(unsigned char *out, uint32_t c) {
  if (c < 0x80) {
    out[0] = (unsigned char)c;
    return 1;
  }
  size_t more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  out[0] = (unsigned char)(0xFF00u >> (more + 1) | c >> (6 * more)); /* as many ones as bytes, then a zero */
  for (size_t i = 1; i <= more; i++) out[i] = (unsigned char)(0x80 | ((c >> (6 * (more - i))) & 0x3F));
  return more + 1;
}

/* After "\u". A surrogate counts only as one half of a pair. At most 4 bytes come out of at least 4. */
static size_t unicode_escape(reader *r, unsigned char *out) {
  int32_t c = hex4(r);
  if (c >= 0xD800 && c < 0xDC00 && r->end - r->at >= 6 && r->at[0] == '\\' && r->at[1] == 'u') {
    r->at += 2;
    int32_t low = hex4(r);
    c = low >= 0xDC00 && low < 0xE000 ? 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00) : -1;
  }
  if (c < 0 || (c >= 0xD800 && c < 0xE000)) {
    fail(r, "the arguments hold half a surrogate pair, or a bad escape");
    return 0;
  }
  return put_utf8(out, (uint32_t)c);
}

static size_t escape(reader *r, unsigned char *out) {
  static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
  int c = peek(r);
  if (c >= 0) r->at++;
  if (c == 'u') return unicode_escape(r, out);
  for (size_t i = 0; i < sizeof from - 1; i++) {
    if (c == from[i]) {
      out[0] = (unsigned char)to[i];
      return 1;
    }
  }
  fail(r, "the arguments hold an unknown escape");
  return 0;
}

/* A string, decoded. What an escape stands for is never longer than the escape, so as much room as there is
 * input left is enough; callers that do not keep the string release it. */
static bool string(reader *r, text *out) {
  if (!expect(r, '"')) return false;
  unsigned char *start = arena_alloc(1, (size_t)(r->end - r->at)), *to = start;
  while (peek(r) != '"') {
    int c = peek(r);
    if (c < 0x20) return fail(r, "the arguments hold an open string, or a bare control character");
    r->at++;
    if (c == '\\') to += escape(r, to);
    else *to++ = (unsigned char)c;
    if (r->error) return false;
  }
  r->at++;
  *out = (text){(const char *)start, (size_t)(to - start)};
  return true;
}

static bool skip_string(reader *r) {
  size_t mark = arena_mark();
  text ignored;
  bool ok = string(r, &ignored);
  arena_release(mark);
  return ok;
}

static size_t skip_digits(reader *r) {
  const unsigned char *start = r->at;
  while (peek(r) >= '0' && peek(r) <= '9') r->at++;
  return (size_t)(r->at - start);
}

static bool skip_number(reader *r) {
  if (peek(r) == '-') r->at++;
  bool zero = peek(r) == '0';
  size_t digits = skip_digits(r);
  bool ok = digits == 1 || (digits > 1 && !zero);
  if (peek(r) == '.') {
    r->at++;
    ok = ok && skip_digits(r) > 0;
  }
  if (peek(r) == 'e' || peek(r) == 'E') {
    r->at++;
    if (peek(r) == '+' || peek(r) == '-') r->at++;
    ok = ok && skip_digits(r) > 0;
  }
  return ok || fail(r, "the arguments are not JSON");
}

static bool skip_word(reader *r, const char *word) {
  for (; *word; word++) {
    if (!expect(r, *word)) return false;
  }
  return true;
}

static bool skip_value(reader *r, int depth);

/* What is between the brackets of an array or an object, and the closing one. */
static bool skip_items(reader *r, char close, int depth) {
  r->at++;
  skip_space(r);
  if (peek(r) == close) {
    r->at++;
    return true;
  }
  for (;;) {
    if (close == '}') {
      skip_space(r);
      if (!skip_string(r)) return false;
      skip_space(r);
      if (!expect(r, ':')) return false;
    }
    if (!skip_value(r, depth + 1)) return false;
    if (peek(r) != ',') return expect(r, close);
    r->at++;
  }
}

/* Any value, and the space around it. */
static bool skip_value(reader *r, int depth) {
  if (depth > MAX_DEPTH) return fail(r, "the arguments nest too deep");
  skip_space(r);
  bool ok;
  switch (peek(r)) {
    case '{': ok = skip_items(r, '}', depth); break;
    case '[': ok = skip_items(r, ']', depth); break;
    case '"': ok = skip_string(r); break;
    case 't': ok = skip_word(r, "true"); break;
    case 'f': ok = skip_word(r, "false"); break;
    case 'n': ok = skip_word(r, "null"); break;
    default: ok = skip_number(r);
  }
  skip_space(r);
  return ok;
}

static member *find(text name, member *wanted, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (text_equal(name, wanted[i].name)) return &wanted[i];
  }
  return NULL;
}

/* One `"name": value` of the outermost object. */
static bool read_member(reader *r, member *wanted, size_t count) {
  size_t mark = arena_mark();
  text name;
  skip_space(r);
  if (!string(r, &name)) return false;
  member *found = find(name, wanted, count);
  arena_release(mark);
  skip_space(r);
  if (!expect(r, ':')) return false;
  if (!found) return skip_value(r, 1);
  if (found->value.ptr) return fail(r, "the arguments name one member twice");
  skip_space(r);
  if (peek(r) != '"') return fail(r, "`path` and `query` must be strings");
  if (!string(r, &found->value)) return false;
  skip_space(r);
  return true;
}

static bool read_object(reader *r, member *wanted, size_t count) {
  skip_space(r);
  if (peek(r) != '{') return fail(r, "the arguments must be a JSON object");
  r->at++;
  skip_space(r);
  bool more = peek(r) != '}';
  while (more) {
    if (!read_member(r, wanted, count)) return false;
    more = peek(r) == ',';
    if (more) r->at++;
  }
  if (!expect(r, '}')) return false;
  skip_space(r);
  return r->at == r->end || fail(r, "the arguments go on after the JSON object");
}

const char *json_members(text json, member *wanted, size_t count) {
  reader r = {(const unsigned char *)json.ptr, (const unsigned char *)json.ptr + json.len, NULL};
  read_object(&r, wanted, count);
  return r.error;
}
