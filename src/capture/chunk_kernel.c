/*-------------------------------------------------------------------------
 *
 * chunk_kernel.c
 *	  The inbox's chunks of keys as bytes.
 *
 *-------------------------------------------------------------------------
 */
#include "capture/chunk_kernel.h"

#include <stdio.h>
#include <string.h>


static void
put_varint(ChunkWriter *writer, uint64_t number)
{
	while (number >= 0x80)
	{
		writer->bytes[writer->used++] = (uint8_t) (number | 0x80);
		number >>= 7;
	}
	writer->bytes[writer->used++] = (uint8_t) number;
}


/* Returns 0 when the bytes end too early or the number has too many. */
static int
get_varint(ChunkReader *reader, uint64_t *number)
{
	*number = 0;
	for (int shift = 0; shift < 64; shift += 7)
	{
		uint8_t		byte;

		if (reader->at >= reader->size)
			return 0;
		byte = reader->bytes[reader->at++];
		*number |= (uint64_t) (byte & 0x7f) << shift;
		if ((byte & 0x80) == 0)
			return 1;
	}
	return 0;
}


void
chunk_start(ChunkWriter *writer, uint8_t *bytes, int format)
{
	writer->bytes = bytes;
	writer->bytes[0] = (uint8_t) format;
	writer->used = 1;
	writer->previous = 0;
}


void
chunk_add_integer(ChunkWriter *writer, int64_t key)
{
	/* wraps around, as unsigned numbers may */
	uint64_t	delta = (uint64_t) key - (uint64_t) writer->previous;

	/* zigzag: small differences of either sign become small numbers */
	put_varint(writer, (delta << 1) ^ (0 - (delta >> 63)));
	writer->previous = key;
}


void
chunk_add_text(ChunkWriter *writer, const char *key, uint32_t length)
{
	put_varint(writer, length);
	memcpy(writer->bytes + writer->used, key, length);
	writer->used += length;
}


void
chunk_open(ChunkReader *reader, const uint8_t *bytes, size_t size)
{
	reader->bytes = bytes;
	reader->size = size;
	reader->at = 1;
	reader->previous = 0;
}


static int
next_integer(ChunkReader *reader, const char **key, size_t *length)
{
	uint64_t	zigzag;

	if (!get_varint(reader, &zigzag))
		return -1;
	reader->previous = (int64_t) ((uint64_t) reader->previous +
								  ((zigzag >> 1) ^ (0 - (zigzag & 1))));
	*length = (size_t) snprintf(reader->digits, CHUNK_DIGITS, "%lld",
								(long long) reader->previous);
	*key = reader->digits;
	return 1;
}


static int
next_text(ChunkReader *reader, const char **key, size_t *length)
{
	uint64_t	size;

	if (!get_varint(reader, &size) || size > reader->size - reader->at)
		return -1;
	*key = (const char *) reader->bytes + reader->at;
	*length = (size_t) size;
	reader->at += (size_t) size;
	return 1;
}


int
chunk_next(ChunkReader *reader, const char **key, size_t *length)
{
	if (reader->size == 0)
		return -1;
	if (reader->at >= reader->size)
		return 0;
	switch (reader->bytes[0])
	{
		case CHUNK_TEXTS:
			return next_text(reader, key, length);
		case CHUNK_INTEGERS:
			return next_integer(reader, key, length);
		default:
			return -1;
	}
}
