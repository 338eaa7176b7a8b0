/*-------------------------------------------------------------------------
 *
 * query.c
 *	  Read the rows of a user's SQL text into typed columns.
 *
 * The rows reach us through a DestReceiver of our own, which costs about what
 * the bare scan does and lets the plan be parallel; a cursor would be slower
 * and never parallel, and a materialised result would hold everything twice.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/tupdesc.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "nodes/makefuncs.h"
#include "parser/parse_coerce.h"
#include "parser/parse_param.h"
#include "parser/scansup.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/plancache.h"

#include "base/compat.h"
#include "base/keytext.h"
#include "base/query.h"

/* How a column's values become what its kind asks for. */
typedef enum Conversion
{
	CONVERT_NONE,
	CONVERT_CODE,
	CONVERT_INT2,
	CONVERT_INT4,
	CONVERT_INT8,
	CONVERT_FLOAT4,
	CONVERT_FUNCTION,			/* a cast's function */
	CONVERT_FLOAT8_ARRAY,
	CONVERT_OUTPUT,				/* the type's text form */
	CONVERT_OUTPUT_FIXED		/* the same, under fixed settings */
} Conversion;

typedef struct Source
{
	int			position;		/* in the query's row, from 0; -1 absent */
	Oid			type;			/* as the query gives it */
	Conversion	conversion;
	FmgrInfo	function;
} Source;

/* What the statement's own parameters turned out to be. */
typedef struct Parameters
{
	Oid		   *types;
	int			count;
} Parameters;

typedef struct Reader
{
	DestReceiver receiver;
	const char *argument;
	QueryColumn *columns;
	int			ncolumns;
	Source	   *sources;
	QueryValue *values;
	QueryRowCallback row;
	void	   *state;
	MemoryContext caller_context;
	MemoryContext row_context;	/* emptied after each row */
	uint64		rows;
} Reader;


static const char *
kind_words(QueryColumnKind kind)
{
	switch (kind)
	{
		case QUERY_CODE:
			return "any type with equality";
		case QUERY_FLOAT8:
			return "a number";
		case QUERY_REALS:
			return "real[] or a type castable to it";
		case QUERY_TEXT:
			return "text";
		case QUERY_JSONB:
			return "jsonb";
		case QUERY_TIMESTAMPTZ:
			return "timestamp with time zone";
	}
	return "";
}


static char *
columns_of(TupleDesc rowtype)
{
	StringInfoData names;

	initStringInfo(&names);
	for (int i = 0; i < rowtype->natts; i++)
		appendStringInfo(&names, "%s%s", i > 0 ? ", " : "",
						 NameStr(TupleDescAttr(rowtype, i)->attname));
	return names.data;
}


/* Does the column's list of other tools' words hold this name? */
static bool
is_alias(const QueryColumn *column, const char *name)
{
	const char *at = column->aliases ? strstr(column->aliases, name) : NULL;
	size_t		length = strlen(name);

	return at != NULL && (at == column->aliases || at[-1] == ' ') &&
		(at[length] == '\0' || at[length] == ',');
}


static void
report_missing(Reader *reader, TupleDesc rowtype, const QueryColumn *column)
{
	const char *alias = NULL;

	for (int i = 0; i < rowtype->natts && alias == NULL; i++)
		if (is_alias(column, NameStr(TupleDescAttr(rowtype, i)->attname)))
			alias = NameStr(TupleDescAttr(rowtype, i)->attname);

	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("the query given as \"%s\" has no column \"%s\"",
					reader->argument, column->name),
			 errdetail("Its columns are: %s.", columns_of(rowtype)),
			 alias ? errhint("Name it so: SELECT %s AS %s.",
							 quote_identifier(alias), column->name)
			 : errhint("Give it a column \"%s\": %s.", column->name,
					   kind_words(column->kind))));
}


static void
report_type(Reader *reader, const QueryColumn *column, Oid type)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("column \"%s\" of the query given as \"%s\" has type %s",
					column->name, reader->argument, format_type_be(type)),
			 errdetail("It must be %s.", kind_words(column->kind))));
}


