/*-------------------------------------------------------------------------
 *
 * fetch.c
 *	  Read the rows of given keys, and find out which of them raise an error.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/resowner.h"

#include "base/compat.h"
#include "capture/capture.h"
#include "capture/source.h"

/* The longest key that surely fits into an index of ours, uncompressed. */
#define MAX_KEY_BYTES 2600

/* How much of a longer one is told. */
#define SHORT_KEY_BYTES 200


/* "alias.a, alias.b" of a text[]; all columns for NULL. */
static void
append_columns(StringInfo sql, const char *alias, ArrayType *columns)
{
	Datum	   *names;
	int			count;

	if (columns == NULL)
	{
		appendStringInfo(sql, "%s.*", alias);
		return;
	}
	deconstruct_array(columns, TEXTOID, -1, false, TYPALIGN_INT,
					  &names, NULL, &count);
	for (int i = 0; i < count; i++)
	{
		if (i > 0)
			appendStringInfoString(sql, ", ");
		appendStringInfo(sql, "%s.%s", alias,
						 quote_identifier(TextDatumGetCString(names[i])));
	}
}


/* The row that annotators see, as jsonb. */
static void
append_data(StringInfo sql, const Project *project)
{
	const char *alias = project->show_name ? "tdp_shown"
		: quote_identifier(project->source_name);

	appendStringInfoString(sql, ", (SELECT pg_catalog.to_jsonb(tdp_row) FROM ");
	if (project->show_name != NULL)
		appendStringInfo(sql, "%s AS tdp_shown, LATERAL ",
						 project_shown_name(project));
	appendStringInfoString(sql, "(SELECT ");
	append_columns(sql, alias, project->columns);
	appendStringInfoString(sql, ") AS tdp_row");
	for (int i = 0; project->show_name != NULL && i < project->nkeys; i++)
	{
		appendStringInfoString(sql, i == 0 ? " WHERE " : " AND ");
		appendStringInfo(sql, "tdp_shown.%s",
						 quote_identifier(project->keys[i]));
		appendStringInfoString(sql, " = ");
		source_append_column(sql, project, project->keys[i]);
	}
	appendStringInfoString(sql, project->show_name ? " LIMIT 1)" : ")");
}


void
source_append_keys(StringInfo sql, const Project *project, Oid source)
{
	if (project->nkeys == 1)
	{
		appendStringInfoString(sql, " WHERE ");
		source_append_column(sql, project, project->keys[0]);
		appendStringInfo(sql, " %s ANY ($1::%s[])",
						 source_key_equals(source, project->keys[0]),
						 source_key_type(source, project->keys[0]));
	}
	else
	{
		appendStringInfoString(sql, " JOIN ROWS FROM (");
		for (int i = 0; i < project->nkeys; i++)
			appendStringInfo(sql, "%spg_catalog.unnest($%d::%s[])",
							 i > 0 ? ", " : "", i + 1,
							 source_key_type(source, project->keys[i]));
		appendStringInfoString(sql, ") AS tdp_key (");
		for (int i = 0; i < project->nkeys; i++)
			appendStringInfo(sql, "%stdp_key_%d", i > 0 ? ", " : "", i);
		appendStringInfoString(sql, ") ON ");
		for (int i = 0; i < project->nkeys; i++)
		{
			if (i > 0)
				appendStringInfoString(sql, " AND ");
			source_append_column(sql, project, project->keys[i]);
			appendStringInfo(sql, " %s tdp_key.tdp_key_%d",
							 source_key_equals(source, project->keys[i]), i);
		}
		appendStringInfoString(sql, " WHERE true");
	}
}


/* The statement that reads the rows whose keys are $1, $2, ... (text[]). */
static char *
fetch_statement(const Project *project, Oid source, bool with_data)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT ");
	source_append_key(&sql, project);
	appendStringInfoString(&sql, ", (SELECT pg_catalog.to_jsonb(tdp_row) FROM (SELECT ");
	append_columns(&sql, quote_identifier(project->source_name),
				   project->watched);
	appendStringInfoString(&sql, ") AS tdp_row)");
	if (with_data)
		append_data(&sql, project);
	source_append_from(&sql, project, source);
	source_append_keys(&sql, project, source);
	source_append_filter(&sql, project);
	return sql.data;
}


/* FNV-1a, which is the same for ever, on every machine and version. */
static uint64
hash_on(uint64 hash, const char *bytes, int length)
{
	for (int i = 0; i < length; i++)
		hash = (hash ^ (unsigned char) bytes[i]) * UINT64CONST(0x100000001b3);
	return hash;
}


