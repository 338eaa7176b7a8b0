/*-------------------------------------------------------------------------
 *
 * module.c
 *	  What PostgreSQL asks of the library as a whole.
 *
 * The only file that knows all rooms: each registers here what it wants to
 * hear of, from the bottom of the house to the top.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "answer/answer.h"
#include "base/compat.h"
#include "base/settings.h"
#include "capture/capture.h"
#include "consensus/consensus.h"
#include "propagate/propagate.h"
#include "queue/queue.h"

TDP_MODULE_MAGIC;

PGDLLEXPORT void _PG_init(void);

PG_FUNCTION_INFO_V1(tdp_version);


void
_PG_init(void)
{
	settings_define();
	capture_init();
	queue_init();
	answer_init();
	consensus_init();
	propagate_init();
}


/* The version of the library that is loaded, e.g. 0.1.0. */
Datum
tdp_version(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(TDP_VERSION));
}
