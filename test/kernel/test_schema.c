/*-------------------------------------------------------------------------
 *
 * test_schema.c
 *	  Label schemas: reading, printing, checking answers, differences.
 *
 *-------------------------------------------------------------------------
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "schema/check_kernel.h"
#include "schema/decimal_kernel.h"
#include "schema/diff_kernel.h"
#include "schema/model_kernel.h"
#include "schema/succeed_kernel.h"

/* ---- a bench: memory that goes after each test -------------------------- */

static void **blocks;
static size_t nblocks;

static void *
take(void *state, size_t size)
{
	void	   *block = malloc(size);

	(void) state;
	assert_non_null(block);
	if ((nblocks & (nblocks - 1)) == 0)
		blocks = realloc(blocks, (nblocks * 2 + 1) * sizeof(void *));
	return blocks[nblocks++] = block;
}

static SchemaArena arena = {take, NULL};
static SchemaError error;

static int
clean(void **state)
{
	(void) state;
	while (nblocks > 0)
		free(blocks[--nblocks]);
	free(blocks);
	blocks = NULL;
	return 0;
}

static const SchemaFields *
read_schema(const char *text)
{
	const SchemaFields *fields = schema_parse_text(&arena, text, strlen(text),
												   &error);

	if (fields == NULL)
		print_message("%s\n", error.message);
	assert_non_null(fields);
	return fields;
}

/* The text prints as "canonical", and that as itself, in both forms. */
static void
assert_prints(const char *text, const char *canonical)
{
	const SchemaFields *fields = read_schema(text);
	SchemaText	form;

	assert_string_equal(schema_canonical(&arena, fields, &error), canonical);
	fields = read_schema(canonical);
	assert_string_equal(schema_canonical(&arena, fields, &error), canonical);
	schema_text_init(&form, &arena);
	schema_print(&form, fields, true);
	fields = read_schema(form.data);
	assert_string_equal(schema_canonical(&arena, fields, &error), canonical);
}

static void
assert_same(const char *text)
{
	assert_prints(text, text);
}

/* The text is refused with that message (and detail or hint, if any). */
static void
assert_refused(const char *text, const char *message, const char *more)
{
	const SchemaFields *fields = schema_parse_text(&arena, text, strlen(text),
												   &error);

	assert_null(fields);
	assert_string_equal(error.message, message);
	if (more)
		assert_string_equal(error.detail ? error.detail : error.hint, more);
}

static const char syntax[] = "label schema is not valid JSON";

/* ---- JSON --------------------------------------------------------------- */

static void
test_syntax(void **state)
{
	(void) state;
	assert_refused("", syntax, "At character 1: expected a JSON value.");
	assert_refused("{\"a\": 1", syntax,
				   "At character 8: expected \",\" or \"}\".");
	assert_refused("{\"a\": 1} x", syntax,
				   "At character 10: nothing may follow the closing bracket.");
	assert_refused("{a: 1}", syntax,
				   "At character 2: expected a key in double quotes.");
	assert_refused("{\"a\" 1}", syntax,
				   "At character 6: expected \":\" after the key.");
	assert_refused("[1,]", syntax, "At character 4: expected a JSON value.");
	assert_refused("[01]", syntax, "At character 2: malformed number.");
	assert_refused("[1.]", syntax, "At character 2: malformed number.");
	assert_refused("[1e]", syntax, "At character 2: malformed number.");
	assert_refused("[\"a", syntax, "At character 4: the string does not end.");
	assert_refused("[\"\\x\"]", syntax,
				   "At character 4: unknown escape in a string.");
	assert_refused("[\"\t\"]", syntax,
				   "At character 3: a control character in a string must be"
				   " escaped.");
	assert_refused("{\"a\": 1, \"b\": 2, \"a\": 3}", syntax,
				   "At character 24: the key \"a\" comes twice in the object"
				   " that ends here.");
	assert_refused("[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", syntax,
				   "At character 17: too deeply nested.");
}

