/*-------------------------------------------------------------------------
 *
 * trigger.c
 *	  The triggers on source tables: they record which keys a statement
 *	  touched, and nothing else.
 *
 * No filter runs here and no lock is taken but on the new rows of the inbox,
 * so that a loader can neither fail nor wait because of us.  Whether a row
 * is there, passes or has changed is found out later, from the source.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/partition.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/tuplestore.h"

#include "base/compat.h"
#include "base/keytext.h"
#include "capture/capture.h"
#include "capture/chunk_kernel.h"
#include "capture/inbox.h"
#include "capture/source.h"

PG_FUNCTION_INFO_V1(tdp_touch);

/*
 * An INSERT's keys come in some sixteen chunks, so that several people can
 * draw on a small one at once, of at most a thousand keys each.
 */
#define CHUNKS_OF_INSERT 16
#define MOST_KEYS_IN_CHUNK 1000

/* Where a statement's keys are gathered until a chunk is full. */
typedef struct Gatherer
{
	const Project *project;
	char		kind;
	TupleDesc	rowtype;
	int			nkeys;
	AttrNumber	keys[MAX_KEY_COLUMNS];
	bool		integer;		/* one integer column */
	bool		plain;			/* texts that no setting changes */
	MemoryContext text_context; /* emptied after each text */
	ChunkWriter writer;
	bytea	   *payload;
	Size		room;
	int			count;
	int			most;			/* keys in a chunk */
} Gatherer;


static bool
gatherer_init(Gatherer *gatherer, const Project *project, Relation relation)
{
	Oid			type = InvalidOid;

	gatherer->project = project;
	gatherer->rowtype = RelationGetDescr(relation);
	gatherer->nkeys = project->nkeys;
	gatherer->plain = true;
	for (int i = 0; i < project->nkeys; i++)
	{
		gatherer->keys[i] = get_attnum(RelationGetRelid(relation),
									   project->keys[i]);
		if (gatherer->keys[i] == InvalidAttrNumber)
			return false;
		type = TupleDescAttr(gatherer->rowtype, gatherer->keys[i] - 1)->atttypid;
		gatherer->plain = gatherer->plain && keytext_is_plain(getBaseType(type));
	}
	type = getBaseType(type);
	gatherer->integer = project->nkeys == 1 &&
		(type == INT2OID || type == INT4OID || type == INT8OID);
	gatherer->text_context = AllocSetContextCreate(CurrentMemoryContext,
												   "tdp key",
												   ALLOCSET_SMALL_SIZES);
	gatherer->room = VARHDRSZ + 1 + MOST_KEYS_IN_CHUNK * CHUNK_INTEGER_ROOM;
	gatherer->payload = palloc(gatherer->room);
	gatherer->count = 0;
	return true;
}


static void
flush(Gatherer *gatherer)
{
	if (gatherer->count == 0)
		return;
	SET_VARSIZE(gatherer->payload, VARHDRSZ + gatherer->writer.used);
	inbox_add(gatherer->project->id, gatherer->kind, gatherer->count,
			  gatherer->payload);
	gatherer->count = 0;
}


static int64
integer_of(Oid type, Datum value)
{
	switch (getBaseType(type))
	{
		case INT2OID:
			return DatumGetInt16(value);
		case INT4OID:
			return DatumGetInt32(value);
		default:
			return DatumGetInt64(value);
	}
}


static void
add_text_key(Gatherer *gatherer, TupleTableSlot *slot)
{
	Oid			types[MAX_KEY_COLUMNS];
	Datum		values[MAX_KEY_COLUMNS];
	MemoryContext old;
	char	   *key;
	Size		length;
	Size		needed;

	for (int i = 0; i < gatherer->nkeys; i++)
	{
		bool		isnull;

		types[i] = TupleDescAttr(gatherer->rowtype,
								 gatherer->keys[i] - 1)->atttypid;
		values[i] = slot_getattr(slot, gatherer->keys[i], &isnull);
		if (isnull)
			return;
	}
	old = MemoryContextSwitchTo(gatherer->text_context);
	key = keytext_of_columns(gatherer->nkeys, types, values);
	MemoryContextSwitchTo(old);
	length = strlen(key);
	needed = VARHDRSZ + gatherer->writer.used + CHUNK_TEXT_ROOM(length);
	if (needed > gatherer->room)
	{
		gatherer->room = needed * 2;
		gatherer->payload = repalloc(gatherer->payload, gatherer->room);
		gatherer->writer.bytes = (uint8_t *) VARDATA(gatherer->payload);
	}
	chunk_add_text(&gatherer->writer, key, length);
	gatherer->count++;
	MemoryContextReset(gatherer->text_context);
}