static Conversion
find_conversion(Reader *reader, const QueryColumn *column, Oid type,
				FmgrInfo *function)
{
	Oid			base = getBaseType(type);
	Oid			target = InvalidOid;
	Oid			cast = InvalidOid;

	switch (column->kind)
	{
		case QUERY_CODE:
			return CONVERT_CODE;
		case QUERY_FLOAT8:
			if (base == INT2OID)
				return CONVERT_INT2;
			if (base == INT4OID)
				return CONVERT_INT4;
			if (base == INT8OID)
				return CONVERT_INT8;
			if (base == FLOAT4OID)
				return CONVERT_FLOAT4;
			if (column->text_ok && TypeCategory(base) == TYPCATEGORY_STRING)
				return CONVERT_OUTPUT;
			target = FLOAT8OID;
			break;
		case QUERY_REALS:
			if (base == FLOAT8ARRAYOID)
				return CONVERT_FLOAT8_ARRAY;
			target = FLOAT4ARRAYOID;
			break;
		case QUERY_TEXT:
			return keytext_is_plain(base) ? CONVERT_OUTPUT
				: CONVERT_OUTPUT_FIXED;
		case QUERY_JSONB:
			target = JSONBOID;
			break;
		case QUERY_TIMESTAMPTZ:
			target = TIMESTAMPTZOID;
			break;
	}
	if (base == target)
		return CONVERT_NONE;

	switch (find_coercion_pathway(target, base, COERCION_EXPLICIT, &cast))
	{
		case COERCION_PATH_FUNC:
			fmgr_info_cxt(cast, function, reader->caller_context);
			return CONVERT_FUNCTION;
		case COERCION_PATH_RELABELTYPE:
			return CONVERT_NONE;
		default:
			if (target == JSONBOID &&
				(base == JSONOID || TypeCategory(base) == TYPCATEGORY_STRING))
			{
				fmgr_info_cxt(fmgr_internal_function("jsonb_in"), function,
							  reader->caller_context);
				return CONVERT_OUTPUT;
			}
			if (column->kind == QUERY_REALS && type_is_array(base))
			{
				/* integer[], numeric[]: element by element, by the text form */
				return CONVERT_OUTPUT;
			}
			report_type(reader, column, type);
			return CONVERT_NONE;
	}
}


/* Called before the first row: finds the columns and checks their types. */
static void
reader_startup(DestReceiver *self, int operation, TupleDesc rowtype)
{
	Reader	   *reader = (Reader *) self;

	for (int c = 0; c < reader->ncolumns; c++)
	{
		QueryColumn *column = &reader->columns[c];
		Source	   *source = &reader->sources[c];
		Form_pg_attribute attribute;

		source->position = -1;
		for (int i = 0; i < rowtype->natts; i++)
		{
			if (strcmp(NameStr(TupleDescAttr(rowtype, i)->attname),
					   column->name) != 0)
				continue;
			if (source->position >= 0)
				ereport(ERROR,
						(errcode(ERRCODE_AMBIGUOUS_COLUMN),
						 errmsg("the query given as \"%s\" has two columns \"%s\"",
								reader->argument, column->name)));
			source->position = i;
		}
		column->present = source->position >= 0;
		reader->values[c].isnull = true;
		if (!column->present)
		{
			if (!column->optional)
				report_missing(reader, rowtype, column);
			continue;
		}
		attribute = TupleDescAttr(rowtype, source->position);
		source->type = attribute->atttypid;
		source->conversion = find_conversion(reader, column, source->type,
											 &source->function);
		if (column->kind == QUERY_CODE)
			intern_set_type(column->interned, source->type,
							attribute->attcollation, column->name);
	}
}


static void
report_null(Reader *reader, const QueryColumn *column)
{
	ereport(ERROR,
			(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
			 errmsg("column \"%s\" of the query given as \"%s\" is NULL in row " UINT64_FORMAT,
					column->name, reader->argument, reader->rows + 1),
			 errhint("Leave such rows out: WHERE %s IS NOT NULL.",
					 column->name)));
}


static void
set_reals(Reader *reader, const QueryColumn *column, QueryValue *value,
		  Datum datum, bool is_double)
{
	ArrayType  *array = DatumGetArrayTypeP(datum);
	int			count = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));

	if (ARR_NDIM(array) > 1 || ARR_HASNULL(array))
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_ELEMENT_ERROR),
				 errmsg("column \"%s\" of the query given as \"%s\" is not a plain list of numbers in row " UINT64_FORMAT,
						column->name, reader->argument, reader->rows + 1),
				 errdetail("It has more than one dimension or a NULL in it.")));
	value->nreals = count;
	if (is_double)
	{
		const double *from = (const double *) ARR_DATA_PTR(array);
		float	   *to = palloc_array(float, Max(count, 1));

		for (int i = 0; i < count; i++)
			to[i] = (float) from[i];
		value->reals = to;
	}
	else
		value->reals = (const float *) ARR_DATA_PTR(array);
}


static Datum
text_of(const Source *source, Datum datum)
{
	int			level = source->conversion == CONVERT_OUTPUT_FIXED
		? keytext_begin() : -1;
	char	   *text = keytext_of(source->type, datum);

	if (level >= 0)
		keytext_end(level);
	return CStringGetDatum(text);
}


