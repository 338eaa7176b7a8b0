/*-------------------------------------------------------------------------
 *
 * own_metric.c
 *	  Metrics of alpha that look at the labels themselves.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "access/parallel.h"
#include "catalog/namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "parser/parse_func.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/regproc.h"
#include "utils/syscache.h"

#include "agreement/coder.h"
#include "agreement/glue.h"
#include "agreement/own_metric.h"
#include "agreement/sets_kernel.h"
#include "base/compat.h"
#include "base/keytext.h"

/* The labels of a matrix, ready to be compared. */
typedef struct Labels
{
	uint32		count;
	Datum	   *values;
	AgreementSet *sets;			/* jaccard and masi */
	ScaleWord	scale;
	FmgrInfo	function;
	Oid			collation;
	MemoryContext scratch;
} Labels;


/* ---- which metric ------------------------------------------------------- */

/* A function of that name that takes two labels; InvalidOid: none. */
static Oid
find_function(const char *word, Oid type)
{
	Oid			types[2];
	List	   *names;
	Oid			function;

	if (strchr(word, '(') != NULL)
		return DatumGetObjectId(DirectFunctionCall1(regprocedurein,
													CStringGetDatum(word)));
	names = qualified_name_list(word);
	types[0] = types[1] = type;
	function = LookupFuncName(names, 2, types, true);
	if (!OidIsValid(function))
	{
		types[0] = types[1] = getBaseType(type);
		function = LookupFuncName(names, 2, types, true);
	}
	if (!OidIsValid(function) &&
		(types[0] == VARCHAROID || types[0] == UNKNOWNOID))
	{
		types[0] = types[1] = TEXTOID;
		function = LookupFuncName(names, 2, types, true);
	}
	return function;
}


static void
wrong_function(Oid function, const char *problem, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_FUNCTION_DEFINITION),
			 errmsg("function %s cannot be a metric: %s",
					format_procedure(function), problem),
			 errhint("%s", hint)));
}


static bool
takes(Oid argument, Oid type)
{
	Oid			base = getBaseType(type);

	return argument == type || argument == base ||
		(base == UNKNOWNOID && argument == TEXTOID) ||
		(base == VARCHAROID && argument == TEXTOID);
}


/* What a metric must be, and who may call it. */
static void
check_function(Oid function, Oid type)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Form_pg_proc proc;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for function %u", function);
	proc = (Form_pg_proc) GETSTRUCT(tuple);
	if (proc->pronargs != 2 || !takes(proc->proargtypes.values[0], type) ||
		!takes(proc->proargtypes.values[1], type))
		wrong_function(function, "it does not take two labels",
					   psprintf("Its arguments must have the labels' type, %s.",
								format_type_be(type)));
	if (proc->prorettype != FLOAT8OID || proc->proretset ||
		proc->prokind != PROKIND_FUNCTION)
		wrong_function(function, "it does not return one double precision",
					   "The distance of two labels is a double precision.");
	if (IsParallelWorker() && proc->proparallel != PROPARALLEL_SAFE)
		wrong_function(function, "it is not parallel safe",
					   "Declare it PARALLEL SAFE, or SET max_parallel_workers_per_gather = 0.");
	ReleaseSysCache(tuple);
	if (!function_execute_rights(function, GetUserId()))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for function %s",
						format_procedure(function)),
				 errhint("Its owner can GRANT EXECUTE on it.")));
}


bool
own_parse(const char *word, Oid type, ScaleWord *scale)
{
	memset(scale, 0, sizeof(*scale));
	scale->kind = AGREEMENT_SCALE_CUSTOM;
	if (!OidIsValid(type))
		return false;
	if (strcmp(word, "jaccard") == 0)
		scale->own = OWN_JACCARD;
	else if (strcmp(word, "masi") == 0)
		scale->own = OWN_MASI;
	else if (word[strspn(word, " ")] != '\0')
	{
		scale->function = find_function(word, type);
		if (!OidIsValid(scale->function))
			return false;
		scale->own = OWN_FUNCTION;
		check_function(scale->function, type);
	}
	return scale->own != OWN_NONE;
}


const char *
own_word(ScaleWord scale)
{
	switch (scale.own)
	{
		case OWN_JACCARD:
			return "jaccard";
		case OWN_MASI:
			return "masi";
		default:
			return format_procedure_qualified(scale.function);
	}
}


