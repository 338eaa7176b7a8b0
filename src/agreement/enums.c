/*-------------------------------------------------------------------------
 *
 * enums.c
 *	  The labels of an enum: their names' hashes and their order.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_enum.h"
#include "utils/catcache.h"
#include "utils/syscache.h"

#include "agreement/agreement_kernel.h"
#include "agreement/enums.h"
#include "base/compat.h"


static int
compare_sort_order(const void *left, const void *right)
{
	float4		a = ((const EnumLabel *) left)->sort_order;
	float4		b = ((const EnumLabel *) right)->sort_order;

	return (a > b) - (a < b);
}


static int
compare_oid(const void *left, const void *right)
{
	Oid			a = ((const EnumLabel *) left)->oid;
	Oid			b = ((const EnumLabel *) right)->oid;

	return (a > b) - (a < b);
}


static void
read_labels(EnumLabels *labels, Oid type)
{
	CatCList   *list = SearchSysCacheList1(ENUMTYPOIDNAME,
										   ObjectIdGetDatum(type));

	labels->count = list->n_members;
	labels->labels = MemoryContextAllocHuge(labels->context,
											sizeof(EnumLabel) *
											Max(labels->count, 1));
	for (int i = 0; i < labels->count; i++)
	{
		Form_pg_enum row = (Form_pg_enum)
			GETSTRUCT(&list->members[i]->tuple);
		EnumLabel  *label = &labels->labels[i];

		label->oid = row->oid;
		label->sort_order = row->enumsortorder;
		label->code = agreement_hash(NameStr(row->enumlabel),
									 strlen(NameStr(row->enumlabel)),
									 AGREEMENT_SALT);
	}
	ReleaseSysCacheList(list);
	qsort(labels->labels, labels->count, sizeof(EnumLabel),
		  compare_sort_order);
	for (int i = 0; i < labels->count; i++)
		labels->labels[i].position = i + 1;
	qsort(labels->labels, labels->count, sizeof(EnumLabel), compare_oid);
}


const EnumLabel *
agreement_enum_label(EnumLabels *labels, Oid type, Datum value)
{
	EnumLabel	key = {.oid = DatumGetObjectId(value)};
	EnumLabel  *label;

	if (labels->labels == NULL)
		read_labels(labels, type);
	label = bsearch(&key, labels->labels, labels->count, sizeof(EnumLabel),
					compare_oid);
	if (label == NULL)
		elog(ERROR, "enum %u has no label %u", type, key.oid);
	return label;
}
