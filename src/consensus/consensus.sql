-- ---------------------------------------------------------------------------
-- consensus: from what annotators said to what is true
-- ---------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION tdp.consensus(annotations text,
	method text DEFAULT 'auto', gold text DEFAULT NULL,
	settings jsonb DEFAULT '{}', args text[] DEFAULT NULL)
RETURNS TABLE (item text, label text, confidence double precision,
	annotations integer, votes integer, tie boolean)
AS 'MODULE_PATHNAME', 'tdp_consensus'
LANGUAGE C STABLE;
COMMENT ON FUNCTION tdp.consensus(text, text, text, jsonb, text[]) IS
'Most probable label of each item, from what several annotators said: one row an item, in the order of the item''s type.

annotations: SQL text (or a relation''s name) that gives item, annotator, label and, if wanted, weight (zero or more, 1 without); columns may be of any type with equality. Exact repeats of a row count once; n labels of one annotator for one item count 1/n each; the same answer with several weights has their mean. method: majority (mv): each label''s share of the votes; dawid_skene (ds): every annotator''s confusions and the labels'' shares, estimated together (Dawid and Skene 1979); auto: the one that foretells hidden answers best (see tdp.choose_method). Besides: weighted_majority (wmv; needs gold): votes count as their annotator''s share of right answers to known items; wawa: as the agreement with the majority; zbs: as the agreement with what the votes then give, over and over; one_coin (hds): how often each annotator is right, whatever the label; fast_dawid_skene (fds): each item counts for its best label alone; bayes_dawid_skene (ibcc): Dawid and Skene''s model by variational Bayes, for annotators of few answers; bwa: Bayesian weighted averages; ebcc: kinds of items (setting "subtypes", 3) in each class, each with errors of its own, for annotators whose errors agree (Li, Rubinstein and Cohn 2019); glad: annotators'' ability and items'' difficulty (Whitehill et al. 2009); mace: answers that are made up (Hovy et al. 2013); kos (two labels only): messages between items and annotators, from random ones that the setting "seed" (0) decides; m_msr (mmsr): skills that explain how often annotators agree with each other, the extreme opinions of each left out. gold: SQL text that gives item and label: known answers, which fix their items and teach who errs; two labels of one item are an error, items without answers are passed over, labels that nobody gave become classes. args are bound to $1, $2 ... of both texts.

settings: restarts: how many random starts ebcc (4) and mace (10) try, the best of which after twenty rounds they go on with; smoothing: answers added to each cell of an annotator''s confusion matrix; without it, one answer for each true label is taken as given beforehand, a quarter of it right and the rest spread evenly; tolerance: dawid_skene stops when an iteration raises the log-posterior by no more than this for each free parameter (0.001); max_iter (100; bayes_dawid_skene and bwa 500). Answers beforehand are, without "smoothing", 3 right ones and 1 of each label in bayes_dawid_skene and one_coin (there 1 right and 1 wrong), 15 of the votes'' usual spread in bwa, 1 right and 1 wrong in weighted_majority; bayes_dawid_skene stops when no probability changes by more than "tolerance", bwa when no average does by that part of it; priors: {"label": share} for all labels given, instead of estimated shares.

confidence: how likely the label is right, calibrated: a mixture of its probability by the annotators'' confusion matrices and its share of the votes (majority: its share of the votes), in which hidden answers decide how much the former counts; from 30 gold items on, a curve that these teach, each by a fit that did not know its answer. A gold item has 1. With the setting calibrate false it is the probability in tdp.posterior. annotations: answers of the item, after repeats; votes: those for the label. tie: another label is as probable (to 1e-9); then the one with the larger share among all items is taken, then the smaller in the type''s order. No row for no annotations. NULLs and weights that are negative, NaN or infinite are errors that name the column. The result does not depend on the order of the rows.

