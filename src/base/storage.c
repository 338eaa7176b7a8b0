/*-------------------------------------------------------------------------
 *
 * storage.c
 *	  Who runs what: see storage.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <stdarg.h>

#include "access/relation.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "storage/proc.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/syscache.h"

#include "base/compat.h"
#include "base/keytext.h"
#include "base/storage.h"

#define MAX_PARAMETERS 32

/* Queries on sources whose plans a session keeps. */
#define KEPT_QUERIES 64

/* A statement's plan; the address of its literal is its name. */
typedef struct CachedStatement
{
	const char *sql;			/* hash key */
	SPIPlanPtr	plan;
} CachedStatement;

typedef struct Parameter
{
	Oid			types[MAX_PARAMETERS];
	Datum		values[MAX_PARAMETERS];
	char		nulls[MAX_PARAMETERS];
	int			count;
} ParameterSet;

static HTAB *statements = NULL;

/* Index scans only: a hot statement finds its rows by key. */
static const char *const hot_settings[] = {
	"enable_seqscan", "enable_bitmapscan", "enable_hashjoin",
	"enable_mergejoin", "enable_material", "enable_memoize", "enable_sort",
	"jit"
};


Oid
caller_role(void)
{
	return GetUserId();
}


char *
role_name(Oid role)
{
	return GetUserNameFromId(role, false);
}


/* The owner of the extension's tables, who alone may write them. */
static Oid
storage_owner(void)
{
	Oid			namespace = get_namespace_oid("tdp", false);
	Oid			table = get_relname_relid("project", namespace);
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table tdp.project does not exist"),
				 errhint("The extension tdp is broken here; create it anew.")));
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return owner;
}


static void
set_locally(const char *name, const char *value)
{
	(void) set_config_option(name, value, PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
}


static void
section_begin(StorageSection *section, Oid user, int context)
{
	GetUserIdAndSecContext(&section->saved_user, &section->saved_context);
	SetUserIdAndSecContext(user, section->saved_context | context);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
}


void
storage_begin(StorageSection *section, bool hot)
{
	section->settings_level = NewGUCNestLevel();
	set_locally("search_path", "pg_catalog, pg_temp");
	if (hot)
		for (int i = 0; i < lengthof(hot_settings); i++)
			set_locally(hot_settings[i], "off");
	section_begin(section, storage_owner(), SECURITY_LOCAL_USERID_CHANGE);
}


void
owner_begin(StorageSection *section, const char *owner,
			const char *search_path)
{
	Oid			role = get_role_oid(owner, true);

	if (!OidIsValid(role))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("role \"%s\", the project's owner, does not exist",
						owner),
				 errhint("An administrator can adopt the project: SELECT tdp.alter_project(name, '{\"owner\": \"...\"}').")));
	section->settings_level = keytext_begin();
	set_locally("search_path", search_path);

	/* whoever asks must not make other SQL of the owner's text */
	set_locally("standard_conforming_strings", "on");
	set_locally("transform_null_equals", "off");
	section_begin(section, role, SECURITY_LOCAL_USERID_CHANGE |
				  SECURITY_RESTRICTED_OPERATION);
}


void
caller_begin(StorageSection *section)
{
	section->settings_level = NewGUCNestLevel();
	section_begin(section, GetUserId(), 0);
}


void
section_end(StorageSection *section)
{
	SPI_finish();
	SetUserIdAndSecContext(section->saved_user, section->saved_context);
	/* what a function of the source's owner has SET goes with the section */
	AtEOXact_GUC(false, section->settings_level);
}


static void
add_parameter(ParameterSet *set, Oid type, Datum value, bool isnull)
{
	if (set->count == MAX_PARAMETERS)
		elog(ERROR, "more than %d parameters", MAX_PARAMETERS);
	set->types[set->count] = type;
	set->values[set->count] = isnull ? (Datum) 0 : value;
	set->nulls[set->count] = isnull ? 'n' : ' ';
	set->count++;
}


/* A pointer's value: by reference as it is, or what it points at. */
#define ADD_POINTER(set, type, pointer_type, convert) \
	do { \
		pointer_type pointer = va_arg(args, pointer_type); \
		add_parameter(set, type, pointer ? convert : (Datum) 0, pointer == NULL); \
	} while (0)