static void
test_unicode(void **state)
{
	const JsonNode *node;
	static const char text[] = "\"\\ud83d\\ude00\\u00eb\\n\xc3\xab\"";

	(void) state;
	node = schema_json_parse(&arena, text, strlen(text), 1, &error);
	assert_string_equal(node->string, "\xf0\x9f\x98\x80\xc3\xab\n\xc3\xab");
	assert_int_equal(schema_utf8_count(node->string), 4);
	assert_string_equal(schema_utf8_skip(node->string, 3), "\xc3\xab");
	assert_refused("[\"\xc3\xab\xff\"]", syntax,
				   "At character 4: invalid UTF-8.");
	assert_refused("[\"\xc0\x80\"]", syntax, NULL);
	assert_refused("[\"\xed\xa0\x80\"]", syntax, NULL);
	assert_refused("[\"\xf4\x90\x80\x80\"]", syntax, NULL);
	assert_refused("[\"\xe2\x82\"]", syntax, NULL);
	assert_refused("[\"\\u0000\"]", syntax,
				   "At character 9: \\u0000 cannot be kept in text.");
	assert_refused("[\"\\ud83d\"]", syntax,
				   "At character 9: a high surrogate is not followed by a low"
				   " one.");
	assert_refused("[\"\\ude00\"]", syntax,
				   "At character 9: a low surrogate does not follow a high"
				   " one.");
	assert_refused("[\"\\u12\"]", syntax, NULL);
}

static void
assert_decimal(const char *number, const char *printed)
{
	SchemaDecimal decimal = schema_decimal_read(&arena, number);
	SchemaText text;

	schema_text_init(&text, &arena);
	schema_decimal_print(&text, &decimal);
	assert_string_equal(text.data, printed);
}

static int
compare(const char *a, const char *b)
{
	SchemaDecimal x = schema_decimal_read(&arena, a);
	SchemaDecimal y = schema_decimal_read(&arena, b);

	assert_int_equal(schema_decimal_compare(&y, &x),
					 -schema_decimal_compare(&x, &y));
	return schema_decimal_compare(&x, &y);
}

static void
test_decimals(void **state)
{
	SchemaDecimal decimal;
	int64_t		integer;

	(void) state;
	assert_decimal("0", "0");
	assert_decimal("-0.00e5", "0");
	assert_decimal("1.50", "1.5");
	assert_decimal("100", "100");
	assert_decimal("1E2", "100");
	assert_decimal("-12.5e-3", "-0.0125");
	assert_decimal("0.0125e2", "1.25");
	assert_int_equal(compare("0.1", "0.1000000000000000000000001"), -1);
	assert_int_equal(compare("9007199254740993", "9007199254740992"), 1);
	assert_int_equal(compare("-2", "-1.5"), -1);
	assert_int_equal(compare("10", "9"), 1);
	assert_int_equal(compare("0", "-1e-30"), 1);
	assert_int_equal(compare("1.0", "1e0"), 0);
	decimal = schema_decimal_read(&arena, "9223372036854775807");
	assert_true(schema_decimal_int64(&decimal, &integer));
	assert_true(integer == INT64_MAX);
	decimal = schema_decimal_read(&arena, "-9223372036854775808");
	assert_true(schema_decimal_int64(&decimal, &integer));
	assert_true(integer == INT64_MIN);
	decimal = schema_decimal_read(&arena, "9223372036854775808");
	assert_false(schema_decimal_int64(&decimal, &integer));
	decimal = schema_decimal_read(&arena, "1e999999999999999999999");
	assert_false(schema_decimal_int64(&decimal, &integer));
	assert_false(schema_decimal_is_plain(&decimal));
	decimal = schema_decimal_read(&arena, "0.5");
	assert_false(schema_decimal_int64(&decimal, &integer));
}

/* ---- schemas ------------------------------------------------------------ */

static void
test_canonical(void **state)
{
	(void) state;
	assert_same("{\"a\": {\"choice\": [\"x\", \"y\"]}}");
	assert_prints(" {\"a\":{\"optional\":false,\"choice\":[\"x\",\"y\"]}} ",
				  "{\"a\": {\"choice\": [\"x\", \"y\"]}}");
	assert_prints("[{\"name\": \"b\", \"rating\": {\"min\": 1, \"max\": 5.0}},"
				  " {\"name\": \"a\", \"number\": {}}]",
				  "{\"b\": {\"rating\": 5}, \"a\": {\"number\": true}}");
	assert_prints("{\"a\": {\"number\": {\"max\": 1e3, \"min\": -0.50,"
				  " \"integer\": false}}}",
				  "{\"a\": {\"number\": {\"min\": -0.5, \"max\": 1000}}}");
	assert_prints("{\"b\": {\"boolean\": true, \"when\": {\"r\": [3, 1],"
				  " \"a\": \"y\"}}, \"a\": {\"choice\": [\"x\", \"y\"]},"
				  " \"r\": {\"rating\": 3}}",
				  "{\"b\": {\"boolean\": true, \"when\": {\"a\": [\"y\"],"
				  " \"r\": [1, 3]}}, \"a\": {\"choice\": [\"x\", \"y\"]},"
				  " \"r\": {\"rating\": 3}}");
	assert_same("{\"\xc3\xab\": {\"text\": {\"max_length\": 5, \"pattern\":"
				" \"^\\\\d \\u0001\\n\\\"$\"}}}");
}

