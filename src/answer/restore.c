/*-------------------------------------------------------------------------
 *
 * restore.c
 *	  After a restore by a superuser, make the typed views readable again.
 *
 * pg_dump knows who owned the two views that a project's typed view stands
 * on, but not who owned the extension: a superuser who restores owns its
 * tables, and the views' owner may not read them any more.  The views are
 * there before the rows of tdp.project come, so a trigger on these can hand
 * the views over.  Nobody else needs it: whoever is no superuser restores
 * only what is their own.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commands/trigger.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/compat.h"
#include "base/storage.h"

PG_FUNCTION_INFO_V1(tdp_project_restored);


/* The views that are another's, the tables' owner, and who is to read them. */
static const char *const strangers =
"SELECT c.oid::regclass::text, pg_get_userbyid(t.relowner), r.rolname "
"FROM tdp.project p JOIN pg_class t ON t.oid = 'tdp.project'::regclass "
"JOIN pg_class c ON c.relnamespace = t.relnamespace AND c.relkind = 'v' "
"AND c.relname IN (format('project_%s_items', p.project_id), format('project_%s_labels', p.project_id)) "
"LEFT JOIN pg_roles r ON r.rolname = p.owner "
"WHERE c.relowner <> t.relowner";


static void
run(const char *sql)
{
	int			result = SPI_execute(sql, false, 0);

	if (result < 0)
		elog(ERROR, "SPI_execute failed: %s", SPI_result_code_string(result));
}


/* project_restored() is the function of a trigger on tdp.project. */
Datum
tdp_project_restored(PG_FUNCTION_ARGS)
{
	StorageSection section;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("tdp.project_restored is a trigger of the table tdp.project")));
	storage_begin(&section, false);
	if (superuser())
	{
		Rows		rows = storage_exec(strangers, "");

		for (uint64 i = 0; i < rows.count; i++)
		{
			const char *view = row_text(rows, i, 1);

			run(psprintf("ALTER VIEW %s OWNER TO %s", view,
						 quote_identifier(row_text(rows, i, 2))));
			if (!row_null(rows, i, 3))
				run(psprintf("GRANT SELECT ON %s TO %s", view,
							 quote_identifier(row_text(rows, i, 3))));
		}
	}
	section_end(&section);
	return PointerGetDatum(NULL);
}
