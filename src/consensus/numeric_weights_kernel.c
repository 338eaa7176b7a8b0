/*-------------------------------------------------------------------------
 *
 * numeric_weights_kernel.c
 *	  Means and medians with weights that follow from how far each annotator
 *	  is off.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus/numeric_kernel.h"

#include <math.h>
#include <string.h>

/* No annotator's loss is taken for less than this part of the mean one. */
#define LEAST_LOSS 1e-4

/* Answers of the common deviation that weighted_median adds. */
#define OWN_SMOOTHING 4.0

typedef double (*Loss) (double deviation, double spread);
typedef double (*Weigh) (double loss, double count, double all);

/* Memory of a fit. */
typedef struct Work
{
	double	   *loss;			/* nannotators */
	double	   *count;			/* nannotators: weight of the answers */
	double	   *known;			/* nannotators: that say something of errors */
	double	   *variance;		/* nannotators: of errors */
	NumericWeighed *sorted;		/* as many as an item has answers */
} Work;


static Work
make_work(const NumericData *data, const NumericFit *fit)
{
	size_t		n = (size_t) data->answers.nannotators;
	Work		work;

	work.loss = fit->work;
	work.count = work.loss + n;
	work.known = work.count + n;
	work.variance = work.known + n;
	work.sorted = (NumericWeighed *) (work.variance + n);
	return work;
}


/* Standard deviation of an item's answers, about "centre". */
static double
item_spread(const NumericData *data, NumericItem item, double centre)
{
	double		total = 0.0;
	double		sum = 0.0;

	for (const ConsensusAnswer *answer = item.first; answer < item.end; answer++)
	{
		double		off = data->number[answer->label] - centre;

		total += answer->weight;
		sum += answer->weight * off * off;
	}
	return total > 0.0 ? sqrt(sum / total) : 0.0;
}


/*
 * Each annotator's loss at the present values: a sum, by weight.  An item
 * that one annotator alone answered says nothing of errors, unless known.
 */
static bool
add_losses(const NumericData *data, const NumericFit *fit, Loss loss,
		   Work *work)
{
	size_t		size = (size_t) data->answers.nannotators * sizeof(double);
	int64_t		steps = 0;

	memset(work->loss, 0, size);
	memset(work->count, 0, size);
	for (int32_t i = 0; i < data->answers.nitems; i++)
	{
		NumericItem item = numeric_item(data, i);
		double		spread;

		if (!numeric_go_on(fit, &steps, 10 * (item.end - item.first),
						   (double) i / (double) data->answers.nitems))
			return false;
		if (item.alone && consensus_gold(&data->answers, i) < 0)
			continue;
		spread = item_spread(data, item, fit->value[i]);
		for (const ConsensusAnswer *answer = item.first; answer < item.end;
			 answer++)
		{
			work->count[answer->annotator] += answer->weight;
			work->loss[answer->annotator] += answer->weight *
				loss(data->number[answer->label] - fit->value[i], spread);
		}
	}
	return true;
}


/* Annotators' weights from their losses; all 1 where nobody has any. */
static void
set_weights(const NumericData *data, NumericFit *fit, double smoothing,
			Weigh weigh, const Work *work)
{
	int32_t		n = data->answers.nannotators;
	double		all = 0.0;
	double		count = 0.0;
	double		sum = 0.0;
	double		mean;

	for (int32_t j = 0; j < n; j++)
	{
		all += work->loss[j];
		count += work->count[j];
	}
	mean = count > 0.0 ? all / count : 0.0;
	for (int32_t j = 0; j < n; j++)
		if (work->count[j] > 0.0)
			sum += fmax(work->loss[j] / work->count[j], LEAST_LOSS * mean);
	for (int32_t j = 0; j < n; j++)
	{
		double		own = work->count[j] + smoothing;
		double		loss = own > 0.0
			? (work->loss[j] + smoothing * mean) / own : mean;

		fit->weights[j] = mean > 0.0
			? weigh(fmax(loss, LEAST_LOSS * mean) / mean,
					work->count[j], sum / mean) : 1.0;
	}
}


/*
 * Values and weights in turn, until no value moves by more than "tolerance"
 * of the answers' standard deviation.
 */
static ConsensusStatus
iterate(const NumericData *data, NumericFit *fit, bool median,
		double smoothing, Loss loss, Weigh weigh, Work *work)
{
	double		enough = fit->tolerance * sqrt(numeric_spread(data));
	double		moved = INFINITY;
	int64_t		steps = 0;

	numeric_start(data, fit);
	if (!numeric_find_medians(data, fit, false, work->sorted))
		return CONSENSUS_STOPPED;
	for (fit->iterations = 0; fit->iterations < fit->max_iter &&
		 moved > enough;)
	{
		if (!add_losses(data, fit, loss, work))
			return CONSENSUS_STOPPED;
		set_weights(data, fit, smoothing, weigh, work);
		moved = 0.0;
		for (int32_t i = 0; i < data->answers.nitems; i++)
		{
			NumericItem item = numeric_item(data, i);
			double		last = fit->value[i];

			if (!numeric_go_on(fit, &steps, 20 * (item.end - item.first),
							   fit->iterations / (double) fit->max_iter))
				return CONSENSUS_STOPPED;
			if (numeric_take_gold(data, fit, i))
				continue;
			fit->value[i] = median
				? numeric_quantile(work->sorted,
								   numeric_sort_item(data, fit, item, work->sorted), 0.5)
				: numeric_mean_of(data, fit, item);
			moved = fmax(moved, fabs(fit->value[i] - last));
		}
		fit->iterations++;
	}
	fit->converged = moved <= enough;
	return CONSENSUS_DONE;
}


