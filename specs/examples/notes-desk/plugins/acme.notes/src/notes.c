/* The plugin: one tool, `search`, over a folder of Markdown notes. See plugin.wit for what it exports. */
#include "json.h"
#include "out.h"

#define MAX_DEPTH 8
#define MAX_SHOWN 240 /* bytes of a line that a match shows */
#define LEAD 80       /* of which before the match */
#define TAIL 96       /* bytes kept free for what follows the matches */

typedef struct {
  text query;
  size_t found;
  bool truncated;
} search;

static unsigned char lower(char c) { return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c); }

static bool same_folded(const char *a, const char *b, size_t len) {
  for (size_t i = 0; i < len; i++) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

/* Where `needle`, never empty, first stands in `in`, ASCII letters of either case alike; -1 if nowhere. */
static ptrdiff_t find(text in, text needle) {
  if (needle.len > in.len) return -1;
  const char *last = in.ptr + (in.len - needle.len);
  char small = (char)lower(needle.ptr[0]), large = small >= 'a' && small <= 'z' ? (char)(small - 32) : small;
  for (const char *at = in.ptr; at <= last; at++) {
    if ((*at == small || *at == large) && same_folded(at, needle.ptr, needle.len)) return at - in.ptr;
  }
  return -1;
}

static bool ends_with(text name, text suffix) {
  return name.len >= suffix.len && same_folded(name.ptr + name.len - suffix.len, suffix.ptr, suffix.len);
}

static bool continues(char c) { return ((unsigned char)c & 0xC0) == 0x80; }

/* The part of a long line around the match, cut between characters. */
static text excerpt(text line, size_t at) {
  size_t from = line.len > MAX_SHOWN && at > LEAD ? at - LEAD : 0;
  while (from < at && continues(line.ptr[from])) from++;
  size_t len = line.len - from < MAX_SHOWN ? line.len - from : MAX_SHOWN;
  while (len > 0 && from + len < line.len && continues(line.ptr[from + len])) len--;
  return (text){line.ptr + from, len};
}

static void add_match(search *s, text file, size_t number, text line, size_t at) {
  size_t mark = out_mark();
  out_raw(s->found ? ",{\"file\":" : "{\"file\":");
  out_string(file);
  out_raw(",\"line\":");
  out_number(number);
  out_raw(",\"text\":");
  out_string(excerpt(line, at));
  out_raw("}");
  s->truncated = !out_fits(TAIL);
  if (s->truncated) out_undo(mark);
  else s->found++;
}

static void search_text(search *s, text file, text content) {
  if (find(content, s->query) < 0) return; /* most notes: not worth a look at each line */
  const char *at = content.ptr, *end = content.ptr + content.len;
  for (size_t number = 1; at < end && !s->truncated; number++) {
    const char *stop = at;
    while (stop < end && *stop != '\n') stop++;
    text line = {at, (size_t)(stop - at)};
    if (line.len > 0 && line.ptr[line.len - 1] == '\r') line.len--;
    ptrdiff_t where = find(line, s->query);
    if (where >= 0) add_match(s, file, number, line, (size_t)where);
    at = stop + 1;
  }
}

/* `folder/name`, with one slash between. */
static text join(text folder, text name) {
  size_t slash = folder.len > 0 && folder.ptr[folder.len - 1] == '/' ? 0 : 1;
  char *path = arena_alloc(1, folder.len + slash + name.len);
  __builtin_memcpy(path, folder.ptr, folder.len);
  if (slash) path[folder.len] = '/';
  __builtin_memcpy(path + folder.len + slash, name.ptr, name.len);
  return (text){path, folder.len + slash + name.len};
}

static result search_file(search *s, text path) {
  result answer = host_read_text(path);
  if (!answer.is_err) search_text(s, path, answer.of.text);
  return answer;
}

static result search_folder(search *s, text folder, int depth);

/* A note is read, a folder is searched, anything else is left alone, and so is what starts with a dot. */
static result search_entry(search *s, text folder, text name, int depth) {
  result nothing = {0};
  if (name.len == 0 || name.ptr[0] == '.') return nothing;
  if (name.ptr[name.len - 1] == '/') {
    name.len--;
    return depth < MAX_DEPTH ? search_folder(s, join(folder, name), depth + 1) : nothing;
  }
  return ends_with(name, TEXT(".md")) ? search_file(s, join(folder, name)) : nothing;
}

/* The first refusal ends the search: an answer that left notes out would look complete. */
static result search_folder(search *s, text folder, int depth) {
  result names = host_list_dir(folder);
  if (names.is_err) return names;
  for (size_t i = 0; i < names.of.list.len && !s->truncated; i++) {
    size_t mark = arena_mark();
    result answer = search_entry(s, folder, names.of.list.ptr[i], depth);
    if (answer.is_err) return answer;
    arena_release(mark);
  }
  return names;
}

#ifdef WITH_ENV
/* The twin also says what it found in the user's language, which it takes from the environment. */
static void add_summary(const search *s) {
  result lang = host_env(TEXT("NOTES_LANG"));
  bool german = !lang.is_err && lang.of.text.len >= 2 && same_folded(lang.of.text.ptr, "de", 2);
  out_raw(",\"summary\":\"");
  out_number(s->found);
  out_raw(german ? " Treffer\"" : s->found == 1 ? " match\"" : " matches\"");
}
#else
static void add_summary(const search *s) { (void)s; }
#endif

static result failed(const char *message) {
  size_t len = 0;
  while (message[len]) len++;
  return (result){.is_err = 1, .of.text = {message, len}};
}

static result run(text tool, text arguments) {
  member wanted[] = {{TEXT("path"), {0}}, {TEXT("query"), {0}}};
  if (!text_equal(tool, TEXT("search"))) return failed("there is no such tool");
  const char *error = json_members(arguments, wanted, 2);
  if (error) return failed(error);
  if (!wanted[0].value.ptr) return failed("`path` is missing");
  if (wanted[1].value.len == 0) return failed("`query` is missing or empty");
  search s = {.query = wanted[1].value};
  out_reset();
  out_raw("{\"matches\":[");
  result answer = search_folder(&s, wanted[0].value, 0);
  if (answer.is_err) return answer;
  out_raw(s.truncated ? "],\"truncated\":true" : "]");
  add_summary(&s);
  out_raw("}");
  return (result){.of.text = out_text()};
}

__attribute__((export_name("call-tool"))) result *
call_tool(const char *name, size_t name_len, const char *arguments, size_t arguments_len) {
  static result answer;
  answer = run((text){name, name_len}, (text){arguments, arguments_len});
  return &answer;
}

/* The host has taken its copy of the answer. */
__attribute__((export_name("cabi_post_call-tool"))) void post_call_tool(const result *answer) {
  (void)answer;
  arena_release(0);
}
