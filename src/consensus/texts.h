/*-------------------------------------------------------------------------
 *
 * texts.h
 *	  Consensus of texts, for the files of this room.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_CONSENSUS_TEXTS_H
#define TDP_CONSENSUS_TEXTS_H

#include "consensus/glue.h"

/* An item's text, and how far its answers agree with it (0 to 1). */
typedef struct TextChoice
{
	const char *value;			/* in the current memory context */
	double		confidence;
} TextChoice;

/* Is it a method of consensus_text? */
extern bool text_method_exists(const char *method);

/* One item of an input of texts. */
extern TextChoice text_choose(const ConsensusInput *input, int32 item,
							  const char *method);

#endif							/* TDP_CONSENSUS_TEXTS_H */