static double
absolute_loss(double deviation, double spread)
{
	(void) spread;
	return fabs(deviation);
}


static double
squared_loss(double deviation, double spread)
{
	(void) spread;
	return deviation * deviation;
}


static double
scaled_loss(double deviation, double spread)
{
	return spread > 0.0 ? deviation * deviation / spread : 0.0;
}


static double
weigh_inversely(double loss, double count, double all)
{
	(void) count;
	(void) all;
	return 1.0 / loss;
}


static double
weigh_by_share(double loss, double count, double all)
{
	return count > 0.0 ? fmax(-log(loss / all), 0.0) : 1.0;
}


/* The 2.5 % quantile of chi squared, which lies left of the mean. */
static double
chi2_quantile(double n)
{
	double		a = 0.5 * n;
	double		low = 0.0;
	double		high = n;

	if (n > 1000.0)
	{
		double		c = 2.0 / (9.0 * n);
		double		root = 1.0 - c - 1.959963984540054 * sqrt(c);

		return n * root * root * root;
	}
	for (int i = 0; i < 60; i++)
	{
		double		x = 0.25 * (low + high);
		double		term = exp(a * log(x) - x - lgamma(a + 1.0));
		double		sum = term;

		for (double k = 1.0; term > 1e-14 * sum; k++)
			sum += term *= x / (a + k);
		if (sum < 0.025)
			low = 2.0 * x;
		else
			high = 2.0 * x;
	}
	return 0.5 * (low + high);
}


/* "loss" is a mean, so that the sum is count times it. */
static double
weigh_by_interval(double loss, double count, double all)
{
	(void) all;
	return count > 0.0 ? chi2_quantile(count) / (count * loss) : 0.0;
}


ConsensusStatus
numeric_weighted_median(const NumericData *data, NumericFit *fit)
{
	Work		work = make_work(data, fit);
	double		smoothing = fit->smoothing < 0.0 ? OWN_SMOOTHING
		: fit->smoothing;

	if (iterate(data, fit, true, smoothing, absolute_loss, weigh_inversely,
				&work) != CONSENSUS_DONE ||
		!numeric_find_medians(data, fit, true, work.sorted))
		return CONSENSUS_STOPPED;
	return CONSENSUS_DONE;
}


/* ---- errors of weighted means ------------------------------------------- */

/*
 * Each annotator's error variance: squared deviations from values in which
 * they took part themselves, made good by their share h in each: the
 * expectation of (x - z)^2 is about (1 - h) of the variance.  One answer of
 * the common variance is added.  Returns false where nothing tells.
 */
static bool
rate_variances(const NumericData *data, const NumericFit *fit, Work *work)
{
	int32_t		n = data->answers.nannotators;
	double		all = 0.0;
	double		count = 0.0;

	for (int32_t j = 0; j < n; j++)
		work->variance[j] = work->known[j] = 0.0;
	for (int32_t i = 0; i < data->answers.nitems; i++)
	{
		NumericItem item = numeric_item(data, i);
		double		total = numeric_total_weight(fit, item);
		bool		known = consensus_gold(&data->answers, i) >= 0;

		for (const ConsensusAnswer *answer = item.first; answer < item.end;
			 answer++)
		{
			double		share = known || !(total > 0.0) ? 0.0
				: numeric_weight_of(fit, answer) / total;
			double		off = data->number[answer->label] - fit->value[i];

			if (!known && (item.alone || share > 0.9 || !(total > 0.0)))
				continue;
			work->variance[answer->annotator] +=
				answer->weight * off * off / (1.0 - share);
			work->known[answer->annotator] += answer->weight;
		}
	}
	for (int32_t j = 0; j < n; j++)
	{
		all += work->variance[j];
		count += work->known[j];
	}
	for (int32_t j = 0; j < n && count > 0.0; j++)
		work->variance[j] = (work->variance[j] + all / count) /
			(work->known[j] + 1.0);
	return count > 0.0;
}


static void
set_errors(const NumericData *data, NumericFit *fit, Work *work)
{
	bool		known = rate_variances(data, fit, work);

	for (int32_t i = 0; i < data->answers.nitems; i++)
	{
		NumericItem item = numeric_item(data, i);
		double		total = numeric_total_weight(fit, item);
		double		sum = 0.0;

		if (numeric_take_gold(data, fit, i))
			continue;
		for (const ConsensusAnswer *answer = item.first; answer < item.end;
			 answer++)
		{
			double		share = numeric_weight_of(fit, answer) / total;

			sum += share * share * work->variance[answer->annotator];
		}
		fit->error[i] = known && total > 0.0 ? sqrt(sum) : NAN;
	}
}


ConsensusStatus
numeric_catd(const NumericData *data, NumericFit *fit)
{
	Work		work = make_work(data, fit);

	if (iterate(data, fit, false, 0.0, squared_loss, weigh_by_interval,
				&work) != CONSENSUS_DONE)
		return CONSENSUS_STOPPED;
	set_errors(data, fit, &work);
	return CONSENSUS_DONE;
}


ConsensusStatus
numeric_pm(const NumericData *data, NumericFit *fit)
{
	Work		work = make_work(data, fit);

	if (iterate(data, fit, false, 0.0, scaled_loss, weigh_by_share,
				&work) != CONSENSUS_DONE)
		return CONSENSUS_STOPPED;
	set_errors(data, fit, &work);
	return CONSENSUS_DONE;
}
