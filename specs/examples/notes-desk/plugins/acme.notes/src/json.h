/* Reads the string members of one JSON object (RFC 8259). */
#ifndef JSON_H
#define JSON_H

#include "abi.h"

/* A member to look for. `value.ptr` stays NULL when the object has none of that name. */
typedef struct {
  text name;
  text value;
} member;

/* Fills the members that the object has; other members are checked and skipped. Returns NULL, or one
 * sentence on what is wrong: not JSON, not an object, a wanted member twice or not a string, too deep.
 * Values are UTF-8 when `json` is. */
const char *json_members(text json, member *wanted, size_t count);

#endif