void
own_check_type(ScaleWord scale, Oid type)
{
	Oid			base = getBaseType(type);

	if (scale.own == OWN_FUNCTION || base == JSONBOID ||
		OidIsValid(get_element_type(base)))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("argument \"label\" has type %s, but metric \"%s\" takes sets",
					format_type_be(type), own_word(scale)),
			 errhint("Give an array or a jsonb array; ARRAY[label] is a set of one.")));
}


char *
own_label_text(Oid type, Datum value)
{
	Oid			base = getBaseType(type);
	int			level;
	char	   *text;

	if (base == UNKNOWNOID)
		return pstrdup(DatumGetCString(value));
	if (keytext_is_plain(base))
		return keytext_of(base, value);
	level = keytext_begin();
	text = keytext_of(base, value);

	keytext_end(level);
	return text;
}


void
own_write(StringInfo message, ScaleWord scale)
{
	pq_sendbyte(message, scale.own);
	if (scale.own == OWN_FUNCTION)
		pq_sendstring(message, own_word(scale));
}


void
own_read(StringInfo message, ScaleWord *scale)
{
	int			own = pq_getmsgbyte(message);

	if (own > OWN_FUNCTION)
		agreement_check(AGREEMENT_CORRUPT);
	scale->own = own;
	scale->function = InvalidOid;
	if (own == OWN_FUNCTION)
		scale->function = DatumGetObjectId(DirectFunctionCall1(regprocedurein,
															   CStringGetDatum(pq_getmsgstring(message))));
}


/* ---- distances ---------------------------------------------------------- */

static double
set_distance(void *context, uint32_t k, uint32_t l)
{
	Labels	   *labels = context;

	return labels->scale.own == OWN_MASI
		? agreement_masi(labels->sets[k], labels->sets[l])
		: agreement_jaccard(labels->sets[k], labels->sets[l]);
}


/* One call of the caller's function; what it returns must be a distance. */
static double
call_function(Labels *labels, uint32 k, uint32 l)
{
	LOCAL_FCINFO(call, 2);
	MemoryContext outside;
	double		distance;

	CHECK_FOR_INTERRUPTS();
	outside = MemoryContextSwitchTo(labels->scratch);
	InitFunctionCallInfoData(*call, &labels->function, 2, labels->collation,
							 NULL, NULL);
	call->args[0].value = labels->values[k];
	call->args[0].isnull = false;
	call->args[1].value = labels->values[l];
	call->args[1].isnull = false;
	distance = DatumGetFloat8(FunctionCallInvoke(call));
	if (call->isnull || !(distance >= 0) || isinf(distance))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("metric %s returned %s", own_word(labels->scale),
						call->isnull ? "NULL" : psprintf("%g", distance)),
				 errhint("A distance is finite and at least 0.")));
	MemoryContextSwitchTo(outside);
	MemoryContextReset(labels->scratch);
	return distance;
}


static double
function_distance(void *context, uint32_t k, uint32_t l)
{
	return call_function(context, k, l);
}


/*
 * A label is not apart from itself: asked of each.  A distance is the same
 * both ways: asked of labels that met, as all would be twice the work.
 */
static void
check_metric(Labels *labels, const AgreementMatrix *matrix)
{
	for (uint32 k = 0; k < labels->count; k++)
		if (call_function(labels, k, k) != 0)
			wrong_function(labels->scale.function,
						   "a label has a distance from itself",
						   "The distance of two equal labels must be 0.");
	for (uint64 i = 0; i < matrix->ncells; i++)
	{
		uint32		k = matrix->cells[i].k;
		uint32		l = matrix->cells[i].l;
		double		there = call_function(labels, k, l);
		double		back = call_function(labels, l, k);

		if (fabs(there - back) > 1e-9 * (there + back))
			wrong_function(labels->scale.function,
						   "the distance from one label to another differs from that back",
						   "f(a, b) and f(b, a) must be equal.");
	}
}


/* ---- labels ------------------------------------------------------------- */

static int
compare_codes(const void *left, const void *right)
{
	uint64		a = *(const uint64 *) left;
	uint64		b = *(const uint64 *) right;

	return (a > b) - (a < b);
}


static uint64
element_code(ValueCoder *coder, Datum element)
{
	char	   *text;

	if (!agreement_coder_by_text(coder))
		return agreement_code(coder, element);
	text = agreement_code_text(coder, element);

	return agreement_hash(text, strlen(text), 0);
}


