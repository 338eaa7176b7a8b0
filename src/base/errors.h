/*-------------------------------------------------------------------------
 *
 * errors.h
 *	  The extension's own error codes, stable for ever: clients branch on
 *	  them.  Class TD lies outside what the SQL standard reserves.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_BASE_ERRORS_H
#define TDP_BASE_ERRORS_H

#include "postgres.h"

/* no task of that number, or its row is gone */
#define ERRCODE_TDP_NO_SUCH_TASK	MAKE_SQLSTATE('T', 'D', '0', '0', '1')
/* the task is another member's */
#define ERRCODE_TDP_NOT_YOURS		MAKE_SQLSTATE('T', 'D', '0', '0', '2')
/* the lease has expired and its slot is taken */
#define ERRCODE_TDP_EXPIRED			MAKE_SQLSTATE('T', 'D', '0', '0', '3')
/* the task has been answered, skipped or released */
#define ERRCODE_TDP_FINISHED		MAKE_SQLSTATE('T', 'D', '0', '0', '4')
/* no slot of the item is free */
#define ERRCODE_TDP_NOTHING_FREE	MAKE_SQLSTATE('T', 'D', '0', '0', '5')
/* no item of that key */
#define ERRCODE_TDP_NO_SUCH_ITEM	MAKE_SQLSTATE('T', 'D', '0', '0', '6')
/* a value does not fit the label schema; the detail is JSON */
#define ERRCODE_TDP_INVALID_VALUE	MAKE_SQLSTATE('T', 'D', '0', '1', '0')
/* no project of that name */
#define ERRCODE_TDP_NO_SUCH_PROJECT MAKE_SQLSTATE('T', 'D', '0', '2', '0')
/* no such member of the project */
#define ERRCODE_TDP_NO_SUCH_MEMBER	MAKE_SQLSTATE('T', 'D', '0', '2', '1')

#endif							/* TDP_BASE_ERRORS_H */