/* A cast's function has one to three arguments, as it likes. */
static Datum
call_cast(FmgrInfo *function, Datum datum)
{
	switch (function->fn_nargs)
	{
		case 1:
			return FunctionCall1(function, datum);
		case 2:
			return FunctionCall2(function, datum, Int32GetDatum(-1));
		default:
			return FunctionCall3(function, datum, Int32GetDatum(-1),
								 BoolGetDatum(true));
	}
}


/* The number that a text says. */
static double
number_in(const Reader *reader, const QueryColumn *column, const char *text)
{
	char	   *end;
	double		number = strtod(text, &end);

	while (scanner_isspace(*end))
		end++;
	if (end == text ||*end != '\0')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("column \"%s\" of the query given as \"%s\" is not a number in row " UINT64_FORMAT ": \"%s\"",
						column->name, reader->argument, reader->rows + 1,
						pnstrdup(text, pg_mbcliplen(text, strlen(text), 60)))));
	return number;
}


/* Turns one value that is not null into what its column's kind asks for. */
static void
convert(Reader *reader, int c, Datum datum)
{
	QueryColumn *column = &reader->columns[c];
	Source	   *source = &reader->sources[c];
	QueryValue *value = &reader->values[c];

	switch (source->conversion)
	{
		case CONVERT_CODE:
			value->code = intern_value(column->interned, source->type, datum);
			return;
		case CONVERT_INT2:
			value->number = DatumGetInt16(datum);
			return;
		case CONVERT_INT4:
			value->number = DatumGetInt32(datum);
			return;
		case CONVERT_INT8:
			value->number = (double) DatumGetInt64(datum);
			return;
		case CONVERT_FLOAT4:
			value->number = DatumGetFloat4(datum);
			return;
		case CONVERT_FLOAT8_ARRAY:
			set_reals(reader, column, value, datum, true);
			return;
		case CONVERT_FUNCTION:
			datum = call_cast(&source->function, datum);
			break;
		case CONVERT_OUTPUT:
		case CONVERT_OUTPUT_FIXED:
			datum = text_of(source, datum);
			if (column->kind == QUERY_FLOAT8)
			{
				value->number = number_in(reader, column,
										  DatumGetCString(datum));
				return;
			}
			if (column->kind == QUERY_JSONB)
				datum = FunctionCall1(&source->function, datum);
			else if (column->kind == QUERY_REALS)
				datum = OidInputFunctionCall(F_ARRAY_IN,
											 DatumGetCString(datum),
											 FLOAT4OID, -1);
			break;
		case CONVERT_NONE:
			break;
	}

	if (column->kind == QUERY_FLOAT8)
		value->number = DatumGetFloat8(datum);
	else if (column->kind == QUERY_REALS)
		set_reals(reader, column, value, datum, false);
	else if (column->kind == QUERY_JSONB)
		value->datum = JsonbPGetDatum(DatumGetJsonbP(datum));
	else
		value->datum = datum;
}


static bool
reader_receive(TupleTableSlot *slot, DestReceiver *self)
{
	Reader	   *reader = (Reader *) self;
	MemoryContext old = MemoryContextSwitchTo(reader->row_context);

	slot_getallattrs(slot);
	for (int c = 0; c < reader->ncolumns; c++)
	{
		int			position = reader->sources[c].position;

		if (position < 0)
			continue;
		reader->values[c].isnull = slot->tts_isnull[position];
		if (!reader->values[c].isnull)
			convert(reader, c, slot->tts_values[position]);
		else if (!reader->columns[c].null_ok)
			report_null(reader, &reader->columns[c]);
	}
	MemoryContextSwitchTo(reader->caller_context);
	reader->row(reader->state, reader->values);
	reader->rows++;
	MemoryContextSwitchTo(old);
	MemoryContextReset(reader->row_context);
	return true;
}


static void
reader_shutdown(DestReceiver *self)
{
}


/* A bare relation name, such as tickets_answers or sales."Orders"? */
static bool
is_relation_name(const char *sql)
{
	bool		quoted = false;
	bool		any = false;

	while (scanner_isspace(*sql))
		sql++;
	for (; *sql != '\0'; sql++)
	{
		if (*sql == '"')
			quoted = !quoted;
		else if (!quoted && !IS_HIGHBIT_SET(*sql) && *sql != '_' &&
				 *sql != '.' && *sql != '$' &&
				 !(*sql >= 'a' && *sql <= 'z') &&
				 !(*sql >= 'A' && *sql <= 'Z') &&
				 !(*sql >= '0' && *sql <= '9'))
			break;
		any = true;
	}
	while (scanner_isspace(*sql))
		sql++;
	return any && !quoted && *sql == '\0';
}


static void
collect_parameters(struct ParseState *pstate, void *arg)
{
	Parameters *parameters = arg;

	setup_parse_variable_parameters(pstate, &parameters->types,
									&parameters->count);
}


/* Does a statement in its WITH clause write? */
static bool
writes(const CachedPlanSource *source)
{
	return source->query_list != NIL &&
		linitial_node(Query, source->query_list)->hasModifyingCTE;
}


