/*-------------------------------------------------------------------------
 *
 * texts.h
 *	  Values of types that can be compared but not hashed.
 *
 * A type with a btree operator class only (bit, money, tsvector, ltree before
 * version 17, ...) gives no code that is equal for equal values.  Its values
 * are coded by their text; a state keeps each different text once, and when
 * all have come the texts are read back, sorted by the type's order, and the
 * codes of equal values made one.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_AGREEMENT_TEXTS_H
#define TDP_AGREEMENT_TEXTS_H

#include "postgres.h"

#include "lib/stringinfo.h"

typedef struct TextSet TextSet;

/* Makes an empty set in "context", where all that is added is kept. */
extern TextSet *agreement_texts(MemoryContext context);

/* Adds a text; returns its code. */
extern uint64 agreement_texts_add(TextSet *set, const char *string);

/* Adds all texts of "from". */
extern void agreement_texts_merge(TextSet *set, const TextSet *from);

/* Appends a set to a message, and reads one back into the current context. */
extern void agreement_texts_write(StringInfo message, const TextSet *set);
extern TextSet *agreement_texts_read(StringInfo message);

/*
 * Reads the texts as values of "type" (a domain's base type is used) and
 * decides which are equal.  Then agreement_texts_class gives, for a code, the
 * one that stands for all that are equal to it: the least, so that it does
 * not depend on the order in which they came.
 */
extern void agreement_texts_classify(TextSet *set, Oid type);
extern uint64 agreement_texts_class(const TextSet *set, uint64 code);

/* The text of a code that is in the set. */
extern const char *agreement_texts_string(const TextSet *set, uint64 code);

#endif							/* TDP_AGREEMENT_TEXTS_H */
