-- ---------------------------------------------------------------------------
-- agreement of a project
-- ---------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION tdp.agreement(project text, by text DEFAULT NULL)
RETURNS TABLE (field text, slice text, measure text,
	value double precision, lower double precision, upper double precision,
	items bigint, annotators bigint, annotations bigint)
AS 'MODULE_PATHNAME', 'tdp_agreement'
LANGUAGE C VOLATILE ROWS 10;
COMMENT ON FUNCTION tdp.agreement(text, text) IS
'How far the people of a project agree, a row per field and measure. choice, boolean, preference: percent_agreement, krippendorff_alpha, gwet_ac1. choices: percent_agreement (of equal sets), krippendorff_alpha_masi, krippendorff_alpha_jaccard. rating: percent_agreement, krippendorff_alpha_ordinal. number, date: krippendorff_alpha_interval (of days). text: krippendorff_alpha_edit and edit_similarity, 1 minus Levenshtein''s distance over the length of the longer, in characters. ranking: kendall_w and spearman, of each item''s rankings, the mean over items. spans: f1_exact and f1_overlap, the mean over pairs of annotators, then over items. Other kinds have no row.
by: a column of the source, or one expression of its columns, such as date_trunc(''month'', created_at); then a row per value of it (slice, also NULL). It runs as the project''s owner, as a filter does, and must not be volatile; who does not manage the project may use the columns shown and built-in immutable functions only.
Machines do not count, nor do answers that were given when the field was of another kind. An optional set without a condition that is absent is the empty set; anything else absent is not annotated. value is NULL where a measure is undefined, as without items that two people answered. lower and upper are the 95 % t-interval over items: by Gwet''s linearisation for alpha and AC1, by the standard error of the mean for the others; NULL with fewer than two items that two people answered. items, annotators and annotations count what was answered at all. Of more than 2000 different sets or texts every k-th stands for all in alpha''s expected disagreement. For those who may see all of a project.';
