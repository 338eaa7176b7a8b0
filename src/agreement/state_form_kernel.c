/*-------------------------------------------------------------------------
 *
 * state_form_kernel.c
 *	  A state of agreement as bytes, and back.
 *
 * A byte of the form's version; the type's name; counts of items, answers,
 * shared items and answers to those; how many labels, and for each a byte (1
 * if it has a number), its key where it has, its text, its answers to shared
 * items, its share of all; how many cells, and for each its labels and two
 * sums; how many hashes of items, and each.  Counts and lengths are written
 * seven bits a byte, low ones first, as short as can be; keys and hashes in
 * eight bytes and sums in sixteen, high ones first.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "agreement/state_kernel.h"

typedef struct Writer
{
	uint8_t    *bytes;			/* NULL: only count them */
	size_t		size;
} Writer;

typedef struct Reader
{
	const uint8_t *at;
	const uint8_t *end;
	bool		corrupt;
} Reader;


/* ---- writing ------------------------------------------------------------ */

static void
write_bytes(Writer *writer, const void *bytes, size_t length)
{
	if (writer->bytes != NULL && length > 0)
		memcpy(writer->bytes + writer->size, bytes, length);
	writer->size += length;
}


static void
write_number(Writer *writer, uint64_t number)
{
	uint8_t		byte;

	for (; number >= 0x80; number >>= 7)
	{
		byte = (uint8_t) (number | 0x80);
		write_bytes(writer, &byte, 1);
	}
	byte = (uint8_t) number;
	write_bytes(writer, &byte, 1);
}


static void
write_key(Writer *writer, uint64_t key)
{
	uint8_t		bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t) (key >> (56 - 8 * i));
	write_bytes(writer, bytes, 8);
}


static void
write_sum(Writer *writer, ExactSum sum)
{
	write_key(writer, sum.high);
	write_key(writer, sum.low);
}


static void
write_text(Writer *writer, const char *text, size_t length)
{
	write_number(writer, length);
	write_bytes(writer, text, length);
}


size_t
agreement_state_pack(const AgreementState *state, uint8_t *bytes)
{
	const AgreementMatrix *matrix = &state->matrix;
	Writer		writer = {bytes, 0};

	write_number(&writer, AGREEMENT_FORM_VERSION);
	write_text(&writer, state->type, state->type_length);
	write_number(&writer, matrix->items);
	write_number(&writer, matrix->answers);
	write_number(&writer, matrix->shared_items);
	write_number(&writer, matrix->shared_answers);
	write_number(&writer, matrix->nlabels);
	for (uint32_t k = 0; k < matrix->nlabels; k++)
	{
		const AgreementLabel *label = &state->labels[k];

		write_number(&writer, label->numbered);
		if (label->numbered)
			write_key(&writer, label->key);
		write_text(&writer, label->text, label->length);
		write_number(&writer, matrix->shared[k]);
		write_sum(&writer, matrix->shares[k]);
	}
	write_number(&writer, matrix->ncells);
	for (uint64_t i = 0; i < matrix->ncells; i++)
	{
		write_number(&writer, matrix->cells[i].k);
		write_number(&writer, matrix->cells[i].l);
		write_sum(&writer, matrix->cells[i].agreement);
		write_sum(&writer, matrix->cells[i].alpha);
	}
	write_number(&writer, state->nsketch);
	for (uint32_t i = 0; i < state->nsketch; i++)
		write_key(&writer, state->sketch[i]);
	return writer.size;
}


/* ---- reading ------------------------------------------------------------ */

/* A number of at most "most", or 0 with "corrupt" set. */
static uint64_t
read_number(Reader *reader, uint64_t most)
{
	uint64_t	number = 0;

	for (int shift = 0; reader->at < reader->end && shift < 63; shift += 7)
	{
		uint8_t		byte = *reader->at++;

		number |= (uint64_t) (byte & 0x7f) << shift;
		if (byte >= 0x80)
			continue;
		if ((byte == 0 && shift > 0) || number > most)
			break;
		return number;
	}
	reader->corrupt = true;
	return 0;
}


/* A count of things that take so many bytes each, at least. */
static uint64_t
read_count(Reader *reader, size_t least)
{
	return read_number(reader, (uint64_t) (reader->end - reader->at) / least);
}