static void
test_ids(void **state)
{
	const SchemaLabels *labels;

	(void) state;
	assert_prints("{\"a\": {\"choice\": [{\"name\": \"x\", \"id\": 1}, \"y\"]}}",
				  "{\"a\": {\"choice\": [\"x\", \"y\"]}}");

	/* the position, unless it is another label's by declaration */
	labels = &read_schema("{\"a\": {\"boxes\": [{\"name\": \"car\", \"id\":"
						  " 3}, \"person\", \"dog\", {\"name\": \"cat\","
						  " \"id\": 5}]}}")->items[0].labels;
	assert_int_equal(labels->items[0].id, 3);
	assert_int_equal(labels->items[1].id, 2);
	assert_int_equal(labels->items[2].id, 6);
	assert_int_equal(labels->items[3].id, 5);
	assert_same("{\"a\": {\"boxes\": [{\"name\": \"car\", \"id\": 3},"
				" \"person\", {\"name\": \"dog\", \"id\": 6}, {\"name\":"
				" \"cat\", \"id\": 5}]}}");
	assert_same("{\"a\": {\"choice\": [{\"name\": \"x\", \"id\": 0}]}}");
	assert_refused("{\"a\": {\"choice\": [{\"name\": \"x\", \"id\": 2},"
				   " {\"name\": \"y\", \"id\": 2}]}}",
				   "field \"a\": two labels have the id 2", NULL);
}

static void
test_labels(void **state)
{
	(void) state;
	assert_same("{\"a\": {\"choice\": [{\"name\": \"x\", \"id\": 7,"
				" \"title\": \"X\", \"parent\": \"y\", \"color\": \"#ff0000\","
				" \"hotkey\": \"1\", \"help\": \"An x.\"}, \"y\"]}}");
	assert_refused("{\"a\": {\"choice\": [\"x\", \"y\", \"x\"]}}",
				   "field \"a\": choice has \"x\" twice", NULL);
	assert_refused("{\"a\": {\"choice\": []}}",
				   "field \"a\": \"choice\" is empty", NULL);
	assert_refused("{\"a\": {\"choice\": [\"\"]}}",
				   "field \"a\": a label must not be empty", NULL);
	assert_refused("{\"a\": {\"choice\": [{\"name\": \"x\", \"colour\":"
				   " \"red\"}]}}",
				   "field \"a\", label \"x\": unknown option \"colour\"",
				   "Did you mean \"color\"? A label has: name, id, title,"
				   " parent, color, hotkey, help.");
	assert_refused("{\"a\": {\"choice\": [{\"name\": \"x\", \"color\":"
				   " \"red;\"}]}}",
				   "field \"a\", label \"x\": \"red;\" is not a color", NULL);
	assert_refused("{\"a\": {\"choice\": [{\"name\": \"x\", \"parent\":"
				   " \"z\"}]}}",
				   "field \"a\", label \"x\": there is no parent \"z\"", NULL);
	assert_refused("{\"a\": {\"choice\": [\"z\", {\"name\": \"x\", \"parent\":"
				   " \"y\"}, {\"name\": \"y\", \"parent\": \"x\"}]}}",
				   "field \"a\": label \"x\" is its own ancestor", NULL);
	assert_refused("{\"a\": {\"choice\": [{\"name\": \"x\", \"hotkey\": \"k\"},"
				   " {\"name\": \"y\", \"hotkey\": \"k\"}]}}",
				   "field \"a\": labels \"x\" and \"y\" have the same hotkey"
				   " \"k\"", NULL);
}

