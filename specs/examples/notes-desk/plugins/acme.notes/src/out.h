/* Writes JSON text into one fixed buffer, which is the tool's answer: bounded, whatever the notes hold. */
#ifndef OUT_H
#define OUT_H

#include "abi.h"

void out_reset(void);

/* Adds text as it is, which must be ASCII. */
void out_raw(const char *ascii);

/* Adds a whole number. */
void out_number(size_t number);

/* Adds text as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD, so that the answer
 * always is UTF-8. */
void out_string(text any);

/* Where the answer stands. `out_undo` goes back there, and forgets that there was no room. */
size_t out_mark(void);
void out_undo(size_t mark);

/* Whether everything fitted while `spare` bytes stay free. */
bool out_fits(size_t spare);

text out_text(void);

#endif