Memory: 24 bytes a row while reading, then 16 an answer and 8 an item, besides the different items, annotators and labels themselves; majority 12 bytes an answer more; dawid_skene, fast_dawid_skene and bayes_dawid_skene 8 x items x labels + 16 x annotators x labels^2; one_coin and bwa 8 x items x labels; wawa, zbs and weighted_majority what majority takes and 24 an annotator; kos 16 an item and 16 an answer; m_msr 8 x items x labels, 4 an answer and 24 for each ordered pair of annotators who share items. It is checked against tdp.solver_memory before the fit.';

CREATE OR REPLACE FUNCTION tdp.posterior(annotations text,
	method text DEFAULT 'auto', gold text DEFAULT NULL,
	settings jsonb DEFAULT '{}', args text[] DEFAULT NULL)
RETURNS TABLE (item text, label text, probability double precision)
AS 'MODULE_PATHNAME', 'tdp_posterior'
LANGUAGE C STABLE;
COMMENT ON FUNCTION tdp.posterior(text, text, text, jsonb, text[]) IS
'Probability of each label for each item: what tdp.consensus chooses from, with the same arguments. One row for each item and label whose probability is above 0, by item and label in their types'' order; 1 in sum over an item. majority gives a probability only to labels that somebody gave.';

CREATE OR REPLACE FUNCTION tdp.annotator_quality(annotations text,
	method text DEFAULT 'auto', gold text DEFAULT NULL,
	settings jsonb DEFAULT '{}', args text[] DEFAULT NULL)
RETURNS TABLE (annotator text, accuracy double precision,
	lower double precision, upper double precision, weight double precision,
	annotations integer, informedness double precision)
AS 'MODULE_PATHNAME', 'tdp_annotator_quality'
LANGUAGE C STABLE;
COMMENT ON FUNCTION tdp.annotator_quality(text, text, text, jsonb, text[]) IS
'How good each annotator is by the posterior of tdp.consensus, with the same arguments: one row an annotator, in the order of its type.

accuracy: share of the annotator''s answers that are expected to be right (the mean, by weight, of the probability of the labels given); the answers themselves took part in the posterior, so that it flatters where an item has few. lower, upper: Wilson''s 95 % interval for as many trials as the annotator has items (with unequal weights, Kish''s effective number). All three are NULL where no answer has weight. weight: what an answer of theirs counts in the method''s own terms: 1 in majority; the skill, 0 to 1, in weighted_majority, wawa and zbs; the precision beside the mean one in bwa; how far other items bear them out, 1 on the average but for the sign, in kos; ln(q (K - 1) / (1 - q)), q how often right, in one_coin and m_msr; in dawid_skene, fast_dawid_skene and bayes_dawid_skene ln(b (K - 1) / (1 - b)), K labels, b the mean over the true labels of the probability to be right: 0 from who tells nothing, below 0 from who is worse than chance. annotations: their answers, after repeats. informedness: (accuracy - chance) / (1 - chance), chance the accuracy that the same labels would have on any items of the set (the mean share of the labels given): 1 who is always right, 0 who does not look, whatever labels they prefer; NULL where there is one label only.
Wilson, Probable inference, the law of succession, and statistical inference, JASA 22, 1927.';

CREATE OR REPLACE FUNCTION tdp.annotator_flags(annotations text,
	method text DEFAULT 'auto', gold text DEFAULT NULL,
	settings jsonb DEFAULT '{}', args text[] DEFAULT NULL)
RETURNS TABLE (annotator text, flag text, other_annotator text, items integer,
	observed double precision, expected double precision,
	p_value double precision, q_value double precision)
AS 'MODULE_PATHNAME', 'tdp_annotator_flags'
LANGUAGE C STABLE;
COMMENT ON FUNCTION tdp.annotator_flags(text, text, text, jsonb, text[]) IS
'Annotators to be looked at: one row for each suspicion that chance does not explain, by flag and annotator. The arguments are those of tdp.consensus; the query given as "annotations" may have a column seconds, what an answer took (NULL: not known); it is run twice.

flag same_label: the annotator gives one label more often than all annotators together would, on items of that posterior; observed and expected: how often. too_fast: answers that took less than half of the median of the other annotators of the item; observed: so many, expected: half of the items. copies: the annotator and other_annotator give the same wrong answers more often than their confusions explain, and the errors that others make on the same items; which of them copies is not told. observed and expected: such answers.

