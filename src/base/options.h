/*-------------------------------------------------------------------------
 *
 * options.h
 *	  Read a settings argument (a jsonb object) into C variables.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_BASE_OPTIONS_H
#define TDP_BASE_OPTIONS_H

#include "postgres.h"

#include "utils/jsonb.h"

typedef enum OptionType
{
	OPTION_INT,					/* int */
	OPTION_FLOAT8,				/* double */
	OPTION_BOOL,				/* bool */
	OPTION_TEXT,				/* char *, palloc'd */
	OPTION_TEXTS,				/* ArrayType *, a text[] */
	OPTION_JSONB				/* Jsonb * */
} OptionType;

/*
 * One key that may be given.  "value" points at a variable of the type that
 * goes with "type"; it is set only when the key is there and not null.
 */
typedef struct Option
{
	const char *name;
	OptionType	type;
	void	   *value;
	bool		given;			/* set: the key is there */
	bool		is_null;		/* set: and is a JSON null */
} Option;

/*
 * options_read sets the options that "settings" (NULL: none) gives.  A key
 * that is not among them, a value of another type and anything but an object
 * are errors that name "argument" and the keys there are.
 */
extern void options_read(const char *argument, Jsonb *settings,
						 Option *options, int noptions);

/* The option of that name; it must be there. */
extern Option *option_named(Option *options, int noptions, const char *name);

#endif							/* TDP_BASE_OPTIONS_H */
