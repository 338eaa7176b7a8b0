/*-------------------------------------------------------------------------
 *
 * code_kernel.c
 *	  Values as 64 bits.
 *
 * The hash is XXH64, by its specification (Collet, xxHash fast digest
 * algorithm, version 0.1.1): short keys take a few nanoseconds, and unlike
 * PostgreSQL's own hash it is the same on machines of either byte order, so
 * that a state may travel.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "agreement/agreement_kernel.h"

#define PRIME1 UINT64_C(0x9E3779B185EBCA87)
#define PRIME2 UINT64_C(0xC2B2AE3D27D4EB4F)
#define PRIME3 UINT64_C(0x165667B19E3779F9)
#define PRIME4 UINT64_C(0x85EBCA77C2B2AE63)
#define PRIME5 UINT64_C(0x27D4EB2F165667C5)


static inline uint64_t
rotate(uint64_t x, int bits)
{
	return (x << bits) | (x >> (64 - bits));
}


static inline uint64_t
read32(const uint8_t *at)
{
	return (uint64_t) at[0] | (uint64_t) at[1] << 8 |
		(uint64_t) at[2] << 16 | (uint64_t) at[3] << 24;
}


static inline uint64_t
read64(const uint8_t *at)
{
	return read32(at) | read32(at + 4) << 32;
}


static inline uint64_t
one_round(uint64_t lane, uint64_t input)
{
	return rotate(lane + input * PRIME2, 31) * PRIME1;
}


/* What 32 bytes at a time leave of a long input; "at" moves past them. */
static uint64_t
hash_stripes(const uint8_t **at, size_t length, uint64_t seed)
{
	uint64_t	lanes[4] = {
		seed + PRIME1 + PRIME2, seed + PRIME2, seed, seed - PRIME1
	};
	uint64_t	hash;

	for (; length >= 32; length -= 32, *at += 32)
		for (int i = 0; i < 4; i++)
			lanes[i] = one_round(lanes[i], read64(*at + 8 * i));
	hash = rotate(lanes[0], 1) + rotate(lanes[1], 7) +
		rotate(lanes[2], 12) + rotate(lanes[3], 18);
	for (int i = 0; i < 4; i++)
		hash = (hash ^ one_round(0, lanes[i])) * PRIME1 + PRIME4;
	return hash;
}


static inline uint64_t
avalanche(uint64_t hash)
{
	hash = (hash ^ (hash >> 33)) * PRIME2;
	hash = (hash ^ (hash >> 29)) * PRIME3;
	return hash ^ (hash >> 32);
}


uint64_t
agreement_hash(const void *bytes, size_t length, uint64_t seed)
{
	const uint8_t *at = bytes;
	const uint8_t *end = at + length;
	uint64_t	hash = (length >= 32) ? hash_stripes(&at, length, seed)
		: seed + PRIME5;

	hash += length;
	for (; end - at >= 8; at += 8)
		hash = rotate(hash ^ one_round(0, read64(at)), 27) * PRIME1 + PRIME4;
	if (end - at >= 4)
	{
		hash = rotate(hash ^ (read32(at) * PRIME1), 23) * PRIME2 + PRIME3;
		at += 4;
	}
	for (; at < end; at++)
		hash = rotate(hash ^ (*at * PRIME5), 11) * PRIME1;
	return avalanche(hash);
}


uint64_t
agreement_hash_next(uint64_t hash, uint64_t element)
{
	hash = rotate(hash ^ one_round(0, element), 27) * PRIME1 + PRIME4;
	return avalanche(hash);
}


/*
 * The bits of a positive double are in its order; a negative one's are in the
 * reverse order.
 */
uint64_t
agreement_number_key(double number)
{
	uint64_t	bits;

	if (number != number)
		return UINT64_MAX;
	if (number == 0)
		number = 0;				/* not -0 */
	memcpy(&bits, &number, sizeof(bits));
	return (bits >> 63) ? ~bits : bits | UINT64_C(0x8000000000000000);
}


double
agreement_key_number(uint64_t key)
{
	double		number;

	key = (key >> 63) ? key & ~UINT64_C(0x8000000000000000) : ~key;
	memcpy(&number, &key, sizeof(number));
	return number;
}