items: that the flag rests on (at least 10). p_value: the probability of as many or more by chance (binomial for same_label, times the number of labels, and for too_fast, where it is a sign test; Poisson''s for copies). q_value: the same after Benjamini and Hochberg, over all tests of the flag; rows have at most 0.05, so that of the rows of a flag about one in twenty is expected to be by chance. A reason to look, not a verdict: two people who share a misunderstanding look like copyists.

Memory: that of tdp.confusion, 16 x annotators x labels and 8 bytes an answer more, and 24 for each annotator and pair of them that shares items; checked against tdp.solver_memory.';

CREATE OR REPLACE FUNCTION tdp.confusion(annotations text,
	method text DEFAULT 'auto', gold text DEFAULT NULL,
	settings jsonb DEFAULT '{}', args text[] DEFAULT NULL)
RETURNS TABLE (annotator text, true_label text, label text,
	probability double precision)
AS 'MODULE_PATHNAME', 'tdp_confusion'
LANGUAGE C STABLE;
COMMENT ON FUNCTION tdp.confusion(text, text, text, jsonb, text[]) IS
'What each annotator takes for what: the probability that they give a label to an item of a true label, by the method of tdp.consensus, with the same arguments. One row for each annotator, true label and label, in their types'' order; 1 in sum over the labels, smoothed by the setting "smoothing", so that all labels are alike where an annotator met no item of a true label. dawid_skene gives its own estimates; of another method it is what its posterior makes of the answers.
Memory: 8 x annotators x labels^2 bytes (dawid_skene needs none besides its own), checked against tdp.solver_memory.';

CREATE OR REPLACE FUNCTION tdp.choose_method(annotations text,
	gold text DEFAULT NULL, settings jsonb DEFAULT '{}',
	args text[] DEFAULT NULL)
RETURNS TABLE (method text, held_out_log_likelihood double precision,
	chosen boolean, why text)
AS 'MODULE_PATHNAME', 'tdp_choose_method'
LANGUAGE C STABLE;
COMMENT ON FUNCTION tdp.choose_method(text, text, jsonb, text[]) IS
'What method => ''auto'' of tdp.consensus stands for, with the evidence: one row for each candidate. Arguments as in tdp.consensus.

Of the answers 15 % are hidden, four times over; each candidate (dawid_skene, bwa, ebcc) is fitted to the rest, and a hidden answer has the probability that the item''s posterior and the annotator''s confusion matrix give it. dawid_skene is taken unless another one finds the hidden answers more likely by over two standard errors of the mean difference; then the most likely one. Without a comparison: majority where there is one label only, where a label has fewer than 10 answers on the average, or where without gold fewer than three annotators share items, so that nobody''s errors can be told apart; and dawid_skene where fewer than 100 answers can be hidden. Above 100,000 answers there are fewer splits, above 400,000 one, of a part of the items, so that each candidate is fitted to no more than 400,000 answers in all.

held_out_log_likelihood: mean natural logarithm of the probability of a hidden answer; NULL without a comparison. why: of the one chosen, else NULL. Which answers are hidden depends on the order of the types'' values alone: the same data always give the same choice.
Memory: 60 bytes an answer and 12 an item besides the largest fit, checked against tdp.solver_memory.';

CREATE OR REPLACE FUNCTION tdp.next_answers_needed(annotations text,
	target_confidence double precision DEFAULT 0.95,
	max_overlap integer DEFAULT 10,
	settings jsonb DEFAULT '{}', args text[] DEFAULT NULL)
RETURNS TABLE (item text, field text, probability_wrong double precision,
	gain double precision, gain_per_cost double precision)
AS 'MODULE_PATHNAME', 'tdp_next_answers_needed'
LANGUAGE C STABLE;
COMMENT ON FUNCTION tdp.next_answers_needed(text, double precision, integer, jsonb, text[]) IS
'Which items deserve another answer: one row for each item (and field) that is less sure than wanted and has fewer answers than max_overlap, most gain per cost first.

