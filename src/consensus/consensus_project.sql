-- ---------------------------------------------------------------------------
-- consensus of a project
-- ---------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION tdp.resolve(project text,
	methods jsonb DEFAULT NULL, "full" boolean DEFAULT false)
RETURNS bigint
AS 'MODULE_PATHNAME', 'tdp_resolve'
LANGUAGE C VOLATILE;
COMMENT ON FUNCTION tdp.resolve(text, jsonb, boolean) IS
'Infers from a project''s answers the label of each item and field, with its confidence, and each annotator''s accuracy; returns the number of labels that it wrote. methods: field to method of tdp.consensus (or median); by default auto for choice, boolean, rating and preference, the median for numbers, and the majority of equal answers for the rest. full: true looks at all answers anew; false only at items with new answers, from the model of the last full run, where that will do: for dawid_skene and majority, under the same label schema, while no more than a fiftieth of the items or answers is new. Otherwise it makes a full run, and tdp.resolutions says why. What auto chose is kept until the answers have grown by half; auto in methods chooses anew. Answers of machines count as those of one more annotator each.
Where a confidence is wanted (target_confidence) and max_overlap allows, completed items below it get one more slot, the least sure first. For managers.';