static void
add_key(Gatherer *gatherer, TupleTableSlot *slot)
{
	if (gatherer->count == 0)
		chunk_start(&gatherer->writer, (uint8_t *) VARDATA(gatherer->payload),
					gatherer->integer ? CHUNK_INTEGERS : CHUNK_TEXTS);
	if (gatherer->integer)
	{
		Form_pg_attribute attribute = TupleDescAttr(gatherer->rowtype,
													gatherer->keys[0] - 1);
		bool		isnull;
		Datum		value = slot_getattr(slot, gatherer->keys[0], &isnull);

		if (isnull)
			return;
		chunk_add_integer(&gatherer->writer,
						  integer_of(attribute->atttypid, value));
		gatherer->count++;
	}
	else
		add_text_key(gatherer, slot);
	if (gatherer->count == gatherer->most)
		flush(gatherer);
}


static void
add_all_keys(Gatherer *gatherer, Tuplestorestate *rows)
{
	TupleTableSlot *slot = MakeSingleTupleTableSlot(gatherer->rowtype,
													&TTSOpsMinimalTuple);

	/* another trigger of the same table may have read before us */
	tuplestore_rescan(rows);
	while (tuplestore_gettupleslot(rows, true, false, slot))
	{
		CHECK_FOR_INTERRUPTS();
		add_key(gatherer, slot);
	}
	ExecDropSingleTupleTableSlot(slot);
	flush(gatherer);
}


static bool
same_column(TupleTableSlot *old, TupleTableSlot *new, AttrNumber number,
			Form_pg_attribute attribute)
{
	bool		old_null;
	bool		new_null;
	Datum		old_value = slot_getattr(old, number, &old_null);
	Datum		new_value = slot_getattr(new, number, &new_null);

	if (old_null || new_null)
		return old_null && new_null;
	return datum_image_eq(old_value, new_value, attribute->attbyval,
						  attribute->attlen);
}


/*
 * The numbers of the columns whose change matters, or NULL for all.  The key
 * is always among them.
 */
static Bitmapset *
watched_columns(const Gatherer *gatherer, Relation relation)
{
	Bitmapset  *watched = NULL;
	Datum	   *names;
	int			count;

	if (gatherer->project->watched == NULL)
		return NULL;
	deconstruct_array(gatherer->project->watched, TEXTOID, -1, false,
					  TYPALIGN_INT, &names, NULL, &count);
	for (int i = 0; i < count; i++)
	{
		AttrNumber	number = get_attnum(RelationGetRelid(relation),
										TextDatumGetCString(names[i]));

		if (number > 0)
			watched = bms_add_member(watched, number);
	}
	for (int i = 0; i < gatherer->nkeys; i++)
		watched = bms_add_member(watched, gatherer->keys[i]);
	return watched;
}


static bool
row_differs(TupleTableSlot *old, TupleTableSlot *new, TupleDesc rowtype,
			Bitmapset *watched)
{
	for (int i = 0; i < rowtype->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(rowtype, i);

		if (attribute->attisdropped || attribute_is_virtual(attribute) ||
			(watched != NULL && !bms_is_member(i + 1, watched)))
			continue;
		if (!same_column(old, new, i + 1, attribute))
			return true;
	}
	return false;
}


static bool
key_differs(const Gatherer *gatherer, TupleTableSlot *old,
			TupleTableSlot *new)
{
	for (int i = 0; i < gatherer->nkeys; i++)
		if (!same_column(old, new, gatherer->keys[i],
						 TupleDescAttr(gatherer->rowtype, gatherer->keys[i] - 1)))
			return true;
	return false;
}


/*
 * An UPDATE's old and new rows run in parallel, so that a nightly UPDATE that
 * changes nothing we show records nothing.  Rows whose keys differ are both
 * recorded, whether the key changed or the pairing is not what we think.
 */
