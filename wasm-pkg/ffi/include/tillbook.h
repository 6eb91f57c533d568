/* libtillbook: the accounting core behind a C interface. */
#ifndef TILLBOOK_H
#define TILLBOOK_H
#include <stddef.h>
#include <stdint.h>

/* The module, ready to run. May be used by one thread at a time. */
typedef struct tillbook tillbook;

/* A text of the library, to be given back. ok: 1 for a reply; 0 for a failure, which is a word,
   a line break and a sentence. */
typedef struct { uint8_t *bytes; size_t length; uint32_t ok; } tillbook_text;

uint32_t tillbook_ffi_version(void);
tillbook_text tillbook_sha256(void);
tillbook_text tillbook_open(tillbook **core);
tillbook_text tillbook_call(const tillbook *core, const char *operation, size_t operation_length,
                            const char *request, size_t request_length);
void tillbook_text_free(tillbook_text text);
void tillbook_close(tillbook *core);
#endif