/* The text of a value of a JSON object. */
static char *
text_of(const JsonbValue *value, int *length)
{
	char	   *text;

	switch (value->type)
	{
		case jbvString:
			*length = value->val.string.len;
			return value->val.string.val;
		case jbvNumeric:
			text = DatumGetCString(DirectFunctionCall1(numeric_out,
													   NumericGetDatum(value->val.numeric)));

			break;
		case jbvBool:
			text = value->val.boolean ? "true" : "false";

			break;
		case jbvBinary:
			text = JsonbToCString(NULL, value->val.binary.data,
								  value->val.binary.len);

			break;
		default:
			elog(ERROR, "unexpected type of a column's value: %d", value->type);
	}
	*length = strlen(text);
	return text;
}


/*
 * 64 bits of the row's watched columns; 0 is kept for "not known".  By name,
 * and without those that are NULL: a table that is rebuilt with its columns
 * in another order, or gets one more, has the same rows as before.
 */
static int64
fingerprint_of(Jsonb *row)
{
	uint64		hash = UINT64CONST(0xcbf29ce484222325);
	JsonbIterator *iterator = JsonbIteratorInit(&row->root);
	JsonbIteratorToken token;
	JsonbValue	name = {0};
	JsonbValue	value;

	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			name = value;
		else if (token == WJB_VALUE && value.type != jbvNull)
		{
			int			length;
			char	   *text = text_of(&value, &length);

			hash = hash_on(hash, name.val.string.val, name.val.string.len);
			hash = hash_on(hash, "", 1);
			hash = hash_on(hash, text, length);
			hash = hash_on(hash, "", 1);
		}
	}
	return hash == 0 ? 1 : (int64) hash;
}


static List *
read_rows(const Project *project, Oid source, List *keys, bool with_data)
{
	StorageSection section;
	MemoryContext context = CurrentMemoryContext;
	List	   *found = NIL;
	Datum		values[MAX_KEY_COLUMNS];
	Oid			types[MAX_KEY_COLUMNS];
	ArrayType **arrays = source_key_arrays(project, keys);
	char	   *sql = fetch_statement(project, source, with_data);
	Rows		rows;

	for (int i = 0; i < project->nkeys; i++)
	{
		values[i] = PointerGetDatum(arrays[i]);
		types[i] = TEXTARRAYOID;
	}
	owner_begin(&section, project->owner, project->search_path);

	/*
	 * Not read-only: the snapshot must be newer than the one that saw the
	 * keys, or a row committed in between would be taken for gone.
	 */
	rows = owner_exec(sql, project->nkeys, types, values);
	for (uint64 i = 0; i < rows.count; i++)
	{
		MemoryContext old = MemoryContextSwitchTo(context);
		SourceRow  *row = palloc_object(SourceRow);

		row->key = row_text(rows, i, 1);
		row->fingerprint = fingerprint_of(row_jsonb(rows, i, 2));
		row->data = with_data ? row_jsonb(rows, i, 3) : NULL;
		found = lappend(found, row);
		MemoryContextSwitchTo(old);
	}
	section_end(&section);
	return found;
}


/*
 * Is this an error that one row may cause?  A function of the user's may
 * raise any code, so all but those of the server, the session and the
 * statement itself (a cancel, a lost lock, a dropped function, no right to
 * read), which are the whole project's and must be heard.
 */
static bool
is_rows_fault(int sqlerrcode)
{
	static const int others[] = {
		ERRCODE_CONNECTION_EXCEPTION, ERRCODE_INVALID_TRANSACTION_STATE,
		ERRCODE_T_R_SERIALIZATION_FAILURE, ERRCODE_SYNTAX_ERROR,
		ERRCODE_INSUFFICIENT_RESOURCES, ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
		ERRCODE_OPERATOR_INTERVENTION, ERRCODE_SYSTEM_ERROR,
		ERRCODE_UNDEFINED_SCHEMA, ERRCODE_CONFIG_FILE_ERROR,
		ERRCODE_INTERNAL_ERROR
	};

	for (int i = 0; i < lengthof(others); i++)
		if (ERRCODE_TO_CATEGORY(sqlerrcode) == ERRCODE_TO_CATEGORY(others[i]))
			return false;
	return true;
}


/*
 * Says an error of the statement itself in the project's words: those who
 * meet it are annotators, who know nothing of its text.
 */