static const uint8_t *
read_bytes(Reader *reader, size_t length)
{
	const uint8_t *bytes = reader->at;

	if ((size_t) (reader->end - reader->at) < length)
	{
		reader->corrupt = true;
		return NULL;
	}
	reader->at += length;
	return bytes;
}


static uint64_t
read_key(Reader *reader)
{
	const uint8_t *bytes = read_bytes(reader, 8);
	uint64_t	key = 0;

	for (int i = 0; bytes != NULL && i < 8; i++)
		key = key << 8 | bytes[i];
	return key;
}


static ExactSum
read_sum(Reader *reader)
{
	uint64_t	high = read_key(reader);

	return (ExactSum) {high, read_key(reader)};
}


static const char *
read_text(Reader *reader, size_t *length)
{
	*length = read_count(reader, 1);
	return (const char *) read_bytes(reader, *length);
}


static AgreementStatus
read_labels(Reader *reader, const AgreementHost *host, AgreementState *state)
{
	AgreementMatrix *matrix = &state->matrix;
	uint64_t	count = read_count(reader, 19);

	if (reader->corrupt || count > UINT32_MAX / 2)
		return AGREEMENT_CORRUPT;
	state->labels = host->allocate(host->context,
								   sizeof(AgreementLabel) * (count + 1));
	matrix->labels = host->allocate(host->context,
									sizeof(uint64_t) * (count + 1));
	matrix->shared = host->allocate(host->context,
									sizeof(uint64_t) * (count + 1));
	matrix->shares = host->allocate(host->context,
									sizeof(ExactSum) * (count + 1));
	if (state->labels == NULL || matrix->labels == NULL ||
		matrix->shared == NULL || matrix->shares == NULL)
		return AGREEMENT_NO_MEMORY;
	matrix->nlabels = (uint32_t) count;
	for (uint32_t k = 0; k < count && !reader->corrupt; k++)
	{
		AgreementLabel *label = &state->labels[k];

		label->numbered = read_number(reader, 1) == 1;
		if (label->numbered)
			label->key = read_key(reader);
		label->text = read_text(reader, &label->length);
		matrix->labels[k] = label->key;
		matrix->shared[k] = read_number(reader, matrix->shared_answers);
		matrix->shares[k] = read_sum(reader);
	}
	return reader->corrupt ? AGREEMENT_CORRUPT : AGREEMENT_OK;
}


static AgreementStatus
read_cells(Reader *reader, const AgreementHost *host, AgreementMatrix *matrix)
{
	uint64_t	count = read_count(reader, 34);

	if (reader->corrupt || (count > 0 && matrix->nlabels == 0))
		return AGREEMENT_CORRUPT;
	matrix->cells = host->allocate(host->context,
								   sizeof(AgreementCell) * (count + 1));
	if (matrix->cells == NULL)
		return AGREEMENT_NO_MEMORY;
	matrix->ncells = count;
	for (uint64_t i = 0; i < count && !reader->corrupt; i++)
	{
		AgreementCell *cell = &matrix->cells[i];

		cell->k = (uint32_t) read_number(reader, matrix->nlabels - 1);
		cell->l = (uint32_t) read_number(reader, matrix->nlabels - 1);
		cell->agreement = read_sum(reader);
		cell->alpha = read_sum(reader);
		if (cell->k > cell->l ||
			(i > 0 && (cell[-1].k > cell->k ||
					   (cell[-1].k == cell->k && cell[-1].l >= cell->l))))
			reader->corrupt = true;
	}
	return reader->corrupt ? AGREEMENT_CORRUPT : AGREEMENT_OK;
}


static void
read_sketch(Reader *reader, AgreementState *state)
{
	uint64_t	most = state->matrix.items < AGREEMENT_SKETCH
		? state->matrix.items : AGREEMENT_SKETCH;

	state->nsketch = (uint32_t) read_number(reader, most);
	for (uint32_t i = 0; i < state->nsketch; i++)
	{
		state->sketch[i] = read_key(reader);
		if (i > 0 && state->sketch[i] <= state->sketch[i - 1])
			reader->corrupt = true;
	}
	if (state->matrix.items > 0 && state->nsketch == 0)
		reader->corrupt = true;
}


/* ---- what must hold ----------------------------------------------------- */

