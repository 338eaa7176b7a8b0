/*-------------------------------------------------------------------------
 *
 * settings.c
 *	  The extension's configuration parameters (tdp.*).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <limits.h>

#include "utils/guc.h"

#include "base/settings.h"

/* kilobytes, as the server's own memory settings */
static int	solver_memory = 1024 * 1024;


void
settings_define(void)
{
	DefineCustomIntVariable("tdp.solver_memory",
							"Sets the memory that one solver may use.",
							"Consensus, propagation and the like work on"
							" arrays in memory; a call that would need more"
							" is refused before it starts.",
							&solver_memory,
							1024 * 1024, 1024, MAX_KILOBYTES,
							PGC_USERSET, GUC_UNIT_KB,
							NULL, NULL, NULL);
	MarkGUCPrefixReserved("tdp");
}


void
settings_check_memory(Size bytes, const char *what)
{
	Size		kilobytes = bytes / 1024 + (bytes % 1024 != 0);

	if (kilobytes <= (Size) solver_memory)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("%s needs %zu MB, more than tdp.solver_memory allows",
					what, kilobytes / 1024 + 1),
			 errdetail("tdp.solver_memory is %d MB.", solver_memory / 1024),
			 errhint("Set it higher for this session: SET tdp.solver_memory = '%zuMB'.",
					 kilobytes / 1024 + 1)));
}