annotations: SQL text (or a relation''s name) that gives item, annotator, label and, if wanted, field (each field is looked at by itself) and cost (of an answer of that annotator, above zero; 1 without). target_confidence: above 0, at most 1; an item that has reached it is left out, but never before two of its answers are by annotators who answered five items that others answered too. args are bound to $1, $2 ...; settings has no keys yet.

probability_wrong: that the item''s best label is wrong, with the same caution as the confidence of tdp.consensus. gain: the same without that caution, times what an answer tells on the average (accuracy above chance, of the way from chance to certainty). gain_per_cost: gain divided by the cost of the annotator expected next: whoever has not answered the item, as often as they answer. field is NULL where the query has none. Items without an answer are not known here: they come first.

The model: each annotator is right with a probability of their own, else any other label is as likely; what is known of that probability is a Beta distribution, from 16 right and 4 wrong answers taken as given, and item and annotators are inferred in turn from expected logarithms (variational Bayes), all labels being as likely beforehand. So two agreeing answers from people whose skill is hardly known do not look surer than they are. Ask a hundredth of the answers at a time and call it again. No row for no annotations. NULLs are errors that name the column.
Memory: 40 bytes a row, and 8 x items x labels of the largest field, checked against tdp.solver_memory.';

CREATE OR REPLACE FUNCTION tdp.consensus_numeric(annotations text,
	method text DEFAULT 'lfc', gold text DEFAULT NULL,
	settings jsonb DEFAULT '{}', args text[] DEFAULT NULL)
RETURNS TABLE (item text, value double precision, stderr double precision,
	annotations integer)
AS 'MODULE_PATHNAME', 'tdp_consensus_numeric'
LANGUAGE C STABLE;
COMMENT ON FUNCTION tdp.consensus_numeric(text, text, text, jsonb, text[]) IS
'Most likely number of each item, from the numbers that several annotators gave: one row an item, in the order of the item''s type.

annotations: SQL text (or a relation''s name) that gives item, annotator, label (a number, or text that is one) and, if wanted, weight. Repeats, several numbers of one annotator for one item, and weights count as in tdp.consensus. method: mean; median; weighted_median: the median with weights 1 / mean deviation of the annotator (maximum likelihood of Laplace errors); catd: the mean with weights chi2(0.025; n) / sum of squared deviations, n the annotator''s answers (Li et al., PVLDB 8, 2014); pm: the mean with weights -ln of the annotator''s share of all deviations (Li et al., SIGMOD 2014); lfc: normal errors of each annotator''s own variance, and with gold a bias of each (Raykar et al., JMLR 11, 2010); ordinal: the numbers given (at most 100 different ones) are the levels of a scale, annotators see the level with a bias and an error of their own and say the nearest one; the value is the posterior''s median, one of the levels. gold: SQL text that gives item and label: known numbers, which fix their items and teach biases and weights.

settings: max_iter (100); tolerance (0.001): lfc and ordinal stop when an iteration raises the objective by no more than this for each bias and variance, the others when no value moves by more than this part of the answers'' standard deviation; smoothing (4): answers of the common variance (deviation) that are added to each annotator''s, in lfc and weighted_median; bias: whether lfc gives annotators a bias (true with gold, else false: nothing then tells a bias from the values); shrink (false): lfc draws values towards their common mean, as little as the answers allow.

stderr: standard error of the value, from 0 for known items; NULL where it is not defined. mean: of a weighted mean, from the variance within the item, NULL with one annotator. median, weighted_median: Price and Bonett''s (J. Statist. Comput. Simul. 68, 2001), for unequal weights with Kish''s number of answers, NULL with one annotator or where that is below 1.5. catd, pm: from each annotator''s own error variance; lfc, ordinal: the posterior''s standard deviation; these are defined for one answer as well, but NULL (ordinal: never) where no two annotators share an item and there is no gold. All take annotators to err independently, and are too small as far as they do not. annotations: answers of the item, after repeats.

Numbers that are NaN or infinite are errors that name the item, NULLs errors that name the column. No row for no annotations. The result does not depend on the order of the rows.
Memory: 32 bytes a row while reading, then 24 an answer and 32 an item, besides the different items and annotators; ordinal 8 x items x levels + 16 x annotators x levels^2 besides. It is checked against tdp.solver_memory.';

