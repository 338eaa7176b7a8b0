/*-------------------------------------------------------------------------
 *
 * status_kernel.h
 *	  What the kernels of propagation share: how they end and how they are
 *	  stopped.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_PROPAGATE_STATUS_KERNEL_H
#define TDP_PROPAGATE_STATUS_KERNEL_H

#include <stdbool.h>

typedef enum PropagateStatus
{
	PROPAGATE_DONE,
	PROPAGATE_STOPPED			/* the progress callback asked for it */
} PropagateStatus;

/*
 * Called many times a second with the share of the work that is done (0 to
 * 1); false asks the kernel to return PROPAGATE_STOPPED at once.  It may also
 * leave by longjmp: kernels own nothing.
 */
typedef bool (*PropagateProgress) (void *state, double done);

#endif							/* TDP_PROPAGATE_STATUS_KERNEL_H */
