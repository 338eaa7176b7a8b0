/*-------------------------------------------------------------------------
 *
 * consensus.h
 *	  Truth inference, as the module sees it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_CONSENSUS_H
#define TDP_CONSENSUS_H

/* Registers this room's listener to projects. */
extern void consensus_init(void);

#endif							/* TDP_CONSENSUS_H */