static void
read_parameters(ParameterSet *set, const char *types, va_list args)
{
	set->count = 0;
	for (; *types != '\0'; types++)
	{
		switch (*types)
		{
			case 'i':
				add_parameter(set, INT4OID, Int32GetDatum(va_arg(args, int32)), false);
				break;
			case 'l':
				add_parameter(set, INT8OID, Int64GetDatum(va_arg(args, int64)), false);
				break;
			case 's':
				add_parameter(set, INT2OID, Int16GetDatum((int16) va_arg(args, int)), false);
				break;
			case 'b':
				add_parameter(set, BOOLOID, BoolGetDatum(va_arg(args, int) != 0), false);
				break;
			case 'c':
				add_parameter(set, CHAROID, CharGetDatum((char) va_arg(args, int)), false);
				break;
			case 'f':
				add_parameter(set, FLOAT8OID, Float8GetDatum(va_arg(args, double)), false);
				break;
			case 'z':
				add_parameter(set, TIMESTAMPTZOID, TimestampTzGetDatum(va_arg(args, TimestampTz)), false);
				break;
			case 't':
				ADD_POINTER(set, TEXTOID, const char *, CStringGetTextDatum(pointer));
				break;
			case 'j':
				ADD_POINTER(set, JSONBOID, Jsonb *, PointerGetDatum(pointer));
				break;
			case 'y':
				ADD_POINTER(set, BYTEAOID, bytea *, PointerGetDatum(pointer));
				break;
			case 'v':
				ADD_POINTER(set, INTERVALOID, Interval *, PointerGetDatum(pointer));
				break;
			case 'T':
				ADD_POINTER(set, TEXTARRAYOID, ArrayType *, PointerGetDatum(pointer));
				break;
			case 'L':
				ADD_POINTER(set, INT8ARRAYOID, ArrayType *, PointerGetDatum(pointer));
				break;
			case 'I':
				ADD_POINTER(set, INT4ARRAYOID, ArrayType *, PointerGetDatum(pointer));
				break;
			case 'F':
				ADD_POINTER(set, FLOAT8ARRAYOID, ArrayType *, PointerGetDatum(pointer));
				break;
			case 'J':
				ADD_POINTER(set, JSONBARRAYOID, ArrayType *, PointerGetDatum(pointer));
				break;
			case 'V':
				{
					Oid			type = va_arg(args, Oid);

					ADD_POINTER(set, type, void *, PointerGetDatum(pointer));
					break;
				}
			case 'M':
				ADD_POINTER(set, INT4OID, const int32 *, Int32GetDatum(*pointer));
				break;
			case 'N':
				ADD_POINTER(set, INT8OID, const int64 *, Int64GetDatum(*pointer));
				break;
			case 'D':
				ADD_POINTER(set, FLOAT8OID, const double *, Float8GetDatum(*pointer));
				break;
			case 'Z':
				ADD_POINTER(set, TIMESTAMPTZOID, const TimestampTz *, TimestampTzGetDatum(*pointer));
				break;
			default:
				elog(ERROR, "unknown parameter letter \"%c\"", *types);
		}
	}
}


/* Plans a statement, once for all values of its parameters if it is kept. */
static SPIPlanPtr
prepared(const char *sql, int count, Oid *types, bool keep)
{
	SPIPlanPtr	plan = SPI_prepare_cursor(sql, count, types,
										  keep ? CURSOR_OPT_GENERIC_PLAN : 0);

	if (plan == NULL)
		elog(ERROR, "SPI_prepare_cursor failed: %s",
			 SPI_result_code_string(SPI_result));
	if (keep)
		SPI_keepplan(plan);
	return plan;
}


static SPIPlanPtr
cached_plan(const char *sql, ParameterSet *set)
{
	CachedStatement *statement;
	bool		found;

	if (statements == NULL)
	{
		HASHCTL		control = {0};

		control.keysize = sizeof(const char *);
		control.entrysize = sizeof(CachedStatement);
		control.hcxt = TopMemoryContext;
		statements = hash_create("tdp statements", 128, &control,
								 HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	}
	statement = hash_search(statements, &sql, HASH_FIND, NULL);
	if (statement == NULL)
	{
		SPIPlanPtr	plan = prepared(sql, set->count, set->types, true);

		statement = hash_search(statements, &sql, HASH_ENTER, &found);
		statement->plan = plan;
	}
	return statement->plan;
}


static Rows
execute(SPIPlanPtr plan, ParameterSet *set, int limit)
{
	Rows		rows;
	int			result = SPI_execute_plan(plan, set->values, set->nulls,
										  false, limit);

	if (result < 0)
		elog(ERROR, "SPI_execute_plan failed: %s",
			 SPI_result_code_string(result));
	rows.table = SPI_tuptable;
	rows.count = SPI_processed;
	return rows;
}


Rows
storage_exec(const char *sql, const char *types,...)
{
	ParameterSet set;
	va_list		args;

	va_start(args, types);
	read_parameters(&set, types, args);
	va_end(args);
	return execute(cached_plan(sql, &set), &set, 0);
}


Rows
storage_exec_limited(int limit, const char *sql, const char *types,...)
{
	ParameterSet set;
	va_list		args;

	va_start(args, types);
	read_parameters(&set, types, args);
	va_end(args);
	return execute(cached_plan(sql, &set), &set, limit);
}


Rows
storage_exec_text(const char *sql, const char *types,...)
{
	ParameterSet set;
	va_list		args;

	va_start(args, types);
	read_parameters(&set, types, args);
	va_end(args);
	return execute(prepared(sql, set.count, set.types, false), &set, 0);
}


Rows
owner_exec(const char *sql, int count, Oid *types, Datum *values)
{
	static struct
	{
		char	   *sql;
		SPIPlanPtr	plan;
	}			kept[KEPT_QUERIES];
	static int	nkept = 0;
	SPIPlanPtr	plan = NULL;
	Rows		rows;

	for (int i = 0; i < nkept && plan == NULL; i++)
		if (strcmp(kept[i].sql, sql) == 0)
			plan = kept[i].plan;
	if (plan == NULL)
	{
		plan = prepared(sql, count, types, nkept < KEPT_QUERIES);
		if (nkept < KEPT_QUERIES)
		{
			kept[nkept].sql = MemoryContextStrdup(TopMemoryContext, sql);
			kept[nkept].plan = plan;
			nkept++;
		}
	}
	if (SPI_execute_plan(plan, values, NULL, false, 0) != SPI_OK_SELECT)
		elog(ERROR, "a query on a source gave no rows");
	rows.table = SPI_tuptable;
	rows.count = SPI_processed;
	return rows;
}


/* Runs a statement in a section with that lock_timeout. */
static void
execute_in_time(int milliseconds, const char *sql, ParameterSet *set)
{
	StorageSection section;
	char		limit[16];

	/* a shorter timeout of the session's own stays in force */
	if (LockTimeout > 0 && LockTimeout < milliseconds)
		milliseconds = LockTimeout;
	snprintf(limit, sizeof(limit), "%d", milliseconds);
	storage_begin(&section, true);
	set_locally("lock_timeout", limit);
	(void) execute(cached_plan(sql, set), set, 0);
	section_end(&section);
}


bool
storage_wait(int milliseconds, const char *sql, const char *types,...)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	volatile bool in_time = true;
	ParameterSet set;
	va_list		args;

	va_start(args, types);
	read_parameters(&set, types, args);
	va_end(args);
	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		execute_in_time(milliseconds, sql, &set);

		/* to keep what was waited for, while waiting again, is a deadlock */
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		if (error->sqlerrcode != ERRCODE_LOCK_NOT_AVAILABLE &&
			error->sqlerrcode != ERRCODE_T_R_DEADLOCK_DETECTED)
			ReThrowError(error);
		in_time = false;
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	return in_time;
}


