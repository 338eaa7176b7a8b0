/*-------------------------------------------------------------------------
 *
 * fuzz_schema.c
 *	  Malformed and odd label schemas and answers.
 *
 * What reads as a label schema must print as one that reads as the same, in
 * both forms, and differ from itself in nothing; whatever is given as an
 * answer must be judged without harm, and alike each time.
 *
 *	fuzz_schema SEED ROUNDS
 *
 * mutates its own inputs; LLVMFuzzerTestOneInput is there for libFuzzer
 * (compile with -fsanitize=fuzzer and -DLIBFUZZER).
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/check_kernel.h"
#include "schema/diff_kernel.h"
#include "schema/model_kernel.h"

/* ---- memory ------------------------------------------------------------- */

typedef struct Block
{
	struct Block *next;
	max_align_t bytes[];
} Block;

static void *
take(void *state, size_t size)
{
	Block	  **blocks = state;
	Block	   *block = malloc(sizeof(Block) + size);

	if (block == NULL)
		abort();
	block->next = *blocks;
	*blocks = block;
	return block->bytes;
}

static void
drop(Block *blocks)
{
	while (blocks)
	{
		Block	   *next = blocks->next;

		free(blocks);
		blocks = next;
	}
}

static void
demand(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "not so: %s\n", what);
	abort();
}

/* ---- what must hold ----------------------------------------------------- */

static bool
matches_always(const char *pattern, const char *string)
{
	return pattern != NULL && string != NULL;
}

static void
count_violation(void *state, const char *path, const char *problem,
				const char *hint)
{
	size_t	   *sum = state;

	*sum += 1 + strlen(path) + strlen(problem) + (hint ? strlen(hint) : 0);
}

static void
no_change(void *state, const char *field, const char *label,
		  const char *change, bool breaking)
{
	(void) state, (void) field, (void) label, (void) breaking;
	demand(change == NULL, "a schema does not differ from itself");
}

static void
any_change(void *state, const char *field, const char *label,
		   const char *change, bool breaking)
{
	(void) field, (void) label, (void) breaking;
	*(size_t *) state += strlen(change);
}

static const char *
print(SchemaArena *arena, const SchemaFields *fields, bool array_form)
{
	SchemaText text;

	schema_text_init(&text, arena);
	schema_print(&text, fields, array_form);
	return text.data;
}

static void
round_trip(SchemaArena *arena, const SchemaFields *fields)
{
	SchemaDiff	diff = {arena, no_change, NULL};
	SchemaError error;
	const char *text = print(arena, fields, false);

	for (int array_form = 0; array_form < 2; array_form++)
	{
		const char *form = print(arena, fields, array_form);
		const SchemaFields *again = schema_parse_text(arena, form,
													  strlen(form), &error);

		demand(again != NULL, "what was printed can be read");
		demand(strcmp(text, print(arena, again, false)) == 0,
			   "what was printed prints alike");
		schema_diff(&diff, fields, again);
	}
	demand(schema_append(arena, fields, fields, &error) == NULL,
		   "fields are not added twice");
}

static size_t
judge(SchemaArena *arena, const SchemaFields *fields, const JsonNode *answer,
	  bool prediction)
{
	size_t		sum = 0;
	SchemaCheck check = {
		.arena = arena,
		.fields = fields,
		.data = answer,
		.prediction = prediction,
		.limit = 100,
		.matches = matches_always,
		.report = count_violation,
		.state = &sum
	};

	demand(schema_check(&check, answer) == (sum == 0),
		   "who does not fit is told why");
	return sum;
}

