-- ---------------------------------------------------------------------------
-- consensus of a project
-- ---------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION tdp.resolve(project text,
	methods jsonb DEFAULT NULL, "full" boolean DEFAULT false)
RETURNS bigint
AS 'MODULE_PATHNAME', 'tdp_resolve'
LANGUAGE C VOLATILE;
COMMENT ON FUNCTION tdp.resolve(text, jsonb, boolean) IS
'Infers from a project''s answers the label of each item and field, with its confidence, and each annotator''s accuracy; returns the number of labels. methods: field to method of tdp.consensus (or median); by default auto for choice, boolean, rating and preference, the median for numbers, and the majority of equal answers for the rest. full: true looks at all answers anew, which is also what false does as yet. Answers of machines count as those of one more annotator each.
Where a confidence is wanted (target_confidence) and max_overlap allows, completed items below it get one more slot. For managers.';