/* Many labels are read in a moment, and each is found. */
static void
test_many_labels(void **state)
{
	SchemaText text;
	const SchemaFields *fields;

	(void) state;
	schema_text_init(&text, &arena);
	schema_text_add(&text, "{\"a\": {\"choice\": [\"label 0\"");
	for (int i = 1; i < SCHEMA_MAX_LABELS; i++)
		schema_text_add(&text, schema_format(&arena, ", \"label %d\"", i));
	schema_text_add(&text, "]}}");
	fields = read_schema(text.data);
	assert_int_equal(fields->items[0].labels.count, SCHEMA_MAX_LABELS);
	for (int i = 0; i < SCHEMA_MAX_LABELS; i += 999)
		assert_int_equal(schema_find_label(&fields->items[0].labels,
										   schema_format(&arena, "label %d",
														 i)), i);
	assert_int_equal(schema_find_label(&fields->items[0].labels, "label"), -1);
	assert_string_equal(schema_canonical(&arena, fields, &error), text.data);
	schema_text_cut(&text, text.length - 3);
	schema_text_add(&text, ", \"one more\"]}}");
	assert_refused(text.data, "field \"a\": \"choice\" has more than 100000"
				   " names", NULL);
	assert_int_equal(error.code, SCHEMA_LIMIT);
}

static void
test_limits(void **state)
{
	SchemaText text;

	(void) state;
	schema_text_init(&text, &arena);
	for (int i = 0; i < 1000001; i++)
		schema_text_add(&text, "n");
	assert_refused(schema_format(&arena, "{\"%s\": {\"boolean\": true}}",
								 text.data),
				   "the name of a field \"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"
				   "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnn...\" is longer than 46"
				   " bytes", NULL);
	assert_int_equal(error.code, SCHEMA_LIMIT);
	assert_refused(schema_format(&arena, "{\"a\": {\"choice\": [\"%s\"]}}",
								 text.data),
				   "field \"a\": a label \"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"
				   "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnn...\" is longer than 1000"
				   " bytes", NULL);
	schema_text_cut(&text, 0);
	for (int i = 0; i <= SCHEMA_MAX_FIELDS; i++)
		schema_text_add(&text, schema_format(&arena, "%s\"f%d\": {\"date\":"
											 " true}", i ? ", " : "{", i));
	schema_text_add(&text, "}");
	assert_refused(text.data, "a label schema has more than 250 fields", NULL);
}

static void
test_references(void **state)
{
	(void) state;
	assert_refused("{\"a\": {\"boolean\": true, \"when\": {\"b\": true}},"
				   " \"b\": {\"boolean\": true, \"when\": {\"a\": true}}}",
				   "field \"a\": \"when\" goes round in a circle", NULL);
	assert_refused("{\"a\": {\"boolean\": true, \"when\": {\"a\": true}}}",
				   "field \"a\": \"when\" names the field itself", NULL);
	assert_refused("{\"sentiment\": {\"choice\": [\"good\", \"bad\"]}, \"a\":"
				   " {\"boolean\": true, \"when\": {\"sentimant\":"
				   " \"bad\"}}}",
				   "field \"a\": \"when\" names \"sentimant\", which is no"
				   " field", "Did you mean \"sentiment\"?");
	assert_refused("{\"b\": {\"choice\": [\"good\", \"bad\"]}, \"a\":"
				   " {\"boolean\": true, \"when\": {\"b\": [\"goood\"]}}}",
				   "field \"a\": \"when\" names \"goood\", which is no label"
				   " of \"b\"", "Did you mean \"good\"?");
	assert_refused("{\"b\": {\"text\": true}, \"a\": {\"relations\": [\"r\"],"
				   " \"between\": \"b\"}}",
				   "field \"a\": \"between\" names \"b\", a text field",
				   NULL);
	assert_same("{\"b\": {\"spans\": [\"X\"], \"each\": {\"c\": {\"choice\":"
				" [\"u\"], \"when\": {\"label\": [\"X\"]}}, \"d\":"
				" {\"boolean\": true, \"when\": {\"c\": [\"u\"]}}}}, \"a\":"
				" {\"relations\": [\"r\"], \"between\": \"b\"}}");
	assert_refused("{\"b\": {\"spans\": [\"X\"], \"each\": {\"start\":"
				   " {\"boolean\": true}}}}",
				   "objects of field \"b\": a field in \"each\" cannot be"
				   " named \"start\"", NULL);
}