static const char everything[] =
"{\"c\": {\"choice\": [\"a\", \"b\"]}, \"m\": {\"choices\": [\"a\", \"b\"]},"
" \"b\": {\"boolean\": true, \"when\": {\"c\": \"a\", \"r\": [2, 3]}},"
" \"d\": {\"date\": true}, \"r\": {\"rating\": 5},"
" \"n\": {\"number\": {\"min\": -1.5, \"max\": 1e3, \"unit\": \"s\"}},"
" \"i\": {\"number\": {\"integer\": true}},"
" \"t\": {\"text\": {\"max_length\": 9, \"pattern\": \"x\"}},"
" \"p\": {\"preference\": [\"a\", \"b\"], \"ties\": true, \"shuffle\": true},"
" \"k\": {\"ranking\": [\"a\", {\"name\": \"b\", \"id\": 7}]},"
" \"s\": {\"spans\": [\"A\"], \"of\": \"t\", \"each\": {\"q\": {\"boolean\":"
" true, \"when\": {\"label\": [\"A\"]}, \"optional\": true}}},"
" \"l\": {\"relations\": [\"A\"], \"between\": [\"s\", \"x\"]},"
" \"x\": {\"boxes\": [{\"name\": \"A\", \"parent\": \"B\"}, \"B\"],"
" \"size\": [\"n\", \"i\"]},"
" \"y\": {\"polygons\": [\"A\"]}, \"z\": {\"polylines\": [\"A\"]},"
" \"o\": {\"keypoints\": [\"A\"], \"points\": [\"u\", \"v\"],"
" \"skeleton\": [[\"u\", \"v\"]]},"
" \"a\": {\"masks\": [\"A\"]}, \"g\": {\"segments\": [\"A\"],"
" \"optional\": true, \"help\": \"h\", \"title\": \"t\"}}";

static const char answer[] =
"{\"c\": \"a\", \"m\": [\"b\", \"a\"], \"b\": true, \"d\": \"2024-02-29\","
" \"r\": 3, \"n\": 12.50, \"i\": -3, \"t\": \"Zo\\u00eb x\", \"p\": \"tie\","
" \"k\": [\"b\", \"a\"], \"s\": [{\"id\": \"e1\", \"start\": 0, \"end\": 3,"
" \"label\": \"A\", \"text\": \"Zo\\u00eb\", \"q\": true}],"
" \"l\": [{\"from\": \"e1\", \"to\": \"e2\", \"label\": \"A\"}],"
" \"x\": [{\"id\": \"e2\", \"x\": 0, \"y\": 0, \"width\": 1, \"height\": 1,"
" \"rotation\": 5, \"label\": \"B\", \"score\": 0.5}],"
" \"y\": [{\"rings\": [[0, 0, 1, 0, 1, 1]], \"label\": \"A\"}],"
" \"z\": [{\"points\": [0, 0, 1, 1], \"label\": \"A\"}],"
" \"o\": [{\"points\": {\"u\": [1, 2, 2]}, \"label\": \"A\"}],"
" \"a\": [{\"size\": [3, 3], \"counts\": \"9\", \"label\": \"A\"}],"
" \"g\": [{\"start\": 0.5, \"end\": 1, \"label\": \"A\"}]}";

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static SchemaFields *all;
	static Block *kept;
	SchemaArena keeper = {take, &kept};
	Block	   *blocks = NULL;
	SchemaArena arena = {take, &blocks};
	SchemaDiff	diff = {&arena, any_change, &(size_t) {0}};
	SchemaError error;
	const SchemaFields *fields;
	const JsonNode *json;

	if (all == NULL)
		all = schema_parse_text(&keeper, everything, strlen(everything),
								&error);
	demand(all != NULL, "the schema of this test can be read");

	fields = schema_parse_text(&arena, (const char *) data, size, &error);
	demand(fields != NULL || error.message != NULL, "an error has words");
	json = schema_json_parse(&arena, (const char *) data, size,
							 SCHEMA_MAX_ANSWER_DEPTH, &error);
	if (fields)
	{
		round_trip(&arena, fields);
		schema_diff(&diff, all, fields);
		schema_diff(&diff, fields, all);
		judge(&arena, fields, json, false);
	}
	if (json)
		demand(judge(&arena, all, json, true) == judge(&arena, all, json, true),
			   "an answer is judged alike");
	drop(blocks);
	return 0;
}