static void
add_changed_keys(Gatherer *gatherer, Relation relation,
				 Tuplestorestate *old_rows, Tuplestorestate *new_rows)
{
	TupleTableSlot *old = MakeSingleTupleTableSlot(gatherer->rowtype,
												   &TTSOpsMinimalTuple);
	TupleTableSlot *new = MakeSingleTupleTableSlot(gatherer->rowtype,
												   &TTSOpsMinimalTuple);
	Bitmapset  *watched = watched_columns(gatherer, relation);

	tuplestore_rescan(old_rows);
	tuplestore_rescan(new_rows);
	while (tuplestore_gettupleslot(new_rows, true, false, new))
	{
		bool		paired = tuplestore_gettupleslot(old_rows, true, false, old);

		CHECK_FOR_INTERRUPTS();
		if (paired && !row_differs(old, new, gatherer->rowtype, watched))
			continue;
		if (paired && key_differs(gatherer, old, new))
			add_key(gatherer, old);
		add_key(gatherer, new);
	}

	/* a trigger may have kept a row from the partition it was to move to */
	while (tuplestore_gettupleslot(old_rows, true, false, old))
		add_key(gatherer, old);
	ExecDropSingleTupleTableSlot(old);
	ExecDropSingleTupleTableSlot(new);
	flush(gatherer);
}


/* Is the trigger on the project's source, or on a partition of it? */
static bool
fires_on_source(const Project *project, Relation relation)
{
	Oid			table = RelationGetRelid(relation);
	Oid			source = project_source(project);

	return table == source ||
		(relation->rd_rel->relispartition &&
		 list_member_oid(get_partition_ancestors(table), source));
}


static void
record(TriggerData *trigger, const Project *project)
{
	Gatherer	gatherer = {0};
	int			level = -1;

	if (TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event))
	{
		inbox_add_scan(project);
		return;
	}
	gatherer.most = MOST_KEYS_IN_CHUNK;
	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
		gatherer.most = Max(Min(tuplestore_tuple_count(trigger->tg_newtable) / CHUNKS_OF_INSERT,
								MOST_KEYS_IN_CHUNK), 1);
	if (!gatherer_init(&gatherer, project, trigger->tg_relation))
	{
		ereport(WARNING,
				(errmsg("a column of the key of project \"%s\" is gone from table \"%s\"",
						project->name,
						RelationGetRelationName(trigger->tg_relation)),
				 errdetail("The project does not see this statement's rows.")));
		return;
	}
	if (!gatherer.plain)
		level = keytext_begin();
	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
	{
		gatherer.kind = INBOX_FRESH;
		add_all_keys(&gatherer, trigger->tg_newtable);
	}
	else if (TRIGGER_FIRED_BY_DELETE(trigger->tg_event))
	{
		gatherer.kind = INBOX_TOUCHED;
		add_all_keys(&gatherer, trigger->tg_oldtable);
	}
	else
	{
		gatherer.kind = INBOX_TOUCHED;
		add_changed_keys(&gatherer, trigger->tg_relation,
						 trigger->tg_oldtable, trigger->tg_newtable);
	}
	if (level >= 0)
		keytext_end(level);
}


static bool
touched_nothing(TriggerData *trigger)
{
	return (trigger->tg_newtable == NULL ||
			tuplestore_tuple_count(trigger->tg_newtable) == 0) &&
		(trigger->tg_oldtable == NULL ||
		 tuplestore_tuple_count(trigger->tg_oldtable) == 0) &&
		!TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event);
}


/*
 * touch('project') is the function of the triggers that create_project makes.
 * On a table that is not that project's source it does nothing, so that
 * nobody can feed another's queue.
 */
Datum
tdp_touch(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	Project    *project;

	if (!CALLED_AS_TRIGGER(fcinfo) ||
		!TRIGGER_FIRED_AFTER(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_STATEMENT(trigger->tg_event) ||
		trigger->tg_trigger->tgnargs != 1)
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("tdp.touch must be fired by a trigger that tdp.create_project made")));
	if (touched_nothing(trigger))
		PG_RETURN_POINTER(NULL);
	project = project_find(trigger->tg_trigger->tgargs[0]);
	if (project != NULL && fires_on_source(project, trigger->tg_relation))
		record(trigger, project);
	PG_RETURN_POINTER(NULL);
}
