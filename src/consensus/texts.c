/*-------------------------------------------------------------------------
 *
 * texts.c
 *	  consensus_text: one text out of several.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "base/arguments.h"
#include "base/compat.h"
#include "base/options.h"
#include "consensus/sequence_kernel.h"
#include "consensus/texts.h"

PG_FUNCTION_INFO_V1(tdp_consensus_text);

/* A word, as it stands in a text. */
typedef struct Word
{
	const char *start;
	int			length;
	uint32	   *number;			/* where its number goes */
} Word;

/* The different texts of an item. */
typedef struct Texts
{
	const char **text;
	Sequence   *sequences;
	int			count;
} Texts;


static bool
proceed(void *context)
{
	CHECK_FOR_INTERRUPTS();
	return true;
}


/* An item's texts, each once, in their order, with the weight they have. */
static Texts
list_texts(const ConsensusInput *input, int32 item)
{
	const ConsensusData *data = &input->data;
	int64		first = data->start[item];
	int			n = (int) (data->start[item + 1] - first);
	int32	   *label = palloc_array(int32, n);
	Texts		of = {0};

	of.text = palloc_array(const char *, n);
	of.sequences = palloc0_array(Sequence, n);
	for (int a = 0; a < n; a++)
	{
		const ConsensusAnswer *answer = &data->answers[first + a];
		int			at = of.count;

		while (at > 0 && label[at - 1] > answer->label)
			at--;
		if (at > 0 && label[at - 1] == answer->label)
		{
			of.sequences[at - 1].weight += answer->weight;
			continue;
		}
		memmove(label + at + 1, label + at, (of.count - at) * sizeof(int32));
		memmove(of.sequences + at + 1, of.sequences + at,
				(of.count - at) * sizeof(Sequence));
		label[at] = answer->label;
		of.sequences[at].weight = answer->weight;
		of.count++;
	}
	for (int t = 0; t < of.count; t++)
		of.text[t] = intern_text(input->labels, input->label_codes[label[t]]);
	return of;
}


/* ---- the medoid --------------------------------------------------------- */

static int
find_medoid(const ConsensusInput *input, const Texts *of, double *similarity)
{
	Sequence   *characters = palloc_array(Sequence, of->count);
	size_t		longest = 0;
	int			medoid;

	for (int t = 0; t < of->count; t++)
	{
		int			length = (int) strlen(of->text[t]);
		pg_wchar   *symbols = consensus_alloc((Size) length + 1,
											  sizeof(pg_wchar));

		characters[t].length = pg_mb2wchar_with_len(of->text[t], symbols,
													length);
		characters[t].symbols = symbols;
		characters[t].weight = of->sequences[t].weight;
		longest = Max(longest, characters[t].length);
	}
	consensus_check_memory(input->context, (double)
						   edit_distance_memory(longest, longest),
						   psprintf("comparing texts of %zu characters",
									longest));
	sequence_medoid(characters, of->count, palloc_array(double, of->count),
					consensus_alloc(edit_distance_memory(longest, longest), 1),
					proceed, NULL, &medoid, similarity);
	return medoid;
}


/* ---- words -------------------------------------------------------------- */

