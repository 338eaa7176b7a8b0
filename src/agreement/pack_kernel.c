/*-------------------------------------------------------------------------
 *
 * pack_kernel.c
 *	  Answers and pairs as few bytes, and back.
 *
 * Numbers are written seven bits a byte, low ones first.  Answers: how many
 * there are; how many labels, and each in eight bytes, low ones first, in the
 * order of their first use; then for each item its distance from the one
 * before and for each of its labels (index * 4 + 2 if several answers gave it
 * + 1 if it is the item's last) and, for several, their number less two.
 * Pairs: how many; for each the distance of a from the one before, b (as its
 * distance where a is the same), the count.
 *
 *-------------------------------------------------------------------------
 */
#include "agreement/agreement_kernel.h"

#define PROCEED_EVERY 65536		/* items */

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


static inline void
write_byte(Writer *writer, uint8_t byte)
{
	if (writer->bytes != NULL)
		writer->bytes[writer->size] = byte;
	writer->size++;
}


static inline void
write_number(Writer *writer, uint64_t number)
{
	for (; number >= 0x80; number >>= 7)
		write_byte(writer, (uint8_t) (number | 0x80));
	write_byte(writer, (uint8_t) number);
}


/* A number, or 0 with "corrupt" set. */
static inline uint64_t
read_number(Reader *reader)
{
	uint64_t	number = 0;

	for (int shift = 0; reader->at < reader->end; shift += 7)
	{
		uint8_t		byte = *reader->at++;

		if (shift == 63 && byte > 1)
			break;
		number |= (uint64_t) (byte & 0x7f) << shift;
		if (byte < 0x80)
			return number;
	}
	reader->corrupt = true;
	return 0;
}


static void
write_labels(Writer *writer, const AgreementTally *labels)
{
	write_number(writer, labels->used);
	for (uint32_t i = 0; i < labels->used; i++)
		for (int shift = 0; shift < 64; shift += 8)
			write_byte(writer, (uint8_t) (labels->entries[i].a >> shift));
}


static uint64_t
read_label(const uint8_t *labels, uint64_t index)
{
	uint64_t	label = 0;

	for (int byte = 0; byte < 8; byte++)
		label |= (uint64_t) labels[index * 8 + byte] << (8 * byte);
	return label;
}


/* The end of the run of answers that are like the first. */
static inline size_t
run_end(const AgreementAnswer *answers, size_t start, size_t count)
{
	size_t		end = start + 1;

	while (end < count && answers[end].item == answers[start].item &&
		   answers[end].label == answers[start].label)
		end++;
	return end;
}


static AgreementStatus
collect_labels(const AgreementAnswer *answers, size_t count,
			   AgreementTally *labels, const AgreementHost *host)
{
	AgreementStatus status = agreement_tally_start(labels, host);

	for (size_t i = 0; i < count && status == AGREEMENT_OK;
		 i = run_end(answers, i, count))
		status = agreement_tally_add(labels, host, answers[i].label, 0, 1,
									 NULL);
	return status;
}


static AgreementStatus
write_items(Writer *writer, const AgreementAnswer *answers, size_t count,
			const AgreementTally *labels, const AgreementHost *host)
{
	uint64_t	previous = 0;
	size_t		runs = 0;
	size_t		next;

	for (size_t i = 0; i < count; i = next)
	{
		uint64_t	code = agreement_tally_find(labels, answers[i].label, 0);
		size_t		same;
		bool		last;

		if (++runs % PROCEED_EVERY == 0 && !host->proceed(host->context))
			return AGREEMENT_STOPPED;
		if (i == 0 || answers[i].item != previous)
			write_number(writer, answers[i].item - previous);
		previous = answers[i].item;
		next = run_end(answers, i, count);
		same = next - i;
		last = (next == count || answers[next].item != previous);
		write_number(writer, code << 2 | (same > 1 ? 2 : 0) | (last ? 1 : 0));
		if (same > 1)
			write_number(writer, same - 2);
	}
	return AGREEMENT_OK;
}


AgreementStatus
agreement_pack(const AgreementAnswer *answers, size_t count,
			   const AgreementHost *host, uint8_t *bytes, size_t *size)
{
	Writer		writer = {bytes, 0};
	AgreementTally labels;
	AgreementStatus status = collect_labels(answers, count, &labels, host);

	if (status == AGREEMENT_OK)
	{
		write_number(&writer, count);
		write_labels(&writer, &labels);
		status = write_items(&writer, answers, count, &labels, host);
	}
	agreement_tally_end(&labels, host);
	*size = writer.size;
	return status;
}