static bool
labels_in_order(const AgreementState *state)
{
	for (uint32_t k = 0; k < state->matrix.nlabels; k++)
	{
		const AgreementLabel *label = &state->labels[k];
		const AgreementLabel *before = label - 1;
		size_t		length;
		int			compared;

		if (label->numbered &&
			(isnan(agreement_key_number(label->key)) ||
			 agreement_number_key(agreement_key_number(label->key)) != label->key))
			return false;
		if (k == 0 || (label->numbered && !before->numbered))
			continue;
		if (label->numbered != before->numbered || label->key < before->key)
			return false;
		if (label->key > before->key)
			continue;
		length = label->length < before->length ? label->length : before->length;
		compared = length > 0 ? memcmp(before->text, label->text, length) : 0;
		if (compared > 0 || (compared == 0 && before->length >= label->length))
			return false;
	}
	return true;
}


static bool
counts_fit(const AgreementMatrix *matrix)
{
	uint64_t	single_items = matrix->items - matrix->shared_items;
	uint64_t	single_answers = matrix->answers - matrix->shared_answers;
	uint64_t	left = matrix->shared_answers;

	if (matrix->shared_items > matrix->items ||
		matrix->shared_answers > matrix->answers ||
		single_items != single_answers ||
		matrix->shared_answers < 2 * matrix->shared_items ||
		(matrix->shared_items == 0 && matrix->shared_answers > 0) ||
		(matrix->items > 0) != (matrix->nlabels > 0))
		return false;
	for (uint32_t k = 0; k < matrix->nlabels; k++)
	{
		if (matrix->shared[k] > left)
			return false;
		left -= matrix->shared[k];
	}
	return left == 0;
}


/* Equal but for rounding. */
static bool
about(double a, double b)
{
	return fabs(a - b) <= 1e-9 * (1 + fabs(b));
}


/*
 * Shares add up to items, a row of the cells to its label's answers, and all
 * cells to shared items.
 */
static AgreementStatus
sums_fit(const AgreementMatrix *matrix, const AgreementHost *host)
{
	double	   *rows = host->allocate(host->context,
									  sizeof(double) * (matrix->nlabels + 1));
	double		shares = 0;
	double		cells = 0;
	bool		fit = true;

	if (rows == NULL)
		return AGREEMENT_NO_MEMORY;
	for (uint64_t i = 0; i < matrix->ncells; i++)
	{
		const AgreementCell *cell = &matrix->cells[i];
		double		alpha = exact_value(cell->alpha);

		rows[cell->k] += alpha;
		if (cell->k != cell->l)
			rows[cell->l] += alpha;
		cells += exact_value(cell->agreement) * (cell->k != cell->l ? 2 : 1);
		fit = fit && cell->agreement.high < UINT64_C(1) << 63 &&
			!exact_less(cell->alpha, cell->agreement);
	}
	for (uint32_t k = 0; k < matrix->nlabels; k++)
	{
		shares += exact_value(matrix->shares[k]);
		fit = fit && about(rows[k], (double) matrix->shared[k]);
	}
	host->release(host->context, rows);
	return fit && about(shares, (double) matrix->items) &&
		about(cells, (double) matrix->shared_items) ? AGREEMENT_OK
		: AGREEMENT_CORRUPT;
}


AgreementStatus
agreement_state_unpack(const uint8_t *bytes, size_t size,
					   const AgreementHost *host, AgreementState *state)
{
	Reader		reader = {bytes, bytes + size, false};
	AgreementMatrix *matrix = &state->matrix;
	AgreementStatus status;

	memset(state, 0, sizeof(*state));
	if (read_number(&reader, AGREEMENT_FORM_VERSION) != AGREEMENT_FORM_VERSION)
		return AGREEMENT_CORRUPT;
	state->type = read_text(&reader, &state->type_length);
	matrix->items = read_number(&reader, AGREEMENT_STATE_ANSWERS);
	matrix->answers = read_number(&reader, AGREEMENT_STATE_ANSWERS);
	matrix->shared_items = read_number(&reader, AGREEMENT_STATE_ANSWERS);
	matrix->shared_answers = read_number(&reader, AGREEMENT_STATE_ANSWERS);
	status = reader.corrupt ? AGREEMENT_CORRUPT
		: read_labels(&reader, host, state);
	if (status == AGREEMENT_OK)
		status = read_cells(&reader, host, matrix);
	if (status != AGREEMENT_OK)
		return status;
	read_sketch(&reader, state);
	if (reader.corrupt || reader.at != reader.end ||
		!labels_in_order(state) || !counts_fit(matrix))
		return AGREEMENT_CORRUPT;
	return sums_fit(matrix, host);
}