/* The codes of an array's elements; NULL is none. */
static uint32
array_codes(ValueCoder *coder, Datum value, uint64 **codes)
{
	ArrayType  *array = DatumGetArrayTypeP(value);
	int16		length;
	bool		by_value;
	char		align;
	Datum	   *elements;
	bool	   *nulls;
	int			count;
	uint32		used = 0;

	get_typlenbyvalalign(ARR_ELEMTYPE(array), &length, &by_value, &align);
	deconstruct_array(array, ARR_ELEMTYPE(array), length, by_value, align,
					  &elements, &nulls, &count);
	*codes = palloc_array(uint64, count + 1);
	for (int i = 0; i < count; i++)
		if (!nulls[i])
			(*codes)[used++] = element_code(coder, elements[i]);
	return used;
}


static uint32
jsonb_codes(ValueCoder *coder, Datum value, uint64 **codes)
{
	Jsonb	   *jsonb = DatumGetJsonbP(value);
	uint32		used = 0;

	if (!JB_ROOT_IS_ARRAY(jsonb) || JB_ROOT_IS_SCALAR(jsonb))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("argument \"label\" is no jsonb array"),
				 errdetail("It is %.60s.",
						   JsonbToCString(NULL, &jsonb->root, 0)),
				 errhint("NULL, not a JSON null, says that an item is not annotated; [] is an empty set.")));
	*codes = palloc_array(uint64, JB_ROOT_COUNT(jsonb) + 1);
	for (uint32 i = 0; i < JB_ROOT_COUNT(jsonb); i++)
	{
		JsonbValue *element = getIthJsonbValueFromContainer(&jsonb->root, i);

		(*codes)[used++] = element_code(coder,
										JsonbPGetDatum(JsonbValueToJsonb(element)));
	}
	return used;
}


static void
make_sets(Labels *labels, Oid type)
{
	Oid			element = get_element_type(type);
	ValueCoder *coder = agreement_coder(CurrentMemoryContext,
										OidIsValid(element) ? element : JSONBOID,
										labels->collation, "label");

	labels->sets = palloc_array(AgreementSet, labels->count);
	for (uint32 k = 0; k < labels->count; k++)
	{
		uint64	   *codes;
		uint32		count = OidIsValid(element)
			? array_codes(coder, labels->values[k], &codes)
			: jsonb_codes(coder, labels->values[k], &codes);
		uint32		used = 0;

		CHECK_FOR_INTERRUPTS();
		qsort(codes, count, sizeof(uint64), compare_codes);
		for (uint32 i = 0; i < count; i++)
			if (i == 0 || codes[i] != codes[i - 1])
				codes[used++] = codes[i];
		labels->sets[k] = (AgreementSet) {codes, used};
	}
}


/* The values whose texts a matrix's labels stand for. */
static void
read_labels(Labels *labels, const AgreementMatrix *matrix,
			const TextSet *texts, Oid type)
{
	int			level = keytext_begin();
	Oid			input;
	Oid			parameter;
	FmgrInfo	parse;

	getTypeInputInfo(type, &input, &parameter);
	fmgr_info(input, &parse);
	labels->count = matrix->nlabels;
	labels->values = palloc_array(Datum, Max(matrix->nlabels, 1));
	for (uint32 k = 0; k < matrix->nlabels; k++)
		labels->values[k] =
			InputFunctionCall(&parse,
							  unconstify(char *, agreement_texts_string(texts, matrix->labels[k])),
							  parameter, -1);
	keytext_end(level);
}


bool
own_alpha(FunctionCallInfo fcinfo, AnswerState *state,
		  const AgreementAnswer *answers, int label, double *value)
{
	AgreementHost host = agreement_host(CurrentMemoryContext);
	Oid			type = getBaseType(agreement_argument_type(fcinfo, label));
	Labels		labels = {.scale = state->scale};
	AgreementMatrix matrix;
	bool		defined;

	if (type == UNKNOWNOID)
		type = TEXTOID;
	agreement_check(agreement_matrix(answers, state->used, &host, &matrix));
	/* above a partial aggregate the arguments' own are not known */
	labels.collation = PG_GET_COLLATION();
	read_labels(&labels, &matrix, state->labels, type);
	if (state->scale.own == OWN_FUNCTION)
	{
		check_function(state->scale.function, type);
		fmgr_info(state->scale.function, &labels.function);
		labels.scratch = AllocSetContextCreate(CurrentMemoryContext,
											   "tdp metric",
											   ALLOCSET_DEFAULT_SIZES);
		check_metric(&labels, &matrix);
	}
	else
		make_sets(&labels, type);
	agreement_check(agreement_alpha_by(&matrix,
									   state->scale.own == OWN_FUNCTION
									   ? function_distance : set_distance,
									   &labels, &host, &defined, value));
	agreement_matrix_end(&matrix, &host);
	return defined;
}
