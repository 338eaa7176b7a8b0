/*-------------------------------------------------------------------------
 *
 * test_sequence.c
 *	  One sequence out of several.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus_bench.h"

#include "consensus/sequence_kernel.h"

static const uint32_t abc[] = {0, 1, 2};
static const uint32_t bcd[] = {1, 2, 3};
static const uint32_t acd[] = {0, 2, 3};
static const uint32_t abcd[] = {0, 1, 2, 3};


static void
test_medoid(void **state)
{
	Sequence	of[] = {{abc, 3, 1.0}, {bcd, 3, 1.0}, {abcd, 4, 1.0}};
	double		distance[3];
	double		similarity;
	int			medoid;
	void	   *work = give(edit_distance_memory(4, 4), 1);

	(void) state;
	assert_true(sequence_medoid(of, 3, distance, work, NULL, NULL, &medoid,
								&similarity));
	assert_int_equal(medoid, 2);
	assert_float_equal(similarity, (0.75 + 0.75 + 1.0) / 3.0, 1e-12);
	of[2].weight = 0.0;
	of[0].weight = of[1].weight = 0.0;
	assert_true(sequence_medoid(of, 3, distance, work, NULL, NULL, &medoid,
								&similarity));
	assert_int_equal(medoid, 2);
	free(work);
}


static size_t
rover(const Sequence *of, int n, int first, uint32_t *out, double *share)
{
	void	   *work = give(sequence_rover_memory(of, n), 1);
	size_t		length;

	assert_true(sequence_rover(of, n, first, work, NULL, NULL, out, &length,
							   share));
	free(work);
	return length;
}


static void
test_rover(void **state)
{
	Sequence	of[] = {{abc, 3, 1.0}, {bcd, 3, 1.0}, {acd, 3, 1.0}};
	uint32_t	out[9];
	double		share;

	(void) state;
	assert_int_equal(rover(of, 3, 0, out, &share), 4);
	assert_memory_equal(out, abcd, sizeof(abcd));
	assert_float_equal(share, 0.75, 1e-12);
	/* nothing, of nothing */
	of[0].length = of[1].length = of[2].length = 0;
	assert_int_equal(rover(of, 3, 1, out, &share), 0);
	assert_float_equal(share, 1.0, 0.0);
	/* a word that one of three has is outvoted */
	of[1].length = 1;
	assert_int_equal(rover(of, 3, 1, out, &share), 0);
	assert_float_equal(share, 2.0 / 3.0, 1e-12);
	/* of two the first one's */
	assert_int_equal(rover(of, 2, 1, out, &share), 1);
	assert_int_equal(rover(of, 2, 0, out, &share), 0);
}


static bool
stop_at_once(void *context)
{
	(void) context;
	return false;
}


static void
test_stops(void **state)
{
	Sequence	of[] = {{abc, 3, 1.0}, {bcd, 3, 1.0}};
	void	   *work = give(sequence_rover_memory(of, 2), 1);
	uint32_t	out[6];
	size_t		length;
	double		share;

	(void) state;
	assert_false(sequence_rover(of, 2, 0, work, stop_at_once, NULL, out, &length,
								&share));
	free(work);
}


int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_medoid),
		cmocka_unit_test(test_rover),
		cmocka_unit_test(test_stops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