static Datum
column_of(Rows rows, uint64 row, int column, bool *isnull)
{
	/* storage that somebody changed by hand must not bring the server down */
	if (row >= rows.count)
		elog(ERROR, "a row is missing in the tables of tdp");
	return SPI_getbinval(rows.table->vals[row], rows.table->tupdesc, column,
						 isnull);
}


bool
row_null(Rows rows, uint64 row, int column)
{
	bool		isnull;

	(void) column_of(rows, row, column, &isnull);
	return isnull;
}


/* A number's value; 0 for NULL, which the caller tests by row_null. */
#define ROW_GETTER(name, c_type, convert) \
c_type \
name(Rows rows, uint64 row, int column) \
{ \
	bool		isnull; \
	Datum		value = column_of(rows, row, column, &isnull); \
\
	return isnull ? 0 : convert(value); \
}

ROW_GETTER(row_int32, int32, DatumGetInt32)
ROW_GETTER(row_int64, int64, DatumGetInt64)
ROW_GETTER(row_int16, int, DatumGetInt16)
ROW_GETTER(row_bool, bool, DatumGetBool)
ROW_GETTER(row_char, char, DatumGetChar)
ROW_GETTER(row_float8, double, DatumGetFloat8)
ROW_GETTER(row_timestamptz, TimestampTz, DatumGetTimestampTz)


/*
 * A copy, outside the section, of a value by reference; NULL for NULL.
 *
 * It is SPI that knows what lies outside: a function of a user's that a
 * statement calls may open sections of its own and catch an error in one, and
 * a variable of ours would be left pointing at what that one had outside.
 */
static void *
copy_outside(Rows rows, uint64 row, int column)
{
	bool		isnull;
	Datum		value = column_of(rows, row, column, &isnull);
	struct varlena *detoasted;
	void	   *copy;

	if (isnull)
		return NULL;
	detoasted = PG_DETOAST_DATUM(value);
	copy = SPI_palloc(VARSIZE(detoasted));
	memcpy(copy, detoasted, VARSIZE(detoasted));
	if ((Pointer) detoasted != DatumGetPointer(value))
		pfree(detoasted);
	return copy;
}


char *
row_text(Rows rows, uint64 row, int column)
{
	char	   *string;
	Size		size;
	char	   *copy;

	if (row_null(rows, row, column))
		return NULL;
	string = SPI_getvalue(rows.table->vals[row], rows.table->tupdesc, column);
	size = strlen(string) + 1;
	copy = memcpy(SPI_palloc(size), string, size);
	pfree(string);
	return copy;
}


Jsonb *
row_jsonb(Rows rows, uint64 row, int column)
{
	return copy_outside(rows, row, column);
}


ArrayType *
row_array(Rows rows, uint64 row, int column)
{
	return copy_outside(rows, row, column);
}


bytea *
row_bytea(Rows rows, uint64 row, int column)
{
	return copy_outside(rows, row, column);
}


Interval *
row_interval(Rows rows, uint64 row, int column)
{
	bool		isnull;
	Datum		value = column_of(rows, row, column, &isnull);
	Interval   *copy;

	if (isnull)
		return NULL;
	copy = SPI_palloc(sizeof(Interval));
	*copy = *DatumGetIntervalP(value);
	return copy;
}