CREATE OR REPLACE FUNCTION tdp.rank_pairs(comparisons text,
	method text DEFAULT 'bradley_terry', settings jsonb DEFAULT '{}',
	args text[] DEFAULT NULL)
RETURNS TABLE (item text, score double precision, stderr double precision,
	rank integer, wins double precision, losses double precision)
AS 'MODULE_PATHNAME', 'tdp_rank_pairs'
LANGUAGE C STABLE;
COMMENT ON FUNCTION tdp.rank_pairs(text, text, jsonb, text[]) IS
'Order of items from comparisons of two: one row an item, best first; items of the same score (to 1e-9) share a rank and stand in their type''s order.

comparisons: SQL text (or a relation''s name) that gives winner and loser, or a, b and choice (the item chosen, a, b, or tie), and, if wanted, annotator, weight (zero or more, 1 without) and submitted_at. A tie is half a win each way. Where annotators are named, exact repeats of a row count once; else each row is a comparison of its own. An item compared with itself is an error, as are NULLs.

method: bradley_terry: i beats j with probability 1 / (1 + exp(score(j) - score(i))) (Bradley and Terry, Biometrika 39, 1952); noisy_bradley_terry: an annotator compares so with a probability of their own, estimated from all answers, and throws a coin else; elo: scores that move with each comparison, in the order of submitted_at, which is required (of the same time by winner, loser and annotator), from 1500, by half of "step" for a win against an equal; 400 points are odds of ten to one.

settings: smoothing (0.1): wins and losses that each item has beforehand against one of score 0, which keeps the score of an item that never lost, and of items that are in no way connected, finite; 0 is maximum likelihood, an error where that is not finite; max_iter (200); tolerance (1e-9): no score moves by more in the last step; step (32): elo''s.

score: the logarithm of the strength, 0 in the mean over the items; elo: points. stderr: of the centred score, from the inverse of the information matrix for at most 1000 items; for more from its diagonal alone, which is smaller as it takes opponents'' scores for known; NULL for elo. wins, losses: sums of the weights, a tie half of each.
Memory: 40 bytes a comparison while reading, 48 after, 80 an item, and 8 x items^2 for at most 1000 items; checked against tdp.solver_memory. It ends within a second of a cancel.';

CREATE OR REPLACE FUNCTION tdp.consensus_text(annotations text,
	method text DEFAULT 'rover', settings jsonb DEFAULT '{}',
	args text[] DEFAULT NULL)
RETURNS TABLE (item text, value text, confidence double precision,
	annotations integer)
AS 'MODULE_PATHNAME', 'tdp_consensus_text'
LANGUAGE C STABLE;
COMMENT ON FUNCTION tdp.consensus_text(text, text, jsonb, text[]) IS
'One text for each item, from those that several annotators wrote: one row an item, in the order of the item''s type.

annotations: SQL text (or a relation''s name) that gives item, annotator, label (a text) and, if wanted, weight; repeats and weights count as in tdp.consensus. method: rover: the texts are aligned word by word and each place is voted on, where no word is a choice as well (Fiscus, ASRU 1997): the text may be one that nobody wrote. The alignment starts with the medoid and takes the others in their order; of tied words that of the medoid is taken, then a word rather than none, then the smaller in bytes. Words are what white space separates (Unicode''s, in a UTF-8 database), with their case and punctuation; one space stands between them in the result. medoid: the text whose edit distances in characters to the others, each divided by the longer''s length, have the least sum; of tied ones the smaller. settings: no keys as yet.

confidence: rover: mean over the places of the winner''s share of the weight; medoid: mean similarity (1 - edit distance / length of the longer) to the item''s texts, itself included. Not calibrated. NULLs are errors that name the column; no row for no annotations.
Memory and time of rover: words of the longest text times words of all texts of the item, in bytes and steps times the number of different texts; of medoid: characters of two texts multiplied, over 64, in steps for each pair. Checked against tdp.solver_memory; ends within a second of a cancel.';