static void
report_unreadable(const Project *project, const ErrorData *error)
{
	ereport(ERROR,
			(errcode(error->sqlerrcode),
			 errmsg("the rows of project \"%s\" cannot be read: %s",
					project->name, error->message),
			 errdetail("They are read from %s as role \"%s\".",
					   project_source_name(project), project->owner),
			 errhint("The project's owner can set it right: SELECT tdp.alter_project(%s, ...).",
					 quote_literal_cstr(project->name))));
}


/* Reads the rows; on an error that a row may cause sets *error instead. */
static List *
try_read_rows(const Project *project, Oid source, List *keys, bool with_data,
			  ErrorData **error)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	List	   *volatile found = NIL;

	*error = NULL;
	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		found = read_rows(project, source, keys, with_data);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		*error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	if (*error == NULL || is_rows_fault((*error)->sqlerrcode))
		return found;
	if (ERRCODE_TO_CATEGORY((*error)->sqlerrcode) ==
		ERRCODE_TO_CATEGORY(ERRCODE_SYNTAX_ERROR) ||
		(*error)->sqlerrcode == ERRCODE_UNDEFINED_SCHEMA)
		report_unreadable(project, *error);
	ReThrowError(*error);
	return NIL;
}


/* Halves the keys until those whose rows raise stand alone. */
static List *
fetch_or_bisect(const Project *project, Oid source, List *keys,
				bool with_data, List **set_aside)
{
	ErrorData  *error;
	List	   *found = try_read_rows(project, source, keys, with_data, &error);
	List	   *rest;
	int			half = list_length(keys) / 2;

	if (error == NULL)
		return found;
	if (half == 0)
	{
		RowSetAside *row = palloc_object(RowSetAside);

		row->key = linitial(keys);
		row->sqlstate = pstrdup(unpack_sql_state(error->sqlerrcode));
		row->message = error->message ? pstrdup(error->message) : "";
		*set_aside = lappend(*set_aside, row);
		return NIL;
	}
	rest = list_copy_tail(keys, half);
	keys = list_truncate(list_copy(keys), half);
	found = fetch_or_bisect(project, source, keys, with_data, set_aside);
	return list_concat(found, fetch_or_bisect(project, source, rest, with_data,
											  set_aside));
}


static int
compare_rows(const ListCell *a, const ListCell *b)
{
	return strcmp(((const SourceRow *) lfirst(a))->key,
				  ((const SourceRow *) lfirst(b))->key);
}


const char *
source_short_key(const char *key)
{
	int			length = strlen(key);

	if (length <= MAX_KEY_BYTES)
		return key;
	return psprintf("%.*s...", pg_mbcliplen(key, length, SHORT_KEY_BYTES), key);
}


/* Rows whose key is too long for an item are set aside. */
static List *
without_long_keys(List *rows, List **set_aside)
{
	List	   *kept = NIL;
	ListCell   *cell;

	foreach(cell, rows)
	{
		SourceRow  *row = lfirst(cell);
		RowSetAside *aside;

		if (strlen(row->key) <= MAX_KEY_BYTES)
		{
			kept = lappend(kept, row);
			continue;
		}
		aside = palloc_object(RowSetAside);
		aside->key = row->key;
		aside->sqlstate = pstrdup(unpack_sql_state(ERRCODE_PROGRAM_LIMIT_EXCEEDED));
		aside->message = psprintf("the key has %zu bytes, but an item's has at most %d",
								  strlen(row->key), MAX_KEY_BYTES);
		*set_aside = lappend(*set_aside, aside);
	}
	return kept;
}


List *
source_fetch(const Project *project, List *keys, bool with_data,
			 List **set_aside)
{
	List	   *rows;

	*set_aside = NIL;
	if (keys == NIL)
		return NIL;
	rows = fetch_or_bisect(project, source_require(project), keys, with_data,
						   set_aside);
	rows = without_long_keys(rows, set_aside);
	list_sort(rows, compare_rows);
	return rows;
}


SourceRow *
source_row_named(List *rows, const char *key)
{
	int			low = 0;
	int			high = list_length(rows);

	while (low < high)
	{
		int			middle = (low + high) / 2;
		SourceRow  *row = list_nth(rows, middle);
		int			order = strcmp(key, row->key);

		if (order == 0)
			return row;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}


void
source_check_readable(const Project *project)
{
	ErrorData  *error;

	(void) try_read_rows(project, source_require(project), NIL, true, &error);
}
