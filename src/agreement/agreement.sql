-- ---------------------------------------------------------------------------
-- agreement: coefficients as aggregates over (item, label) or two labels
-- ---------------------------------------------------------------------------

-- The state of the aggregates over (item, label): its functions take part in
-- parallel plans, and leave nothing that depends on the order of the rows.

CREATE OR REPLACE FUNCTION tdp.agreement_add(state internal, item "any", label "any") RETURNS internal
AS 'MODULE_PATHNAME', 'tdp_agreement_add'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION tdp.agreement_add(internal, "any", "any") IS
'State function: adds one answer; a row without item or label is none.';

CREATE OR REPLACE FUNCTION tdp.agreement_add_metric(state internal, item "any", label "any", metric text) RETURNS internal
AS 'MODULE_PATHNAME', 'tdp_agreement_add_metric'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION tdp.agreement_add_metric(internal, "any", "any", text) IS
'State function: adds one answer on the scale that the metric names.';

CREATE OR REPLACE FUNCTION tdp.agreement_combine(state internal, other internal) RETURNS internal
AS 'MODULE_PATHNAME', 'tdp_agreement_combine'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION tdp.agreement_combine(internal, internal) IS
'Combine function: adds another state''s answers.';

CREATE OR REPLACE FUNCTION tdp.agreement_serialize(state internal) RETURNS bytea
AS 'MODULE_PATHNAME', 'tdp_agreement_serialize'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.agreement_serialize(internal) IS
'Serialise function: the answers, sorted and counted; the first byte is the form''s version.';

CREATE OR REPLACE FUNCTION tdp.agreement_deserialize(bytes bytea, state internal) RETURNS internal
AS 'MODULE_PATHNAME', 'tdp_agreement_deserialize'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.agreement_deserialize(bytea, internal) IS
'Deserialise function: reads and checks what tdp.agreement_serialize wrote.';

CREATE OR REPLACE FUNCTION tdp.percent_agreement_final(state internal, item "any", label "any") RETURNS double precision
AS 'MODULE_PATHNAME', 'tdp_percent_agreement_final'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION tdp.percent_agreement_final(internal, "any", "any") IS
'Final function: share of like pairs of the answers in a state.';

CREATE OR REPLACE FUNCTION tdp.fleiss_kappa_final(state internal, item "any", label "any") RETURNS double precision
AS 'MODULE_PATHNAME', 'tdp_fleiss_kappa_final'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION tdp.fleiss_kappa_final(internal, "any", "any") IS
'Final function: Fleiss'' kappa of the answers in a state.';

CREATE OR REPLACE FUNCTION tdp.gwet_ac1_final(state internal, item "any", label "any") RETURNS double precision
AS 'MODULE_PATHNAME', 'tdp_gwet_ac1_final'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION tdp.gwet_ac1_final(internal, "any", "any") IS
'Final function: Gwet''s AC1 of the answers in a state.';

CREATE OR REPLACE FUNCTION tdp.krippendorff_alpha_final(state internal, item "any", label "any") RETURNS double precision
AS 'MODULE_PATHNAME', 'tdp_krippendorff_alpha_final'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION tdp.krippendorff_alpha_final(internal, "any", "any") IS
'Final function: Krippendorff''s alpha of the answers in a state.';

CREATE OR REPLACE FUNCTION tdp.krippendorff_alpha_metric_final(state internal, item "any", label "any", metric text) RETURNS double precision
AS 'MODULE_PATHNAME', 'tdp_krippendorff_alpha_final'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION tdp.krippendorff_alpha_metric_final(internal, "any", "any", text) IS
'Final function: Krippendorff''s alpha of the answers in a state, by the state''s metric.';

-- The state of the aggregates over two labels: counts of the different pairs.

CREATE OR REPLACE FUNCTION tdp.label_pairs_add(state internal, label_a "any", label_b "any") RETURNS internal
AS 'MODULE_PATHNAME', 'tdp_label_pairs_add'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION tdp.label_pairs_add(internal, "any", "any") IS
'State function: counts one pair; a row that lacks a label is none.';

CREATE OR REPLACE FUNCTION tdp.label_pairs_add_weights(state internal, label_a "any", label_b "any", weights text) RETURNS internal
AS 'MODULE_PATHNAME', 'tdp_label_pairs_add_weights'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION tdp.label_pairs_add_weights(internal, "any", "any", text) IS
'State function: counts one pair of labels that have a distance.';

CREATE OR REPLACE FUNCTION tdp.label_pairs_combine(state internal, other internal) RETURNS internal
AS 'MODULE_PATHNAME', 'tdp_label_pairs_combine'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION tdp.label_pairs_combine(internal, internal) IS
'Combine function: adds another state''s counts.';

CREATE OR REPLACE FUNCTION tdp.label_pairs_serialize(state internal) RETURNS bytea
AS 'MODULE_PATHNAME', 'tdp_label_pairs_serialize'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.label_pairs_serialize(internal) IS
'Serialise function: the counts, sorted; the first byte is the form''s version.';

CREATE OR REPLACE FUNCTION tdp.label_pairs_deserialize(bytes bytea, state internal) RETURNS internal
AS 'MODULE_PATHNAME', 'tdp_label_pairs_deserialize'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.label_pairs_deserialize(bytea, internal) IS
'Deserialise function: reads and checks what tdp.label_pairs_serialize wrote.';

CREATE OR REPLACE FUNCTION tdp.cohen_kappa_final(state internal, label_a "any", label_b "any") RETURNS double precision
AS 'MODULE_PATHNAME', 'tdp_cohen_kappa_final'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION tdp.cohen_kappa_final(internal, "any", "any") IS
'Final function: Cohen''s kappa of the pairs in a state.';