/* White space: ASCII's, and in UTF-8 Unicode's. */
static bool
is_space(const char *at)
{
	pg_wchar	c;

	if (!IS_HIGHBIT_SET(*at))
		return *at == ' ' || (*at >= '\t' && *at <= '\r');
	if (GetDatabaseEncoding() != PG_UTF8)
		return false;
	c = utf8_to_unicode((const unsigned char *) at);
	return c == 0x85 || c == 0xa0 || c == 0x1680 ||
		(c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 ||
		c == 0x202f || c == 0x205f || c == 0x3000;
}


/* Appends a text's words; returns how many. */
static int
split_words(const char *text, Word *words)
{
	int			count = 0;

	while (*text !='\0')
	{
		const char *start = text;

		while (*text !='\0' && !is_space(text))
			text	  +=pg_mblen(text);

		if (text >start)
		{
			words[count].start = start;
			words[count++].length = (int) (text -start);
		}
		if (*text !='\0')
			text	  +=pg_mblen(text);
	}
	return count;
}


static int
compare_words(const void *a, const void *b)
{
	const Word *left = a;
	const Word *right = b;
	int			order = memcmp(left->start, right->start,
							   Min(left->length, right->length));

	return order != 0 ? order : left->length - right->length;
}


/* Makes the texts sequences of words; returns the word of each number. */
static Word *
number_words(Texts *of)
{
	Size		most = 1;
	Word	   *words;
	uint32	   *numbers;
	int			count = 0;
	uint32		number = 0;

	for (int t = 0; t < of->count; t++)
		most += strlen(of->text[t]) / 2 + 1;
	words = consensus_alloc(most, sizeof(Word));
	numbers = consensus_alloc(most, sizeof(uint32));
	for (int t = 0; t < of->count; t++)
	{
		of->sequences[t].symbols = numbers + count;
		of->sequences[t].length = split_words(of->text[t], words + count);
		for (size_t w = 0; w < of->sequences[t].length; w++, count++)
			words[count].number = &numbers[count];
	}
	qsort(words, count, sizeof(Word), compare_words);
	for (int w = 0; w < count; w++)
	{
		if (w > 0 && compare_words(&words[w], &words[number]) != 0)
			words[++number] = words[w];
		*words[w].number = number;
	}
	return words;
}


static TextChoice
choose_by_words(const ConsensusInput *input, Texts *of)
{
	TextChoice	choice;
	double		similarity;
	int			first = find_medoid(input, of, &similarity);
	Word	   *words = number_words(of);
	size_t		memory = sequence_rover_memory(of->sequences, of->count);
	size_t		all = 0;
	size_t		length;
	uint32	   *out;
	StringInfoData value;

	for (int t = 0; t < of->count; t++)
		all += of->sequences[t].length;
	consensus_check_memory(input->context, (double) memory + 4.0 * all,
						   psprintf("aligning texts of %zu words together",
									all));
	out = consensus_alloc(all + 1, sizeof(uint32));
	sequence_rover(of->sequences, of->count, first,
				   consensus_alloc(memory, 1), proceed, NULL, out, &length,
				   &choice.confidence);
	initStringInfo(&value);
	for (size_t w = 0; w < length; w++)
	{
		if (w > 0)
			appendStringInfoChar(&value, ' ');
		appendBinaryStringInfo(&value, words[out[w]].start,
							   words[out[w]].length);
	}
	choice.value = value.data;
	return choice;
}


/* ---- methods ------------------------------------------------------------ */

bool
text_method_exists(const char *method)
{
	return strcmp(method, "medoid") == 0 || strcmp(method, "rover") == 0;
}


TextChoice
text_choose(const ConsensusInput *input, int32 item, const char *method)
{
	Texts		of = list_texts(input, item);
	TextChoice	choice;

	if (strcmp(method, "rover") == 0)
		return choose_by_words(input, &of);
	choice.value = of.text[find_medoid(input, &of, &choice.confidence)];
	return choice;
}


static void
put_texts(ReturnSetInfo *rsinfo, ConsensusInput *input, const char *method)
{
	const ConsensusData *data = &input->data;
	MemoryContext row = AllocSetContextCreate(CurrentMemoryContext,
											  "tdp consensus row",
											  ALLOCSET_DEFAULT_SIZES);
	MemoryContext outside = MemoryContextSwitchTo(row);

	for (int32 i = 0; i < data->nitems; i++)
	{
		TextChoice	choice = text_choose(input, i, method);
		Datum		values[4];
		bool		nulls[4] = {false};

		values[0] = CStringGetTextDatum(intern_text(input->items,
													input->item_codes[i]));
		values[1] = CStringGetTextDatum(choice.value);
		values[2] = Float8GetDatum(choice.confidence);
		values[3] = Int32GetDatum((int32) (data->start[i + 1] -
										   data->start[i]));
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values,
							 nulls);
		MemoryContextReset(row);
	}
	MemoryContextSwitchTo(outside);
}


/* consensus_text(annotations, method, settings, args) */
Datum
tdp_consensus_text(PG_FUNCTION_ARGS)
{
	char	   *annotations = argument_required_text(fcinfo, 0, "annotations");
	char	   *method = argument_text(fcinfo, 1);
	MemoryContext context;
	MemoryContext outside;
	ConsensusInput input;

	if (method == NULL)
		method = "rover";
	if (!text_method_exists(method))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown method \"%s\"", method),
				 errhint("There are: rover, medoid.")));
	options_read("settings", PG_ARGISNULL(2) ? NULL : PG_GETARG_JSONB_P(2),
				 NULL, 0);
	InitMaterializedSRF(fcinfo, 0);
	context = AllocSetContextCreate(CurrentMemoryContext,
									"tdp consensus_text",
									ALLOCSET_DEFAULT_SIZES);
	outside = MemoryContextSwitchTo(context);
	consensus_read(annotations, NULL,
				   PG_ARGISNULL(3) ? NULL : PG_GETARG_ARRAYTYPE_P(3), &input);
	if (input.data.nanswers > 0)
		put_texts((ReturnSetInfo *) fcinfo->resultinfo, &input, method);
	MemoryContextSwitchTo(outside);
	MemoryContextDelete(context);
	return (Datum) 0;
}