/* ---- inputs ------------------------------------------------------------- */

#ifndef LIBFUZZER

static uint64_t random_state;

static uint32_t
random_below(uint32_t limit)
{
	random_state = random_state * UINT64_C(6364136223846793005) +
		UINT64_C(1442695040888963407);
	return (uint32_t) ((random_state >> 33) % limit);
}

static const char *const seeds[] = {
	everything,
	answer,
	"{\"a\": {\"choice\": [\"x\", \"y\"]}}",
	"[{\"name\": \"a\", \"rating\": {\"min\": 0, \"max\": 10}}]",
	"{\"a\": {\"choice\": [{\"name\": \"\\ud83d\\ude00\", \"id\": 2,"
	" \"title\": \"t\", \"color\": \"#fff\", \"hotkey\": \"k\", \"help\":"
	" \"h\"}, \"b\", {\"name\": \"c\", \"parent\": \"b\"}]}}",
	"{\"a\": \"x\", \"n\": 1e400, \"s\": [{\"start\": 5, \"end\": 2}]}"
};

static const char *const words[] = {
	"{", "}", "[", "]", ",", ":", "\"", "\\", "\\u0000", "\\ud800", "\\n",
	"null", "true", "false", "0", "-1", "1e999999999999", "0.1", "\"a\"",
	"\"label\"", "\"each\"", "\"when\"", "\"between\"", "\"optional\": true",
	"\"choice\"", "\"choices\"", "\"spans\"", "\"boxes\"", "\"points\"",
	"\xc3\xab", "\xf0\x9f\x98\x80", "\xff", "\xed\xa0\x80", "[[[[[[[[[["
};

#define MAX_INPUT 8192

static size_t
splice(char *input, size_t length, size_t at, size_t cut, const char *in,
	   size_t added)
{
	if (cut > length - at)
		cut = length - at;
	if (length - cut + added > MAX_INPUT)
		return length;
	memmove(input + at + added, input + at + cut, length - at - cut);
	memcpy(input + at, in, added);
	return length - cut + added;
}

static size_t
mutate(char *input, size_t length)
{
	size_t		at = random_below((uint32_t) length + 1);
	const char *other;

	switch (random_below(5))
	{
		case 0:
			if (at < length)
				input[at] = (char) random_below(256);
			return length;
		case 1:
			return splice(input, length, at, random_below(20), "", 0);
		case 2:
			other = words[random_below(sizeof(words) / sizeof(words[0]))];
			return splice(input, length, at, random_below(2) * 3, other,
						  strlen(other));
		case 3:
			other = seeds[random_below(sizeof(seeds) / sizeof(seeds[0]))];
			other += random_below((uint32_t) strlen(other));
			return splice(input, length, at, random_below(40), other,
						  random_below((uint32_t) strlen(other) + 1));
		default:
			if (at < length && input[at] >= '0' && input[at] <= '9')
				input[at] = (char) ('0' + random_below(10));
			return length;
	}
}

int
main(int argc, char **argv)
{
	long		rounds = argc > 2 ? atol(argv[2]) : 1000;
	char	   *input = malloc(MAX_INPUT);

	random_state = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
	for (long round = 0; round < rounds; round++)
	{
		const char *seed = seeds[round % (sizeof(seeds) / sizeof(seeds[0]))];
		size_t		length = strlen(seed);
		char	   *exact;

		memcpy(input, seed, length);
		for (uint32_t edits = random_below(6); edits > 0; edits--)
			length = mutate(input, length);

		/* in a block of just its size, so that reading past it is seen */
		exact = malloc(length + 1);
		memcpy(exact, input, length);
		exact = realloc(exact, length > 0 ? length : 1);
		LLVMFuzzerTestOneInput((const uint8_t *) exact, length);
		free(exact);
	}
	free(input);
	printf("%ld inputs\n", rounds);
	return 0;
}

#endif