CREATE OR REPLACE FUNCTION tdp.cohen_kappa_weights_final(state internal, label_a "any", label_b "any", weights text) RETURNS double precision
AS 'MODULE_PATHNAME', 'tdp_cohen_kappa_final'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION tdp.cohen_kappa_weights_final(internal, "any", "any", text) IS
'Final function: Cohen''s kappa of the pairs in a state, by the state''s weights.';

CREATE OR REPLACE FUNCTION tdp.scott_pi_final(state internal, label_a "any", label_b "any") RETURNS double precision
AS 'MODULE_PATHNAME', 'tdp_scott_pi_final'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION tdp.scott_pi_final(internal, "any", "any") IS
'Final function: Scott''s pi of the pairs in a state.';

-- Any number of annotators

CREATE OR REPLACE AGGREGATE tdp.percent_agreement(item "any", label "any") (
    SFUNC = tdp.agreement_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = tdp.percent_agreement_final, FINALFUNC_EXTRA,
    COMBINEFUNC = tdp.agreement_combine,
    SERIALFUNC = tdp.agreement_serialize,
    DESERIALFUNC = tdp.agreement_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE tdp.percent_agreement("any", "any") IS
'Share (0 to 1) of pairs of answers to one item that are alike, each item counting once: observed agreement p_a, not corrected for chance. item and label may have any type with a default hash or btree operator class. Rows whose item or label is NULL are left out, and so are items with one answer. NULL if no item has two. Fleiss 1971; Gwet, Handbook of Inter-Rater Reliability, 2014.';

CREATE OR REPLACE AGGREGATE tdp.fleiss_kappa(item "any", label "any") (
    SFUNC = tdp.agreement_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = tdp.fleiss_kappa_final, FINALFUNC_EXTRA,
    COMBINEFUNC = tdp.agreement_combine,
    SERIALFUNC = tdp.agreement_serialize,
    DESERIALFUNC = tdp.agreement_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE tdp.fleiss_kappa("any", "any") IS
'Fleiss'' kappa: agreement beyond chance of any number of annotators, at most 1; 0 is chance. Chance is everybody drawing labels in the proportions in which all used them. Items may have different numbers of answers (Gwet''s generalised form): observed agreement is over items with two or more, label shares are over all, each item counting once. Rows whose item or label is NULL are left out. NULL if no item has two answers or only one label is in use. Fleiss 1971; Gwet 2014.';

CREATE OR REPLACE AGGREGATE tdp.gwet_ac1(item "any", label "any") (
    SFUNC = tdp.agreement_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = tdp.gwet_ac1_final, FINALFUNC_EXTRA,
    COMBINEFUNC = tdp.agreement_combine,
    SERIALFUNC = tdp.agreement_serialize,
    DESERIALFUNC = tdp.agreement_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE tdp.gwet_ac1("any", "any") IS
'Gwet''s AC1: agreement beyond chance of any number of annotators, at most 1; steady where one label is much more frequent than the others, where kappas fall. The labels are those in use. Items may have different numbers of answers: observed agreement is over items with two or more, label shares are over all. Rows whose item or label is NULL are left out. NULL if no item has two answers or only one label is in use. Gwet 2008, 2014.';

CREATE OR REPLACE AGGREGATE tdp.krippendorff_alpha(item "any", label "any") (
    SFUNC = tdp.agreement_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = tdp.krippendorff_alpha_final, FINALFUNC_EXTRA,
    COMBINEFUNC = tdp.agreement_combine,
    SERIALFUNC = tdp.agreement_serialize,
    DESERIALFUNC = tdp.agreement_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE tdp.krippendorff_alpha("any", "any") IS
'Krippendorff''s alpha for labels without order: agreement beyond chance of any number of annotators with answers missing anywhere, at most 1; 0 is chance, below 0 is systematic disagreement. item and label may have any type with a default hash or btree operator class. Rows whose item or label is NULL are left out, and so are items with one answer. NULL if no item has two, or only one label is in use among those. Krippendorff, Content Analysis, 2018, ch. 12.';

CREATE OR REPLACE AGGREGATE tdp.krippendorff_alpha(item "any", label "any", metric text) (
    SFUNC = tdp.agreement_add_metric, STYPE = internal, SSPACE = 256,
    FINALFUNC = tdp.krippendorff_alpha_metric_final, FINALFUNC_EXTRA,
    COMBINEFUNC = tdp.agreement_combine,
    SERIALFUNC = tdp.agreement_serialize,
    DESERIALFUNC = tdp.agreement_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE tdp.krippendorff_alpha("any", "any", text) IS
'Krippendorff''s alpha by a metric, the same for all rows of a group: nominal, ordinal (ranks), interval (differences), ratio (differences relative to the sum; labels of at least 0), circular (around a circle that closes after greatest - least + 1, or after 24 with circular(24)) or bipolar (relative to the distance from both ends). Metrics other than nominal take numbers, and enums as positions from 1 in their type''s order; NaN is an error, and but for ordinal infinity. jaccard and masi take sets, an array or a jsonb array (repeats and NULL elements do not count; the empty set is a label, and is like itself). Any other metric is the name of a function of yours, f(label, label) returning double precision, alone or with its arguments (''public.f(text, text)''); whoever calls must be allowed to execute it. It must be finite, at least 0, 0 for equal labels and symmetric (checked for labels that met on an item); it is called once for each two different labels, when all rows have come, by the leader of a parallel plan, unless whole groups are aggregated in workers, where it must be PARALLEL SAFE. Rows whose item or label is NULL are left out, and so are items with one answer. NULL if no item has two, or only one label is in use among those. Krippendorff, Content Analysis, 2018, ch. 12.';

-- Two annotators

CREATE OR REPLACE AGGREGATE tdp.cohen_kappa(label_a "any", label_b "any") (
    SFUNC = tdp.label_pairs_add, STYPE = internal, SSPACE = 512,
    FINALFUNC = tdp.cohen_kappa_final, FINALFUNC_EXTRA,
    COMBINEFUNC = tdp.label_pairs_combine,
    SERIALFUNC = tdp.label_pairs_serialize,
    DESERIALFUNC = tdp.label_pairs_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE tdp.cohen_kappa("any", "any") IS
'Cohen''s kappa of two annotators, a row for each item: agreement beyond chance, at most 1; 0 is chance. Chance is each drawing labels in the proportions of their own. Both labels have the same type, any with a default hash or btree operator class. Rows where either is NULL are left out. NULL if there is no row, or both used one label, the same. Cohen 1960.';

CREATE OR REPLACE AGGREGATE tdp.cohen_kappa(label_a "any", label_b "any", weights text) (
    SFUNC = tdp.label_pairs_add_weights, STYPE = internal, SSPACE = 512,
    FINALFUNC = tdp.cohen_kappa_weights_final, FINALFUNC_EXTRA,
    COMBINEFUNC = tdp.label_pairs_combine,
    SERIALFUNC = tdp.label_pairs_serialize,
    DESERIALFUNC = tdp.label_pairs_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE tdp.cohen_kappa("any", "any", text) IS
'Cohen''s kappa of two annotators with weights. weights names how unlike two labels are: unweighted, linear, quadratic, radical (by the distance of the labels, its square or its root), ordinal (by the ranks of the labels in use), ratio (by the difference relative to the sum; labels of at least 0), circular (around a circle that closes after greatest - least + 1, or after 24 with circular(24)) or bipolar (relative to the distance from both ends); the same for all rows of a group. Weights other than unweighted take numbers, and enums as positions from 1 in their type''s order; NaN is an error, and but for ordinal infinity. Rows where either label is NULL are left out. NULL if there is no row, or both used one label, the same. Cohen 1968; Cicchetti and Allison 1971; Fleiss and Cohen 1973; Gwet 2014, ch. 3.';

CREATE OR REPLACE AGGREGATE tdp.scott_pi(label_a "any", label_b "any") (
    SFUNC = tdp.label_pairs_add, STYPE = internal, SSPACE = 512,
    FINALFUNC = tdp.scott_pi_final, FINALFUNC_EXTRA,
    COMBINEFUNC = tdp.label_pairs_combine,
    SERIALFUNC = tdp.label_pairs_serialize,
    DESERIALFUNC = tdp.label_pairs_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE tdp.scott_pi("any", "any") IS
'Scott''s pi of two annotators, a row for each item: agreement beyond chance, at most 1; 0 is chance. Chance is both drawing labels in the proportions in which the two together used them. Both labels have the same type, any with a default hash or btree operator class. Rows where either is NULL are left out. NULL if there is no row, or only one label is in use. Scott 1955.';

-- Weights, and who answered

CREATE OR REPLACE FUNCTION tdp.agreement_add_weights(state internal, item "any", label "any", weights text) RETURNS internal
AS 'MODULE_PATHNAME', 'tdp_agreement_add_weights'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION tdp.agreement_add_weights(internal, "any", "any", text) IS
'State function: adds one answer on the scale that the weights name.';

CREATE OR REPLACE FUNCTION tdp.conger_add(state internal, item "any", annotator "any", label "any") RETURNS internal
AS 'MODULE_PATHNAME', 'tdp_conger_add'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION tdp.conger_add(internal, "any", "any", "any") IS
'State function: adds one answer, and counts its label for its annotator; a row without item, annotator or label is none.';

CREATE OR REPLACE FUNCTION tdp.conger_add_weights(state internal, item "any", annotator "any", label "any", weights text) RETURNS internal
AS 'MODULE_PATHNAME', 'tdp_conger_add_weights'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION tdp.conger_add_weights(internal, "any", "any", "any", text) IS
'State function: adds one answer on the scale that the weights name, and counts its label for its annotator.';

CREATE OR REPLACE FUNCTION tdp.percent_agreement_weights_final(state internal, item "any", label "any", weights text) RETURNS double precision
AS 'MODULE_PATHNAME', 'tdp_percent_agreement_final'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION tdp.percent_agreement_weights_final(internal, "any", "any", text) IS
'Final function: Weighted share of like pairs of the answers in a state, by the state''s weights.';

CREATE OR REPLACE FUNCTION tdp.fleiss_kappa_weights_final(state internal, item "any", label "any", weights text) RETURNS double precision
AS 'MODULE_PATHNAME', 'tdp_fleiss_kappa_final'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION tdp.fleiss_kappa_weights_final(internal, "any", "any", text) IS
'Final function: Fleiss'' kappa of the answers in a state, by the state''s weights.';

CREATE OR REPLACE FUNCTION tdp.brennan_prediger_weights_final(state internal, item "any", label "any", weights text) RETURNS double precision
AS 'MODULE_PATHNAME', 'tdp_brennan_prediger_final'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION tdp.brennan_prediger_weights_final(internal, "any", "any", text) IS
'Final function: Brennan and Prediger''s coefficient of the answers in a state, by the state''s weights.';

CREATE OR REPLACE FUNCTION tdp.gwet_ac2_weights_final(state internal, item "any", label "any", weights text) RETURNS double precision
AS 'MODULE_PATHNAME', 'tdp_gwet_ac1_final'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION tdp.gwet_ac2_weights_final(internal, "any", "any", text) IS
'Final function: Gwet''s AC2 of the answers in a state, by the state''s weights.';

CREATE OR REPLACE FUNCTION tdp.brennan_prediger_final(state internal, item "any", label "any") RETURNS double precision
AS 'MODULE_PATHNAME', 'tdp_brennan_prediger_final'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION tdp.brennan_prediger_final(internal, "any", "any") IS
'Final function: Brennan and Prediger''s coefficient of the answers in a state.';

CREATE OR REPLACE FUNCTION tdp.conger_kappa_final(state internal, item "any", annotator "any", label "any") RETURNS double precision
AS 'MODULE_PATHNAME', 'tdp_conger_kappa_final'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION tdp.conger_kappa_final(internal, "any", "any", "any") IS
'Final function: Conger''s kappa of the answers in a state.';

CREATE OR REPLACE FUNCTION tdp.conger_kappa_weights_final(state internal, item "any", annotator "any", label "any", weights text) RETURNS double precision
AS 'MODULE_PATHNAME', 'tdp_conger_kappa_final'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION tdp.conger_kappa_weights_final(internal, "any", "any", "any", text) IS
'Final function: Conger''s kappa of the answers in a state, by the state''s weights.';

CREATE OR REPLACE FUNCTION tdp.scott_pi_weights_final(state internal, label_a "any", label_b "any", weights text) RETURNS double precision
AS 'MODULE_PATHNAME', 'tdp_scott_pi_final'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION tdp.scott_pi_weights_final(internal, "any", "any", text) IS
'Final function: Scott''s pi of the pairs in a state, by the state''s weights.';

CREATE OR REPLACE AGGREGATE tdp.percent_agreement(item "any", label "any", weights text) (
    SFUNC = tdp.agreement_add_weights, STYPE = internal, SSPACE = 256,
    FINALFUNC = tdp.percent_agreement_weights_final, FINALFUNC_EXTRA,
    COMBINEFUNC = tdp.agreement_combine,
    SERIALFUNC = tdp.agreement_serialize,
    DESERIALFUNC = tdp.agreement_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE tdp.percent_agreement("any", "any", text) IS
'Weighted agreement (0 to 1) of pairs of answers to one item, each item counting once: like labels count 1, the most unlike in use 0. weights names how unlike two labels are: unweighted, linear, quadratic, radical (by the distance of the labels, its square or its root), ordinal (by the ranks of the labels in use), ratio (by the difference relative to the sum; labels of at least 0), circular (around a circle that closes after greatest - least + 1, or after 24 with circular(24)) or bipolar (relative to the distance from both ends); the same for all rows of a group. Weights other than unweighted take numbers, and enums as positions from 1 in their type''s order; NaN is an error, and but for ordinal infinity. Rows whose item or label is NULL are left out, and so are items with one answer. NULL if no item has two. Gwet 2014, ch. 3.';

CREATE OR REPLACE AGGREGATE tdp.fleiss_kappa(item "any", label "any", weights text) (
    SFUNC = tdp.agreement_add_weights, STYPE = internal, SSPACE = 256,
    FINALFUNC = tdp.fleiss_kappa_weights_final, FINALFUNC_EXTRA,
    COMBINEFUNC = tdp.agreement_combine,
    SERIALFUNC = tdp.agreement_serialize,
    DESERIALFUNC = tdp.agreement_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE tdp.fleiss_kappa("any", "any", text) IS
'Fleiss'' kappa with weights: agreement beyond chance of any number of annotators, at most 1; 0 is chance. weights names how unlike two labels are: unweighted, linear, quadratic, radical (by the distance of the labels, its square or its root), ordinal (by the ranks of the labels in use), ratio (by the difference relative to the sum; labels of at least 0), circular (around a circle that closes after greatest - least + 1, or after 24 with circular(24)) or bipolar (relative to the distance from both ends); the same for all rows of a group. Weights other than unweighted take numbers, and enums as positions from 1 in their type''s order; NaN is an error, and but for ordinal infinity. Items may have different numbers of answers. Rows whose item or label is NULL are left out. NULL if no item has two answers or only one label is in use. Gwet 2014, ch. 3.';

CREATE OR REPLACE AGGREGATE tdp.brennan_prediger(item "any", label "any") (
    SFUNC = tdp.agreement_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = tdp.brennan_prediger_final, FINALFUNC_EXTRA,
    COMBINEFUNC = tdp.agreement_combine,
    SERIALFUNC = tdp.agreement_serialize,
    DESERIALFUNC = tdp.agreement_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE tdp.brennan_prediger("any", "any") IS
'Brennan and Prediger''s coefficient (free-marginal kappa, Randolph''s kappa, Bennett''s S): agreement beyond chance, at most 1, where chance is every label in use being as likely. Items may have different numbers of answers. Rows whose item or label is NULL are left out. NULL if no item has two answers or only one label is in use. Brennan and Prediger 1981; Gwet 2014.';

CREATE OR REPLACE AGGREGATE tdp.brennan_prediger(item "any", label "any", weights text) (
    SFUNC = tdp.agreement_add_weights, STYPE = internal, SSPACE = 256,
    FINALFUNC = tdp.brennan_prediger_weights_final, FINALFUNC_EXTRA,
    COMBINEFUNC = tdp.agreement_combine,
    SERIALFUNC = tdp.agreement_serialize,
    DESERIALFUNC = tdp.agreement_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE tdp.brennan_prediger("any", "any", text) IS
'Brennan and Prediger''s coefficient with weights: agreement beyond chance, at most 1, where chance is every label in use being as likely. weights names how unlike two labels are: unweighted, linear, quadratic, radical (by the distance of the labels, its square or its root), ordinal (by the ranks of the labels in use), ratio (by the difference relative to the sum; labels of at least 0), circular (around a circle that closes after greatest - least + 1, or after 24 with circular(24)) or bipolar (relative to the distance from both ends); the same for all rows of a group. Weights other than unweighted take numbers, and enums as positions from 1 in their type''s order; NaN is an error, and but for ordinal infinity. Rows whose item or label is NULL are left out. NULL if no item has two answers or only one label is in use. Gwet 2014, ch. 3.';

CREATE OR REPLACE AGGREGATE tdp.gwet_ac2(item "any", label "any", weights text) (
    SFUNC = tdp.agreement_add_weights, STYPE = internal, SSPACE = 256,
    FINALFUNC = tdp.gwet_ac2_weights_final, FINALFUNC_EXTRA,
    COMBINEFUNC = tdp.agreement_combine,
    SERIALFUNC = tdp.agreement_serialize,
    DESERIALFUNC = tdp.agreement_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE tdp.gwet_ac2("any", "any", text) IS
'Gwet''s AC2: AC1 with weights, for labels that have an order. weights names how unlike two labels are: unweighted, linear, quadratic, radical (by the distance of the labels, its square or its root), ordinal (by the ranks of the labels in use), ratio (by the difference relative to the sum; labels of at least 0), circular (around a circle that closes after greatest - least + 1, or after 24 with circular(24)) or bipolar (relative to the distance from both ends); the same for all rows of a group. Weights other than unweighted take numbers, and enums as positions from 1 in their type''s order; NaN is an error, and but for ordinal infinity. The labels are those in use; items may have different numbers of answers. Rows whose item or label is NULL are left out. NULL if no item has two answers or only one label is in use. Gwet 2014, ch. 3.';

CREATE OR REPLACE AGGREGATE tdp.conger_kappa(item "any", annotator "any", label "any") (
    SFUNC = tdp.conger_add, STYPE = internal, SSPACE = 1024,
    FINALFUNC = tdp.conger_kappa_final, FINALFUNC_EXTRA,
    COMBINEFUNC = tdp.agreement_combine,
    SERIALFUNC = tdp.agreement_serialize,
    DESERIALFUNC = tdp.agreement_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE tdp.conger_kappa("any", "any", "any") IS
'Conger''s kappa, which for two annotators without missing answers is Cohen''s: agreement beyond chance of any number of annotators, at most 1, where chance is two different ones drawing labels each in the proportions of their own. item, annotator and label may have any type with a default hash or btree operator class. Two rows of one annotator for one item count as two answers. Rows whose item, annotator or label is NULL are left out. NULL if no item has two answers, only one label is in use or only one annotator answered. Conger 1980; with missing answers Gwet 2014.';

CREATE OR REPLACE AGGREGATE tdp.conger_kappa(item "any", annotator "any", label "any", weights text) (
    SFUNC = tdp.conger_add_weights, STYPE = internal, SSPACE = 1024,
    FINALFUNC = tdp.conger_kappa_weights_final, FINALFUNC_EXTRA,
    COMBINEFUNC = tdp.agreement_combine,
    SERIALFUNC = tdp.agreement_serialize,
    DESERIALFUNC = tdp.agreement_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE tdp.conger_kappa("any", "any", "any", text) IS
'Conger''s kappa, which for two annotators without missing answers is Cohen''s: agreement beyond chance of any number of annotators, at most 1, where chance is two different ones drawing labels each in the proportions of their own. weights names how unlike two labels are: unweighted, linear, quadratic, radical (by the distance of the labels, its square or its root), ordinal (by the ranks of the labels in use), ratio (by the difference relative to the sum; labels of at least 0), circular (around a circle that closes after greatest - least + 1, or after 24 with circular(24)) or bipolar (relative to the distance from both ends); the same for all rows of a group. Weights other than unweighted take numbers, and enums as positions from 1 in their type''s order; NaN is an error, and but for ordinal infinity. Two rows of one annotator for one item count as two answers. Rows whose item, annotator or label is NULL are left out. NULL if no item has two answers, only one label is in use or only one annotator answered. Conger 1980; with missing answers Gwet 2014.';

CREATE OR REPLACE AGGREGATE tdp.scott_pi(label_a "any", label_b "any", weights text) (
    SFUNC = tdp.label_pairs_add_weights, STYPE = internal, SSPACE = 512,
    FINALFUNC = tdp.scott_pi_weights_final, FINALFUNC_EXTRA,
    COMBINEFUNC = tdp.label_pairs_combine,
    SERIALFUNC = tdp.label_pairs_serialize,
    DESERIALFUNC = tdp.label_pairs_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE tdp.scott_pi("any", "any", text) IS
'Scott''s pi of two annotators with weights: agreement beyond chance, at most 1, where chance is both drawing labels in the proportions in which the two together used them. weights names how unlike two labels are: unweighted, linear, quadratic, radical (by the distance of the labels, its square or its root), ordinal (by the ranks of the labels in use), ratio (by the difference relative to the sum; labels of at least 0), circular (around a circle that closes after greatest - least + 1, or after 24 with circular(24)) or bipolar (relative to the distance from both ends); the same for all rows of a group. Weights other than unweighted take numbers, and enums as positions from 1 in their type''s order; NaN is an error, and but for ordinal infinity. Rows where either label is NULL are left out. NULL if there is no row, or only one label is in use. Scott 1955; Gwet 2014.';

-- Reports on a query's annotations

CREATE OR REPLACE FUNCTION tdp.agreement_report(annotations text, settings jsonb DEFAULT '{}', args text[] DEFAULT NULL)
RETURNS TABLE (measure text, value double precision, stderr double precision, lower double precision, upper double precision, items bigint, annotators bigint, annotations bigint)
AS 'MODULE_PATHNAME', 'tdp_agreement_report'
LANGUAGE C VOLATILE;
COMMENT ON FUNCTION tdp.agreement_report(text, jsonb, text[]) IS
'Coefficients of agreement with standard errors and intervals, a row for each: percent_agreement, brennan_prediger, fleiss_kappa, conger_kappa, gwet_ac1 (gwet_ac2 with weights), krippendorff_alpha; of two annotators also cohen_kappa and scott_pi over the items that both answered. annotations is a query (or a relation''s name) that gives item, annotator and label; a NULL label is no annotation, exact repeats count once, of several labels of one annotator for one item each counts 1/n. settings: weights (a word as in tdp.gwet_ac2, or a square matrix as an array of rows, in the order of categories), metric (of krippendorff_alpha, a word as there: "ordinal" is then Krippendorff''s own; what weights say), categories (all labels there are, in order; those in use), level (0.95), bootstrap (resamples over items: standard error and percentile interval come from them), seed (0), population (number of items drawn from: finite-population factor). args are bound to $1 and on. Standard errors are Gwet''s linearised ones, intervals Student''s t, upper bounds at most 1; alpha''s with metric ordinal takes the ranks as given (a bootstrap ranks each resample). Needs about 170 bytes an annotation and 80 a label, at most tdp.solver_memory. What is undefined is NULL. Gwet, Handbook of Inter-Rater Reliability, 2014, ch. 5 and 6; Fleiss, Cohen and Everitt 1969.';

CREATE OR REPLACE FUNCTION tdp.pairwise_agreement(annotations text, settings jsonb DEFAULT '{}', args text[] DEFAULT NULL)
RETURNS TABLE (annotator_a text, annotator_b text, measure text, value double precision, stderr double precision, lower double precision, upper double precision, items bigint)
AS 'MODULE_PATHNAME', 'tdp_pairwise_agreement'
LANGUAGE C VOLATILE;
COMMENT ON FUNCTION tdp.pairwise_agreement(text, jsonb, text[]) IS
'Agreement of each two annotators over the items that both answered: percent_agreement, brennan_prediger, cohen_kappa, scott_pi, gwet_ac1 (gwet_ac2 with weights), krippendorff_alpha, with the standard errors of two-way tables. Arguments and settings as in tdp.agreement_report, but bootstrap and seed have no effect. Labels are those of the whole query. Pairs that share no item have no row. Fleiss, Cohen and Everitt 1969; Gwet 2014.';

CREATE OR REPLACE FUNCTION tdp.label_agreement(annotations text, settings jsonb DEFAULT '{}', args text[] DEFAULT NULL)
RETURNS TABLE (label text, value double precision, stderr double precision, lower double precision, upper double precision, items bigint, annotations double precision)
AS 'MODULE_PATHNAME', 'tdp_label_agreement'
LANGUAGE C VOLATILE;
COMMENT ON FUNCTION tdp.label_agreement(text, jsonb, text[]) IS
'Specific agreement of each label: given that one annotator chose it, the probability that another does, with standard error and interval. items counts those with two annotators where somebody chose it, annotations how often. Arguments and settings as in tdp.agreement_report; weights, bootstrap and seed have no effect on it. NULL for a label that no shared item got. Cicchetti and Feinstein 1990; Uebersax 1982.';

CREATE OR REPLACE FUNCTION tdp.item_disagreement(annotations text, settings jsonb DEFAULT '{}', args text[] DEFAULT NULL)
RETURNS TABLE (item text, disagreement double precision, annotations bigint, labels jsonb)
AS 'MODULE_PATHNAME', 'tdp_item_disagreement'
LANGUAGE C VOLATILE;
COMMENT ON FUNCTION tdp.item_disagreement(text, jsonb, text[]) IS
'Items that two annotators or more answered, the most disputed first: the share (0 to 1) of pairs of answers that differ, weighted where settings give weights, and who gave which label. Arguments and settings as in tdp.agreement_report.';

CREATE OR REPLACE FUNCTION tdp.leave_one_out(annotations text, settings jsonb DEFAULT '{}', args text[] DEFAULT NULL)
RETURNS TABLE (annotator text, measure text, value double precision, change double precision, annotations bigint)
AS 'MODULE_PATHNAME', 'tdp_leave_one_out'
LANGUAGE C VOLATILE;
COMMENT ON FUNCTION tdp.leave_one_out(text, jsonb, text[]) IS
'Agreement of the others when one annotator is left out, and how much it changes: where it rises most is whom to talk to. annotations counts those that are left out. Arguments and settings as in tdp.agreement_report; the labels stay those of all.';
-- Named annotators who give numbers: a state of (item, annotator, number)

CREATE OR REPLACE FUNCTION tdp.ratings_add(state internal, item "any", annotator "any", value "any") RETURNS internal
AS 'MODULE_PATHNAME', 'tdp_ratings_add'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION tdp.ratings_add(internal, "any", "any", "any") IS
'State function: adds one rating; a row without item, annotator or value is none.';

CREATE OR REPLACE FUNCTION tdp.ratings_add_form(state internal, item "any", annotator "any", value "any", form text) RETURNS internal
AS 'MODULE_PATHNAME', 'tdp_ratings_add_form'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION tdp.ratings_add_form(internal, "any", "any", "any", text) IS
'State function: adds one rating for the form of intraclass correlation that is named.';

CREATE OR REPLACE FUNCTION tdp.ratings_add_rank(state internal, item "any", annotator "any", rank "any") RETURNS internal
AS 'MODULE_PATHNAME', 'tdp_ratings_add_rank'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION tdp.ratings_add_rank(internal, "any", "any", "any") IS
'State function: adds one rank; a row without item, annotator or rank is none.';

CREATE OR REPLACE FUNCTION tdp.ratings_combine(state internal, other internal) RETURNS internal
AS 'MODULE_PATHNAME', 'tdp_ratings_combine'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION tdp.ratings_combine(internal, internal) IS
'Combine function: adds another state''s ratings.';

CREATE OR REPLACE FUNCTION tdp.ratings_serialize(state internal) RETURNS bytea
AS 'MODULE_PATHNAME', 'tdp_ratings_serialize'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.ratings_serialize(internal) IS
'Serialise function: the ratings, 24 bytes each; the first byte is the form''s version.';

CREATE OR REPLACE FUNCTION tdp.ratings_deserialize(bytes bytea, state internal) RETURNS internal
AS 'MODULE_PATHNAME', 'tdp_ratings_deserialize'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.ratings_deserialize(bytea, internal) IS
'Deserialise function: reads and checks what tdp.ratings_serialize wrote.';

CREATE OR REPLACE FUNCTION tdp.icc_final(state internal, item "any", annotator "any", value "any") RETURNS double precision
AS 'MODULE_PATHNAME', 'tdp_icc_final'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION tdp.icc_final(internal, "any", "any", "any") IS
'Final function: intraclass correlation of the ratings in a state.';

CREATE OR REPLACE FUNCTION tdp.icc_form_final(state internal, item "any", annotator "any", value "any", form text) RETURNS double precision
AS 'MODULE_PATHNAME', 'tdp_icc_final'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION tdp.icc_form_final(internal, "any", "any", "any", text) IS
'Final function: intraclass correlation of the ratings in a state, in the state''s form.';

CREATE OR REPLACE FUNCTION tdp.kendall_w_final(state internal, item "any", annotator "any", rank "any") RETURNS double precision
AS 'MODULE_PATHNAME', 'tdp_kendall_w_final'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION tdp.kendall_w_final(internal, "any", "any", "any") IS
'Final function: Kendall''s W of the ranks in a state.';

CREATE OR REPLACE FUNCTION tdp.mean_spearman_final(state internal, item "any", annotator "any", rank "any") RETURNS double precision
AS 'MODULE_PATHNAME', 'tdp_mean_spearman_final'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION tdp.mean_spearman_final(internal, "any", "any", "any") IS
'Final function: mean of Spearman''s correlations of the ranks in a state.';

CREATE OR REPLACE AGGREGATE tdp.icc(item "any", annotator "any", value "any") (
    SFUNC = tdp.ratings_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = tdp.icc_final, FINALFUNC_EXTRA,
    COMBINEFUNC = tdp.ratings_combine,
    SERIALFUNC = tdp.ratings_serialize,
    DESERIALFUNC = tdp.ratings_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE tdp.icc("any", "any", "any") IS
'Intraclass correlation ICC(2,1), "icc2": how far annotators, a sample of those there could be, give the same numbers to the same items; at most 1. value is a number, or an enum as its position from 1; NaN and infinity are errors. Items that not every annotator of the group has rated are left out, and rows with a NULL; several values of one annotator for one item count as their mean. NULL for fewer than two items or annotators, and where all values are equal. tdp.icc_report gives all forms with F test and interval. Shrout and Fleiss 1979.';

CREATE OR REPLACE AGGREGATE tdp.icc(item "any", annotator "any", value "any", form text) (
    SFUNC = tdp.ratings_add_form, STYPE = internal, SSPACE = 256,
    FINALFUNC = tdp.icc_form_final, FINALFUNC_EXTRA,
    COMBINEFUNC = tdp.ratings_combine,
    SERIALFUNC = tdp.ratings_serialize,
    DESERIALFUNC = tdp.ratings_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE tdp.icc("any", "any", "any", text) IS
'Intraclass correlation in one of six forms, the same for all rows of a group: icc1 (each item has annotators of its own), icc2 (annotators are a sample; their different levels count as disagreement), icc3 (these annotators are all that matter; their levels do not count), and of the mean of all annotators'' values icc1k, icc2k, icc3k. The rest is as in tdp.icc(item, annotator, value). Shrout and Fleiss 1979.';

CREATE OR REPLACE AGGREGATE tdp.kendall_w(item "any", annotator "any", rank "any") (
    SFUNC = tdp.ratings_add_rank, STYPE = internal, SSPACE = 256,
    FINALFUNC = tdp.kendall_w_final, FINALFUNC_EXTRA,
    COMBINEFUNC = tdp.ratings_combine,
    SERIALFUNC = tdp.ratings_serialize,
    DESERIALFUNC = tdp.ratings_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE tdp.kendall_w("any", "any", "any") IS
'Kendall''s coefficient of concordance W, 0 to 1, corrected for ties: how far annotators put items into the same order. rank is a number, or an enum as its position; it may be a score, since each annotator''s values are ranked first, equal ones by their mean rank; NaN is an error. Items that not every annotator of the group has ranked are left out, and rows with a NULL. NULL for fewer than two items or annotators, and where nobody tells items apart. tdp.kendall_w_report gives its test. Kendall and Babington Smith 1939.';

CREATE OR REPLACE AGGREGATE tdp.mean_spearman(item "any", annotator "any", rank "any") (
    SFUNC = tdp.ratings_add_rank, STYPE = internal, SSPACE = 256,
    FINALFUNC = tdp.mean_spearman_final, FINALFUNC_EXTRA,
    COMBINEFUNC = tdp.ratings_combine,
    SERIALFUNC = tdp.ratings_serialize,
    DESERIALFUNC = tdp.ratings_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE tdp.mean_spearman("any", "any", "any") IS
'Mean of Spearman''s rank correlation over all pairs of annotators, at most 1; without ties it is (m W - 1) / (m - 1) for m annotators. rank, ties, missing ranks and NULL are as in tdp.kendall_w; an annotator to whom all items are equal has no correlation with anybody and is left out. Spearman 1904.';

CREATE OR REPLACE FUNCTION tdp.icc_report(annotations text, settings jsonb DEFAULT '{}', args text[] DEFAULT NULL)
RETURNS TABLE (form text, value double precision, f double precision, df1 double precision, df2 double precision, p double precision, lower double precision, upper double precision, items bigint, annotators bigint)
AS 'MODULE_PATHNAME', 'tdp_icc_report'
LANGUAGE C VOLATILE;
COMMENT ON FUNCTION tdp.icc_report(text, jsonb, text[]) IS
'All six forms of intraclass correlation (see tdp.icc), a row for each, with the F test against a true value of 0 (f, its degrees of freedom df1 and df2, p) and the interval from lower to upper. annotations is a query or a relation that gives item, annotator and value (or rank, or label), a number; args are bound to its $1, $2, ... . settings: level (0.95) is the confidence of the interval. items and annotators are those of the full table: items that all annotators have rated. What is undefined is NULL; f is infinite where annotators agree exactly. Shrout and Fleiss 1979.';

CREATE OR REPLACE FUNCTION tdp.kendall_w_report(annotations text, settings jsonb DEFAULT '{}', args text[] DEFAULT NULL)
RETURNS TABLE (w double precision, chi_square double precision, df double precision, p double precision, mean_spearman double precision, items bigint, annotators bigint)
AS 'MODULE_PATHNAME', 'tdp_kendall_w_report'
LANGUAGE C VOLATILE;
COMMENT ON FUNCTION tdp.kendall_w_report(text, jsonb, text[]) IS
'Kendall''s W (see tdp.kendall_w) with its test against no concordance at all (chi_square = m (n - 1) W, degrees of freedom df = n - 1, p), and the mean of Spearman''s correlations. annotations is a query or a relation that gives item, annotator and rank (or value, or label), a number; args are bound to its $1, $2, ... . settings has no keys yet. items (n) and annotators (m) are those of the full table. What is undefined is NULL. The chi-square approximation is fair from eight items on. Siegel and Castellan 1988.';

-- States that are kept and merged (tdp.agreement_state)

CREATE OR REPLACE FUNCTION tdp.agreement_state_add(state internal, item "any", label "any") RETURNS internal
AS 'MODULE_PATHNAME', 'tdp_agreement_state_add'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION tdp.agreement_state_add(internal, "any", "any") IS
'State function: adds one answer and the text of its label; a row without item or label is none.';

CREATE OR REPLACE FUNCTION tdp.agreement_state_combine(state internal, other internal) RETURNS internal
AS 'MODULE_PATHNAME', 'tdp_agreement_state_combine'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION tdp.agreement_state_combine(internal, internal) IS
'Combine function: adds another worker''s answers, to the same items too.';

CREATE OR REPLACE FUNCTION tdp.agreement_state_serialize(state internal) RETURNS bytea
AS 'MODULE_PATHNAME', 'tdp_agreement_state_serialize'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.agreement_state_serialize(internal) IS
'Serialise function: labels with their texts, and the answers, sorted and counted.';

CREATE OR REPLACE FUNCTION tdp.agreement_state_deserialize(bytes bytea, state internal) RETURNS internal
AS 'MODULE_PATHNAME', 'tdp_agreement_state_deserialize'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.agreement_state_deserialize(bytea, internal) IS
'Deserialise function: reads and checks what tdp.agreement_state_serialize wrote.';

CREATE OR REPLACE FUNCTION tdp.agreement_state_final(state internal, item "any", label "any") RETURNS tdp.agreement_state
AS 'MODULE_PATHNAME', 'tdp_agreement_state_final'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION tdp.agreement_state_final(internal, "any", "any") IS
'Final function: the answers as a tdp.agreement_state.';

CREATE OR REPLACE FUNCTION tdp.agreement_state_merge(state tdp.agreement_state, other tdp.agreement_state) RETURNS tdp.agreement_state
AS 'MODULE_PATHNAME', 'tdp_agreement_state_merge'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.agreement_state_merge(tdp.agreement_state, tdp.agreement_state) IS
'Two states as one: the state of all their answers, bit for bit, as long as no item has answers in both. An item in both is an error where the sketches (the 128 least item hashes of each) show it; NULL if one is NULL. Labels of different types are an error.';

CREATE OR REPLACE AGGREGATE tdp.agreement_state_agg(item "any", label "any") (
    SFUNC = tdp.agreement_state_add, STYPE = internal, SSPACE = 512,
    FINALFUNC = tdp.agreement_state_final, FINALFUNC_EXTRA,
    COMBINEFUNC = tdp.agreement_state_combine,
    SERIALFUNC = tdp.agreement_state_serialize,
    DESERIALFUNC = tdp.agreement_state_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE tdp.agreement_state_agg("any", "any") IS
'Answers as a tdp.agreement_state, to be kept and merged. item and label as in tdp.krippendorff_alpha; labels are told apart by their text (numbers 1.0 and 1.00 are one), so cast citext to lower(text) first. All answers to an item must be in one state. Rows whose item or label is NULL are left out; NULL if none is left.';

CREATE OR REPLACE AGGREGATE tdp.agreement_state_union(state tdp.agreement_state) (
    SFUNC = tdp.agreement_state_merge, STYPE = tdp.agreement_state,
    COMBINEFUNC = tdp.agreement_state_merge,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE tdp.agreement_state_union(tdp.agreement_state) IS
'States as one: that of all their answers, bit for bit, whatever their order and grouping, as long as no item has answers in two of them. tdp.agreement_state_merge says what is an error. NULL states are left out; NULL if none is left.';

CREATE OR REPLACE FUNCTION tdp.agreement_of(state tdp.agreement_state, measure text DEFAULT 'krippendorff_alpha', scale text DEFAULT 'nominal') RETURNS double precision
AS 'MODULE_PATHNAME', 'tdp_agreement_of'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.agreement_of(tdp.agreement_state, text, text) IS
'A coefficient of a state. measure is percent_agreement, brennan_prediger, fleiss_kappa, gwet_ac1, gwet_ac2 (the same; with a scale it is called so) or krippendorff_alpha. scale is a metric of alpha (nominal, ordinal, interval, ratio, circular, bipolar) or, for the others, a weight (identity, linear, quadratic, radical, ordinal, ratio, circular, bipolar; nominal and interval stand for identity and quadratic; alpha takes linear and radical, too). Scales other than nominal need labels that are numbers or enums. NULL where the coefficient of the same answers is.';

CREATE OR REPLACE FUNCTION tdp.agreement_measures(state tdp.agreement_state, scale text DEFAULT 'nominal')
RETURNS TABLE (measure text, value double precision, items bigint, annotations bigint, labels bigint)
AS 'MODULE_PATHNAME', 'tdp_agreement_measures'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tdp.agreement_measures(tdp.agreement_state, text) IS
'All coefficients of a state, a row for each measure, as tdp.agreement_of gives them, with the numbers of items, annotations and different labels.';