static void
test_nearest(void **state)
{
	const SchemaLabels *labels = &read_schema("{\"a\": {\"choice\":"
											  " [\"negative\", \"neutral\","
											  " \"positive\", \"PER\"]}}")->
		items[0].labels;

	(void) state;
	assert_string_equal(schema_nearest_label(labels, "positiv"), "positive");
	assert_string_equal(schema_nearest_label(labels, "Neutral"), "neutral");
	assert_string_equal(schema_nearest_label(labels, "negatvie"), "negative");
	assert_string_equal(schema_nearest_label(labels, "per"), "PER");
	assert_null(schema_nearest_label(labels, "banana"));
	assert_null(schema_nearest_label(labels, ""));
}

/* ---- answers ------------------------------------------------------------ */

static void
note(void *state, const char *path, const char *problem, const char *hint)
{
	(void) hint;
	schema_text_item(state, path);
	schema_text_add(state, ": ");
	schema_text_add(state, problem);
}

static bool
starts_with(const char *pattern, const char *string)
{
	return strncmp(pattern, string, strlen(pattern)) == 0;
}

static const JsonNode *
read_json(const char *text)
{
	const JsonNode *node = schema_json_parse(&arena, text, strlen(text),
											 SCHEMA_MAX_ANSWER_DEPTH, &error);

	assert_non_null(node);
	return node;
}

/* What is wrong with an answer; "" when it fits. */
static void
assert_checked(const char *schema, const char *answer, const char *data,
			   bool prediction, const char *violations)
{
	SchemaText text;
	SchemaCheck check = {
		.arena = &arena,
		.fields = read_schema(schema),
		.data = data ? read_json(data) : NULL,
		.prediction = prediction,
		.limit = 10,
		.matches = starts_with,
		.report = note,
		.state = &text
	};

	schema_text_init(&text, &arena);
	assert_int_equal(schema_check(&check, read_json(answer)),
					 violations[0] == '\0');
	assert_string_equal(text.data, violations);
}

static void
test_dates(void **state)
{
	static const char schema[] = "{\"d\": {\"date\": true}}";

	(void) state;
	assert_checked(schema, "{\"d\": \"2024-02-29\"}", NULL, false, "");
	assert_checked(schema, "{\"d\": \"2000-02-29\"}", NULL, false, "");
	assert_checked(schema, "{\"d\": \"1900-02-29\"}", NULL, false,
				   "d: \"1900-02-29\" is no date");
	assert_checked(schema, "{\"d\": \"2023-02-29\"}", NULL, false,
				   "d: \"2023-02-29\" is no date");
	assert_checked(schema, "{\"d\": \"2024-04-31\"}", NULL, false,
				   "d: \"2024-04-31\" is no date");
	assert_checked(schema, "{\"d\": \"0000-01-01\"}", NULL, false,
				   "d: \"0000-01-01\" is no date");
	assert_checked(schema, "{\"d\": \"2024-1-01\"}", NULL, false,
				   "d: \"2024-1-01\" is no date");
	assert_checked(schema, "{\"d\": \"2024-01-01 \"}", NULL, false,
				   "d: \"2024-01-01 \" is no date");
	assert_checked(schema, "{\"d\": \"\"}", NULL, false, "d: \"\" is no date");
}

/* Runs as pycocotools writes them: 2x2 is 1 off, 2 on, 1 off. */
static void
test_masks(void **state)
{
	static const char schema[] = "{\"m\": {\"masks\": [\"A\"]}}";
	static const struct
	{
		const char *size;
		const char *counts;
		const char *violations;
	}			cases[] = {
		{"[2, 2]", "121", ""},
		{"[2, 5]", "1232", ""}, /* 1 2 3 4 */
		{"[1, 32]", "P1", ""},	/* 32 */
		{"[8, 8]", "0P2", ""},	/* 0 64 */
		{"[1, 23]", "5541O", ""},	/* 5 5 4 6 3 */
		{"[2, 2]", "12", "m[0].counts: covers fewer pixels than size says"},
		{"[2, 2]", "122", "m[0].counts: is no run-length code of that size"},
		{"[2, 2]", "P", "m[0].counts: is no run-length code of that size"},
		{"[2, 2]", "O", "m[0].counts: is no run-length code of that size"},
		{"[2, 2]", "\\u00eb", "m[0].counts: is no run-length code of that"
		" size"},
		{"[2]", "121", "m[0].size: must be [height, width]"},
		{"[0, 2]", "121", "m[0].size[0]: 0 is not a whole number from 1 to"
		" 1000000"}
	};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_checked(schema,
					   schema_format(&arena, "{\"m\": [{\"size\": %s,"
									 " \"counts\": \"%s\", \"label\":"
									 " \"A\"}]}", cases[i].size,
									 cases[i].counts),
					   NULL, false, cases[i].violations);
}

