/*-------------------------------------------------------------------------
 *
 * check.c
 *	  Does an answer fit its project's label schema?
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "base/compat.h"
#include "base/errors.h"
#include "answer/check.h"
#include "schema/schema.h"


char *
answer_problem(const Project *project, Jsonb *value, Jsonb *data,
			   bool is_prediction, char **detail, char **hint)
{
	const Schema *schema = schema_from_datum(project->label_schema);
	List	   *violations = schema_violations(value, schema, data,
											   is_prediction);
	SchemaViolation *first;

	if (violations == NIL)
		return NULL;
	first = linitial(violations);
	*detail = schema_violations_detail(violations);
	*hint = first->hint ? pstrdup(first->hint) : NULL;
	return first->path[0] == '\0' ? pstrdup(first->problem)
		: psprintf("%s: %s", first->path, first->problem);
}


void
answer_check(const Project *project, const char *item, Jsonb *value,
			 Jsonb *data, bool is_prediction)
{
	char	   *detail = NULL;
	char	   *hint = NULL;
	char	   *problem = answer_problem(project, value, data, is_prediction,
										 &detail, &hint);

	if (problem == NULL)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_TDP_INVALID_VALUE),
			 item == NULL
			 ? errmsg("the value does not fit the label schema of project \"%s\": %s",
					  project->name, problem)
			 : errmsg("the value of item \"%s\" does not fit the label schema of project \"%s\": %s",
					  item, project->name, problem),
			 errdetail_internal("%s", detail),
			 hint ? errhint("%s", hint) : 0));
}


void
answer_check_seconds(double seconds)
{
	if (!(seconds >= 0 && seconds <= MOST_SECONDS))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"seconds\" must be a time from zero to a year, not %g",
						seconds)));
}


bool
same_value(Jsonb *a, Jsonb *b)
{
	return compareJsonbContainers(&a->root, &b->root) == 0;
}