static SPIPlanPtr
prepare(const char *argument, const char *sql, Parameters *parameters)
{
	SPIPrepareOptions options = {0};
	SPIPlanPtr	plan;
	List	   *sources;
	Query	   *query;

	options.parserSetup = collect_parameters;
	options.parserSetupArg = parameters;
	options.parseMode = RAW_PARSE_DEFAULT;
	options.cursorOptions = CURSOR_OPT_PARALLEL_OK;
	plan = SPI_prepare_extended(sql, &options);
	if (plan == NULL)
		elog(ERROR, "SPI_prepare_extended failed: %s",
			 SPI_result_code_string(SPI_result));

	sources = SPI_plan_get_plan_sources(plan);
	if (list_length(sources) != 1 || !SPI_is_cursor_plan(plan) ||
		writes(linitial(sources)) ||
		((CachedPlanSource *) linitial(sources))->commandTag != CMDTAG_SELECT)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" must be a single query that returns rows",
						argument),
				 list_length(sources) == 1 && writes(linitial(sources))
				 ? errdetail("A statement in its WITH clause writes.")
				 : list_length(sources) == 1
				 ? errdetail("It is %s.", GetCommandTagName(((CachedPlanSource *) linitial(sources))->commandTag))
				 : errdetail("It has %d statements.", list_length(sources)),
				 errhint("Give one SELECT, VALUES or TABLE, or the name of a relation.")));
	query = linitial_node(Query, ((CachedPlanSource *) linitial(sources))->query_list);
	if (query->hasModifyingCTE || query->rowMarks != NIL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" must be a query that only reads", argument),
				 errdetail("It writes to a table, or locks rows.")));
	return plan;
}


/* Makes the statement's parameters of args' texts. */
static ParamListInfo
bind(const char *argument, ArrayType *args, const Parameters *parameters)
{
	Datum	   *texts = NULL;
	bool	   *nulls = NULL;
	int			ntexts = 0;
	ParamListInfo bound;

	if (args != NULL)
		deconstruct_array(args, TEXTOID, -1, false, TYPALIGN_INT,
						  &texts, &nulls, &ntexts);
	if (ntexts < parameters->count)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the query given as \"%s\" uses parameters up to $%d, but args has %d values",
						argument, parameters->count, ntexts)));
	if (parameters->count == 0)
		return NULL;

	bound = makeParamList(parameters->count);
	for (int i = 0; i < parameters->count; i++)
	{
		ParamExternData *param = &bound->params[i];
		Oid			type = parameters->types[i];
		Oid			input;
		Oid			ioparam;

		if (!OidIsValid(type) || type == UNKNOWNOID)
			type = TEXTOID;
		getTypeInputInfo(type, &input, &ioparam);
		param->ptype = type;
		param->pflags = PARAM_FLAG_CONST;
		param->isnull = nulls[i];
		param->value = OidInputFunctionCall(input,
											nulls[i] ? NULL
											: TextDatumGetCString(texts[i]),
											ioparam, -1);
	}
	return bound;
}


uint64
query_read(const char *argument, const char *sql, ArrayType *args,
		   QueryColumn *columns, int ncolumns,
		   QueryRowCallback row, void *state)
{
	Reader		reader = {0};
	Parameters	parameters = {0};
	SPIExecuteOptions options = {0};
	SPIPlanPtr	plan;
	int			result;

	if (is_relation_name(sql))
		sql = psprintf("SELECT * FROM %s", sql);

	reader.receiver.receiveSlot = reader_receive;
	reader.receiver.rStartup = reader_startup;
	reader.receiver.rShutdown = reader_shutdown;
	reader.receiver.rDestroy = reader_shutdown;
	reader.receiver.mydest = DestTuplestore;
	reader.argument = argument;
	reader.columns = columns;
	reader.ncolumns = ncolumns;
	reader.sources = palloc0_array(Source, ncolumns);
	reader.values = palloc0_array(QueryValue, ncolumns);
	reader.row = row;
	reader.state = state;
	reader.caller_context = CurrentMemoryContext;
	reader.row_context = AllocSetContextCreate(CurrentMemoryContext,
											   "tdp query row",
											   ALLOCSET_DEFAULT_SIZES);

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	plan = prepare(argument, sql, &parameters);
	options.params = bind(argument, args, &parameters);
	options.read_only = true;
	options.must_return_tuples = true;
	options.dest = &reader.receiver;
	result = SPI_execute_plan_extended(plan, &options);
	if (result < 0)
		elog(ERROR, "SPI_execute_plan_extended failed: %s",
			 SPI_result_code_string(result));
	SPI_finish();
	MemoryContextDelete(reader.row_context);
	return reader.rows;
}