static void
test_spans(void **state)
{
	static const char schema[] = "{\"s\": {\"spans\": [\"P\"], \"of\":"
		" \"body\"}}";
	static const char data[] = "{\"body\": \"\xf0\x9f\x98\x80 Zo\xc3\xab\"}";

	(void) state;
	assert_checked(schema, "{\"s\": [{\"start\": 2, \"end\": 5, \"label\":"
				   " \"P\", \"text\": \"Zo\xc3\xab\"}]}", data, false, "");

	/* as UTF-16 and as bytes would count */
	assert_checked(schema, "{\"s\": [{\"start\": 3, \"end\": 6, \"label\":"
				   " \"P\", \"text\": \"Zo\xc3\xab\"}]}", data, false,
				   "s[0].end: is 6, past the end of the text, which has 5"
				   " characters");
	assert_checked(schema, "{\"s\": [{\"start\": 1, \"end\": 4, \"label\":"
				   " \"P\", \"text\": \"Zo\xc3\xab\"}]}", data, false,
				   "s[0].text: is \"Zo\xc3\xab\", but there stands \" Zo\"");
	assert_checked(schema, "{\"s\": [{\"start\": 1, \"end\": 5, \"label\":"
				   " \"P\", \"text\": \"Zo\xc3\xab\"}]}", NULL, false,
				   "s[0].text: \"Zo\xc3\xab\" has 3 characters, but the span"
				   " has 4");
	assert_checked(schema, "{\"s\": [{\"start\": 5, \"end\": 5, \"label\":"
				   " \"P\", \"score\": 0.5}]}", NULL, false,
				   "s[0].score: belongs to predictions only, s[0].end: must be"
				   " greater than start");
	assert_checked(schema, "{\"s\": [{\"start\": 4, \"end\": 5, \"label\":"
				   " \"P\", \"score\": 0.5}]}", NULL, true, "");
}

/* The mark every so many characters is found from either side. */
static void
test_long_text(void **state)
{
	SchemaText	body;

	(void) state;
	schema_text_init(&body, &arena);
	for (int i = 0; i < 1000; i++)
		schema_text_add(&body, i % 3 == 0 ? "\xe2\x82\xac" : "x");
	schema_text_add(&body, "END");
	assert_checked("{\"s\": {\"spans\": [\"P\"], \"of\": \"b\"}}",
				   "{\"s\": [{\"start\": 1000, \"end\": 1003, \"label\": \"P\","
				   " \"text\": \"END\"}, {\"start\": 63, \"end\": 66,"
				   " \"label\": \"P\", \"text\": \"\xe2\x82\xacxx\"}]}",
				   schema_format(&arena, "{\"b\": \"%s\"}", body.data), false,
				   "");
}

static void
test_ids_and_relations(void **state)
{
	static const char schema[] = "{\"s\": {\"spans\": [\"P\"]}, \"b\":"
		" {\"boxes\": [\"B\"], \"optional\": true}, \"r\": {\"relations\":"
		" [\"of\"], \"between\": \"s\"}}";

	(void) state;
	assert_checked(schema, "{\"s\": [{\"id\": \"1\", \"start\": 0, \"end\": 1,"
				   " \"label\": \"P\"}, {\"id\": \"2\", \"start\": 0,"
				   " \"end\": 1, \"label\": \"P\"}], \"r\": [{\"from\": \"1\","
				   " \"to\": \"2\", \"label\": \"of\"}]}", NULL, false, "");
	assert_checked(schema, "{\"s\": [{\"id\": \"1\", \"start\": 0, \"end\": 1,"
				   " \"label\": \"P\"}, {\"id\": \"1\", \"start\": 0,"
				   " \"end\": 1, \"label\": \"P\"}], \"r\": []}", NULL, false,
				   "s[1].id: another object has the id \"1\" too");
	assert_checked(schema, "{\"s\": [], \"b\": [{\"id\": \"x\", \"x\": 0,"
				   " \"y\": 0, \"width\": 1, \"height\": 1, \"label\":"
				   " \"B\"}], \"r\": [{\"from\": \"x\", \"to\": \"y\","
				   " \"label\": \"of\"}]}", NULL, false,
				   "r[0].from: there is no object with the id \"x\" in s,"
				   " r[0].to: there is no object with the id \"y\" in s");
}

