/*-------------------------------------------------------------------------
 *
 * chunk_kernel.h
 *	  The inbox's chunks of keys as bytes.
 *
 * A format byte, then the keys: texts, each behind its length, or integers,
 * each as its difference from the one before (both as varints, so that keys
 * which ascend by one take a byte each).
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_CHUNK_KERNEL_H
#define TDP_CHUNK_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#define CHUNK_TEXTS 1
#define CHUNK_INTEGERS 2

/* The most bytes that one more integer, or a text of "length", can take. */
#define CHUNK_INTEGER_ROOM 10
#define CHUNK_TEXT_ROOM(length) ((size_t) (length) + 5)

/* Room for the decimal digits of any integer key, sign and end. */
#define CHUNK_DIGITS 24

/* A chunk that grows in the caller's bytes; previous starts as 0. */
typedef struct ChunkWriter
{
	uint8_t    *bytes;
	size_t		used;
	int64_t		previous;
} ChunkWriter;

extern void chunk_start(ChunkWriter *writer, uint8_t *bytes, int format);
extern void chunk_add_integer(ChunkWriter *writer, int64_t key);
extern void chunk_add_text(ChunkWriter *writer, const char *key,
						   uint32_t length);

typedef struct ChunkReader
{
	const uint8_t *bytes;
	size_t		size;
	size_t		at;
	int64_t		previous;
	char		digits[CHUNK_DIGITS];
} ChunkReader;

extern void chunk_open(ChunkReader *reader, const uint8_t *bytes, size_t size);

/*
 * chunk_next sets the next key: its text (not ended by a zero byte; an
 * integer's is in the reader until the next call) and length.  Returns 1, 0
 * at the end, or -1 when the bytes are not a chunk.
 */
extern int	chunk_next(ChunkReader *reader, const char **key, size_t *length);

#endif							/* TDP_CHUNK_KERNEL_H */