AgreementStatus
agreement_packed_count(const uint8_t *bytes, size_t size, size_t *count)
{
	Reader		reader = {bytes, bytes + size, false};
	uint64_t	number = read_number(&reader);

	if (reader.corrupt || number > AGREEMENT_MAX_ANSWERS)
		return AGREEMENT_CORRUPT;
	*count = number;
	return AGREEMENT_OK;
}


/* Reads one item's answers; returns their number, 0 if they are corrupt. */
static size_t
read_item(Reader *reader, uint64_t item, const uint8_t *labels,
		  uint64_t nlabels, AgreementAnswer *answers, size_t room)
{
	AgreementAnswer answer = {item, 0};
	size_t		used = 0;
	uint64_t	code;

	do
	{
		uint64_t	same = 1;

		code = read_number(reader);
		if (code & 2)
		{
			same = read_number(reader);
			if (same > room)
				return 0;
			same += 2;
		}
		if (reader->corrupt || code >> 2 >= nlabels || same > room - used)
			return 0;
		answer.label = read_label(labels, code >> 2);
		for (; same > 0; same--)
			answers[used++] = answer;
	} while (!(code & 1));
	return used;
}


AgreementStatus
agreement_unpack(const uint8_t *bytes, size_t size,
				 const AgreementHost *host, AgreementAnswer *answers)
{
	Reader		reader = {bytes, bytes + size, false};
	uint64_t	count = read_number(&reader);
	uint64_t	nlabels = read_number(&reader);
	const uint8_t *labels = reader.at;
	uint64_t	item = 0;
	size_t		used = 0;
	size_t		items = 0;

	if (reader.corrupt || nlabels > (size_t) (reader.end - reader.at) / 8)
		return AGREEMENT_CORRUPT;
	reader.at += nlabels * 8;
	while (used < count)
	{
		uint64_t	distance = read_number(&reader);
		size_t		read;

		if (reader.corrupt || distance > UINT64_MAX - item ||
			(distance == 0 && used > 0))
			return AGREEMENT_CORRUPT;
		item += distance;
		read = read_item(&reader, item, labels, nlabels, answers + used,
						 count - used);
		if (read == 0)
			return AGREEMENT_CORRUPT;
		used += read;
		if (++items % PROCEED_EVERY == 0 && !host->proceed(host->context))
			return AGREEMENT_STOPPED;
	}
	return reader.at == reader.end ? AGREEMENT_OK : AGREEMENT_CORRUPT;
}


size_t
agreement_pack_pairs(const AgreementTally *tally, uint8_t *bytes)
{
	Writer		writer = {bytes, 0};
	uint64_t	a = 0;
	uint64_t	b = 0;

	write_number(&writer, tally->used);
	for (uint32_t i = 0; i < tally->used; i++)
	{
		const AgreementCount *entry = &tally->entries[i];
		bool		same = (i > 0 && entry->a == a);

		write_number(&writer, entry->a - a);
		write_number(&writer, same ? entry->b - b : entry->b);
		write_number(&writer, entry->count);
		a = entry->a;
		b = entry->b;
	}
	return writer.size;
}


AgreementStatus
agreement_unpack_pairs(const uint8_t *bytes, size_t size,
					   const AgreementHost *host, AgreementTally *tally)
{
	Reader		reader = {bytes, bytes + size, false};
	uint64_t	pairs = read_number(&reader);
	uint64_t	total = 0;
	uint64_t	a = 0;
	uint64_t	b = 0;
	AgreementStatus status = agreement_tally_start(tally, host);

	for (uint64_t i = 0; i < pairs && status == AGREEMENT_OK; i++)
	{
		uint64_t	distance = read_number(&reader);
		uint64_t	other = read_number(&reader);
		uint64_t	count = read_number(&reader);
		bool		same = (i > 0 && distance == 0);

		if (reader.corrupt || distance > UINT64_MAX - a || count == 0 ||
			count > INT64_MAX - total ||
			(same && (other == 0 || other > UINT64_MAX - b)))
			return AGREEMENT_CORRUPT;
		a += distance;
		b = same ? b + other : other;
		total += count;
		status = agreement_tally_add(tally, host, a, b, count, NULL);
	}
	if (status == AGREEMENT_OK && (reader.corrupt || reader.at != reader.end))
		return AGREEMENT_CORRUPT;
	return status;
}
