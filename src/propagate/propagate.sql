-- ---------------------------------------------------------------------------
-- propagate: from a few labeled points to all
-- ---------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION tdp.knn_graph(points text, k integer DEFAULT 10,
	metric text DEFAULT 'cosine', kernel text DEFAULT 'self_tuning',
	exact boolean DEFAULT NULL, settings jsonb DEFAULT '{}',
	args text[] DEFAULT NULL)
RETURNS TABLE (source text, target text, distance double precision,
	weight double precision)
AS 'MODULE_PATHNAME', 'tdp_knn_graph'
LANGUAGE C STABLE;
COMMENT ON FUNCTION tdp.knn_graph(text, integer, text, text, boolean, jsonb, text[]) IS
'Graph of the k nearest neighbours of each point: symmetric, every edge in both directions, no loops.

points: SQL text (or a relation''s name) that gives item and features (real[], double precision[], pgvector''s vector or anything castable to real[]). k: neighbours of each point, at most all the others. metric: cosine (1 - cosine), l2 (Euclidean), inner_product (minus the product, nearest the largest). kernel: how a distance d becomes a weight, with d_i the distance of i''s k-th neighbour: self_tuning exp(-4 d^2/(d_i d_j)), gaussian exp(-4 d^2/d_i^2), uniform 1; an edge that only one end has among its k nearest weighs half. exact: NULL or true for the true neighbours; false allows approximate ones, but they are exact now too. settings takes no keys. args are bound to $1, $2 ... of points.

Distances that agree to the precision of real are equal, and the item''s order decides. NULL, NaN, infinite or no features, unequal lengths, an item with two rows, and all-zero features under cosine are errors that name the item. Memory: points x (8 x dimensions + 52 k + 24) bytes, checked against tdp.solver_memory before the search starts; time grows with the square of the points.
Weights: Zelnik-Manor and Perona, Self-tuning spectral clustering, NIPS 2004.';

CREATE OR REPLACE FUNCTION tdp.propagate(edges text, seeds text,
	method text DEFAULT 'auto', priors jsonb DEFAULT NULL,
	settings jsonb DEFAULT '{}', args text[] DEFAULT NULL)
RETURNS TABLE (item text, label text, confidence double precision)
AS 'MODULE_PATHNAME', 'tdp_propagate'
LANGUAGE C STABLE;
COMMENT ON FUNCTION tdp.propagate(text, text, text, jsonb, jsonb, text[]) IS
'Label of every item of a graph, from the labels of a few: one row an item, seeds included.

edges: SQL text (or a relation''s name) that gives source, target and, if wanted, weight (zero or more; 1 without). Directions do not matter: an edge weighs the sum of all rows that name its two ends; loops and zero weights connect nothing. seeds: SQL text that gives item (one that edges has), label and, if wanted, either weight or probability; several rows of an item are a soft seed, which they share equally when there is neither. method: spreading (Zhou and others 2004), poisson (Calder and others 2020), auto (spreading). priors: {"label": share}, one for each label that has seeds; the mean class probabilities are then made to meet them. settings: alpha (spreading: 0.99), tolerance (of the residual: 1e-10, poisson 1e-8), max_iter (1000). args are bound to $1, $2 ... of both texts.

label and confidence are NULL where no path leads to a seed. confidence is the probability of the label among the classes after class-mass normalisation, above 0 and at most 1: 1 where all seeds in reach are of one class; not calibrated. A seed''s own row is solved like the others, so that it may differ from what was given. Weights, probabilities or priors that are negative, NaN or infinite and seeds of unknown items are errors. Memory: edges x 48 bytes, then edges x 32 + points x (312 + 8 x classes), checked against tdp.solver_memory.
Papers: Zhou, Bousquet, Lal, Weston and Schoelkopf, Learning with local and global consistency, NIPS 2003; Calder, Cook, Thorpe and Slepcev, Poisson learning, ICML 2020; Zhu, Ghahramani and Lafferty, ICML 2003 (class-mass normalisation).';

CREATE OR REPLACE FUNCTION tdp.propagate_points(points text, seeds text,
	method text DEFAULT 'auto', k integer DEFAULT 10,
	metric text DEFAULT 'cosine', kernel text DEFAULT 'self_tuning',
	priors jsonb DEFAULT NULL, settings jsonb DEFAULT '{}',
	args text[] DEFAULT NULL)
RETURNS TABLE (item text, label text, confidence double precision)
AS 'MODULE_PATHNAME', 'tdp_propagate_points'
LANGUAGE C STABLE;
COMMENT ON FUNCTION tdp.propagate_points(text, text, text, integer, text, text, jsonb, jsonb, text[]) IS
'Label of every point, from the labels of a few: tdp.knn_graph and tdp.propagate in one, the graph never leaving memory.

points, k, metric and kernel as in tdp.knn_graph; seeds, method, priors and settings as in tdp.propagate; args are bound to $1, $2 ... of both texts. One row a point, seeds included; label and confidence are NULL where no path of neighbours leads to a seed. Memory: as tdp.knn_graph, then points x (4 x dimensions + 32 k + 312 + 8 x classes) bytes; both are checked against tdp.solver_memory before the search starts.';