/* A model need not say something of every field. */
static void
test_predictions(void **state)
{
	static const char schema[] = "{\"a\": {\"boolean\": true}, \"b\":"
		" {\"date\": true, \"when\": {\"a\": true}}, \"s\": {\"segments\":"
		" [\"x\"], \"each\": {\"q\": {\"boolean\": true}}}}";
	static const char partial[] = "{\"b\": \"2026-01-01\", \"s\": [{\"start\":"
		" 0, \"end\": 1, \"label\": \"x\", \"score\": 1}]}";

	(void) state;
	assert_checked(schema, "{}", NULL, true, "");
	assert_checked(schema, partial, NULL, true, "");
	assert_checked(schema, partial, NULL, false,
				   "a: is missing, b: is only asked when a is true,"
				   " s[0].score: belongs to predictions only, s[0].q: is"
				   " missing");
	assert_checked(schema, "{\"a\": false, \"b\": \"2026-01-01\"}", NULL, true,
				   "b: is only asked when a is true");
	assert_checked(schema, "{\"s\": [{\"start\": 0, \"end\": 1, \"label\":"
				   " \"x\", \"score\": 1.5}]}", NULL, true,
				   "s[0].score: must be from 0 to 1");
}

/* ---- differences -------------------------------------------------------- */

static void
note_change(void *state, const char *field, const char *label,
			const char *change, bool breaking)
{
	schema_text_item(state, field ? field : "-");
	if (label)
	{
		schema_text_add(state, "/");
		schema_text_add(state, label);
	}
	schema_text_add(state, ": ");
	schema_text_add(state, change);
	schema_text_add(state, breaking ? "!" : "");
}

static void
assert_diff(const char *old, const char *new, const char *changes)
{
	SchemaText text;
	SchemaDiff	diff = {&arena, note_change, &text};

	schema_text_init(&text, &arena);
	schema_diff(&diff, read_schema(old), read_schema(new));
	assert_string_equal(text.data, changes);
}

static void
test_diff(void **state)
{
	(void) state;
	assert_diff("{\"a\": {\"choice\": [\"x\", \"y\"]}}",
				"{\"a\": {\"choice\": [\"x\", \"y\", \"z\"]}, \"b\":"
				" {\"date\": true, \"optional\": true}}",
				"a/z: label added, b: field added");
	assert_diff("{\"a\": {\"choice\": [\"x\", \"y\"]}, \"b\": {\"date\":"
				" true}}", "{\"a\": {\"choice\": [\"y\"]}}",
				"b: field removed!, a/x: label removed!, a/y: id changed from"
				" 2 to 1!");
	assert_diff("{\"a\": {\"rating\": 5}, \"b\": {\"date\": true}}",
				"{\"b\": {\"date\": true}, \"a\": {\"rating\": 4}}",
				"a: max changed from 5 to 4!, -: fields reordered");
	assert_diff("{\"s\": {\"spans\": [\"A\"]}}",
				"{\"s\": {\"spans\": [\"A\"], \"each\": {\"q\": {\"boolean\":"
				" true}}}}", "s.q: field added!");
	assert_diff("{\"a\": {\"text\": true}}", "{\"a\": {\"date\": true}}",
				"a: kind changed from text to date!");
	assert_diff("{\"n\": {\"number\": {\"min\": 0}}}",
				"{\"n\": {\"number\": {\"min\": -1, \"max\": 5}}}",
				"n: min changed from 0 to -1, n: max 5 added!");
}

/* ---- versions ----------------------------------------------------------- */

/* What "new" prints as, after up to three earlier versions. */
static void
assert_succeeds(const char *first, const char *second, const char *third,
				const char *new, const char *printed)
{
	const char *texts[3] = {first, second, third};
	const SchemaFields *older[3];
	SchemaFields *fields;
	int			nolder = 0;

	while (nolder < 3 && texts[nolder])
	{
		older[nolder] = read_schema(texts[nolder]);
		nolder++;
	}
	fields = schema_parse_text(&arena, new, strlen(new), &error);
	assert_non_null(fields);
	if (schema_inherit_ids(&arena, fields, older, nolder, &error))
		assert_prints(schema_canonical(&arena, fields, &error), printed);
	else
		assert_string_equal(error.message, printed);
}

