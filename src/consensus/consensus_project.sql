-- ---------------------------------------------------------------------------
-- consensus of a project
-- ---------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION tdp.resolve(project text,
	methods jsonb DEFAULT NULL, "full" boolean DEFAULT false)
RETURNS bigint
AS 'MODULE_PATHNAME', 'tdp_resolve'
LANGUAGE C VOLATILE;
COMMENT ON FUNCTION tdp.resolve(text, jsonb, boolean) IS
'Infers from a project''s answers the label of each item and field, with its confidence, and each annotator''s accuracy; returns the number of labels that it wrote. methods: field to method of tdp.consensus (of tdp.consensus_numeric for numbers, and for ratings too); by default auto for choice, boolean, rating and preference; lfc for numbers, rounded where they are whole, else to one decimal below the standard error''s first digit, and kept within the field''s bounds; for choices dawid_skene (majority with fewer than three annotators who share items) of each label by itself, the value being the labels with a probability above one half, the confidence the product over the labels of the probability of what was decided; medoid of tdp.consensus_text for texts (rover by name, where what comes of it fits the field); and the majority of equal answers for the rest. full: true looks at all answers anew; false only at items with new answers, from the model of the last full run, where that will do: for dawid_skene and majority, under the same label schema, while no more than a fiftieth of the items or answers is new. Otherwise it makes a full run, and tdp.resolutions says why. What auto chose is kept until the answers have grown by half; auto in methods chooses anew. Answers of machines count as those of one more annotator each.
Where a confidence is wanted (target_confidence) and max_overlap allows, completed items below it get one more slot, the least sure first. For managers.';

