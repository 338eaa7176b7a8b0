/*-------------------------------------------------------------------------
 *
 * decimal_kernel.c
 *	  Exact decimal numbers: bounds are compared as they were written.
 *
 * Binary floating point would let 0.1000000000000000001 pass "max": 0.1,
 * and mix up neighbouring bigints.
 *
 *-------------------------------------------------------------------------
 */
#include "schema/decimal_kernel.h"

#include <string.h>

#define EXPONENT_LIMIT INT64_C(1000000000000)

/* The number after "e", held within the limit. */
static int64_t
read_exponent(const char *at)
{
	bool		negative = *at == '-';
	int64_t		exponent = 0;

	if (*at == '+' || *at == '-')
		at++;
	for (; *at; at++)
		if (exponent < EXPONENT_LIMIT)
			exponent = exponent * 10 + (*at - '0');
	if (exponent > EXPONENT_LIMIT)
		exponent = EXPONENT_LIMIT;
	return negative ? -exponent : exponent;
}

SchemaDecimal
schema_decimal_read(SchemaArena *arena, const char *number)
{
	SchemaDecimal result = {false, "", 0, 0};
	char	   *digits = schema_alloc(arena, strlen(number) + 1);
	int64_t		count = 0;
	bool		fraction = false;

	if (*number == '-')
	{
		result.negative = true;
		number++;
	}
	for (; *number && *number != 'e' && *number != 'E'; number++)
	{
		if (*number == '.')
		{
			fraction = true;
			continue;
		}
		if (count > 0 || *number != '0')
		{
			digits[count++] = *number;
			result.exponent += !fraction;
		}
		else if (fraction)
			result.exponent--;
	}
	if (*number)
		result.exponent += read_exponent(number + 1);
	while (count > 0 && digits[count - 1] == '0')
		count--;
	digits[count] = '\0';
	result.digits = digits;
	result.count = count;
	if (count == 0)
	{
		result.negative = false;
		result.exponent = 0;
	}
	return result;
}

/* Compares the absolute values. */
static int
compare_size(const SchemaDecimal *a, const SchemaDecimal *b)
{
	int			order;

	if (a->count == 0 || b->count == 0)
		return (a->count > 0) - (b->count > 0);
	if (a->exponent != b->exponent)
		return a->exponent < b->exponent ? -1 : 1;

	/* Trailing zeros are gone, so a longer one of the same start is larger. */
	order = strcmp(a->digits, b->digits);
	return (order > 0) - (order < 0);
}

int
schema_decimal_compare(const SchemaDecimal *a, const SchemaDecimal *b)
{
	if (a->negative != b->negative)
		return a->negative ? -1 : 1;
	return a->negative ? compare_size(b, a) : compare_size(a, b);
}

void
schema_decimal_print(SchemaText *text, const SchemaDecimal *number)
{
	int64_t		whole = number->exponent;

	if (number->negative)
		schema_text_add(text, "-");
	if (whole <= 0)
		schema_text_add(text, "0");
	for (int64_t i = 0; i < whole; i++)
		schema_text_bytes(text, i < number->count ? number->digits + i : "0",
						  1);
	if (number->count <= whole || number->count == 0)
		return;
	schema_text_add(text, ".");
	for (int64_t i = whole; i < 0; i++)
		schema_text_add(text, "0");
	for (int64_t i = whole > 0 ? whole : 0; i < number->count; i++)
		schema_text_bytes(text, number->digits + i, 1);
}

bool
schema_decimal_is_plain(const SchemaDecimal *number)
{
	return number->exponent <= SCHEMA_PLAIN_DIGITS &&
		number->count - number->exponent <= SCHEMA_PLAIN_DIGITS;
}

bool
schema_decimal_int64(const SchemaDecimal *number, int64_t *result)
{
	uint64_t	size = 0;
	uint64_t	limit = (uint64_t) INT64_MAX + number->negative;

	if (number->count > number->exponent || number->exponent > 19)
		return false;
	for (int64_t i = 0; i < number->exponent; i++)
	{
		unsigned	digit = i < number->count ?
			(unsigned) (number->digits[i] - '0') : 0;

		if (size > (limit - digit) / 10)
			return false;
		size = size * 10 + digit;
	}
	*result = number->negative ? (int64_t) (0 - size) : (int64_t) size;
	return true;
}