static void
test_succession(void **state)
{
	(void) state;
	assert_succeeds("{\"a\": {\"choice\": [\"x\", \"y\"]}}", NULL, NULL,
					"{\"a\": {\"choice\": [\"new\", \"x\", \"y\"]}}",
					"{\"a\": {\"choice\": [{\"name\": \"new\", \"id\": 4},"
					" {\"name\": \"x\", \"id\": 1}, {\"name\": \"y\", \"id\":"
					" 2}]}}");

	/* c went and d came: d is not 3; later c is 3 again */
	assert_succeeds("{\"a\": {\"choice\": [\"x\", \"y\", \"c\"]}}",
					"{\"a\": {\"choice\": [\"x\", \"y\"]}}", NULL,
					"{\"a\": {\"choice\": [\"x\", \"y\", \"d\"]}}",
					"{\"a\": {\"choice\": [\"x\", \"y\", {\"name\": \"d\","
					" \"id\": 4}]}}");
	assert_succeeds("{\"a\": {\"choice\": [\"x\", \"y\", \"c\"]}}",
					"{\"a\": {\"choice\": [\"x\", \"y\"]}}",
					"{\"a\": {\"choice\": [\"x\", \"y\", {\"name\": \"d\","
					" \"id\": 4}]}}",
					"{\"a\": {\"choice\": [\"c\", \"d\"]}, \"b\": {\"choice\":"
					" [\"d\"]}}",
					"{\"a\": {\"choice\": [{\"name\": \"c\", \"id\": 3},"
					" {\"name\": \"d\", \"id\": 4}]}, \"b\": {\"choice\":"
					" [\"d\"]}}");
	assert_succeeds("{\"s\": {\"spans\": [\"P\"], \"each\": {\"q\": {\"choice\":"
					" [\"x\", \"y\"]}}}}", NULL, NULL,
					"{\"s\": {\"spans\": [\"P\"], \"each\": {\"q\": {\"choice\":"
					" [\"y\"]}}}}",
					"{\"s\": {\"spans\": [\"P\"], \"each\": {\"q\": {\"choice\":"
					" [{\"name\": \"y\", \"id\": 2}]}}}}");
	assert_succeeds("{\"a\": {\"choice\": [\"x\", \"y\"]}}", NULL, NULL,
					"{\"a\": {\"choice\": [{\"name\": \"z\", \"id\": 2}]}}",
					"field \"a\", label \"z\": the id 2 was that of label"
					" \"y\"");
	assert_succeeds("{\"a\": {\"choice\": [{\"name\": \"x\", \"id\":"
					" 2147483647}]}}", NULL, NULL,
					"{\"a\": {\"choice\": [\"y\", \"x\"]}}",
					"{\"a\": {\"choice\": [\"y\", {\"name\": \"x\", \"id\":"
					" 2147483647}]}}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_syntax, clean),
		cmocka_unit_test_teardown(test_unicode, clean),
		cmocka_unit_test_teardown(test_decimals, clean),
		cmocka_unit_test_teardown(test_canonical, clean),
		cmocka_unit_test_teardown(test_ids, clean),
		cmocka_unit_test_teardown(test_labels, clean),
		cmocka_unit_test_teardown(test_many_labels, clean),
		cmocka_unit_test_teardown(test_limits, clean),
		cmocka_unit_test_teardown(test_references, clean),
		cmocka_unit_test_teardown(test_nearest, clean),
		cmocka_unit_test_teardown(test_dates, clean),
		cmocka_unit_test_teardown(test_masks, clean),
		cmocka_unit_test_teardown(test_spans, clean),
		cmocka_unit_test_teardown(test_long_text, clean),
		cmocka_unit_test_teardown(test_ids_and_relations, clean),
		cmocka_unit_test_teardown(test_predictions, clean),
		cmocka_unit_test_teardown(test_diff, clean),
		cmocka_unit_test_teardown(test_succession, clean)
	};

	return cmocka_run_group_tests_name("schema", tests, NULL, NULL);
}
