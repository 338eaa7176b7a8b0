/*-------------------------------------------------------------------------
 *
 * shapes_kernel.c
 *	  Does a value fit its field?  What is drawn on an image.
 *
 * Coordinates are pixels from the top left corner.  Where the image's size
 * is known, points must lie in it, give or take half a pixel; of a rotated
 * box it is the centre.
 *
 *-------------------------------------------------------------------------
 */
#include "schema/check_kernel.h"

#include <math.h>
#include <string.h>

#define TOLERANCE 0.5

typedef struct Image
{
	double		width;			/* 0: not known */
	double		height;
} Image;

static double
known_size(const SchemaCheck *check, const char *column)
{
	const JsonNode *node = column && check->data ?
		schema_json_member(check->data, column) : NULL;
	double		size;

	return node && node->type == JSON_NUMBER &&
		schema_node_double(node, &size) && size > 0 ? size : 0;
}

static bool
outside(double at, double size)
{
	return size > 0 && (at < -TOLERANCE || at > size + TOLERANCE);
}

static const char *
image_hint(SchemaCheck *check, const Image *image)
{
	return schema_format(check->arena,
						 "The image is %d wide and %d high, in pixels.",
						 (int) fmin(image->width, INT32_MAX),
						 (int) fmin(image->height, INT32_MAX));
}

/* Reports at the path. */
static bool
check_point(SchemaCheck *check, const Image *image, double x, double y)
{
	if (!outside(x, image->width) && !outside(y, image->height))
		return true;
	return schema_violation(check, "is outside the image",
							image_hint(check, image));
}

static void
check_box(SchemaCheck *check, const Image *image, const JsonNode *object)
{
	double		x,
				y,
				width,
				height,
				rotation = 0;
	bool		all = schema_check_number(check, object, "x", &x);

	all = schema_check_number(check, object, "y", &y) && all;
	all = schema_check_number(check, object, "width", &width) && all;
	all = schema_check_number(check, object, "height", &height) && all;
	if (schema_json_member(object, "rotation"))
		all = schema_check_number(check, object, "rotation", &rotation) && all;
	if (!all)
		return;
	if (width <= 0)
		schema_violation_at(check, "width", "must be greater than 0",
							"x and y are the top left corner.");
	if (height <= 0)
		schema_violation_at(check, "height", "must be greater than 0",
							"x and y are the top left corner.");
	if (width <= 0 || height <= 0)
		return;
	if (rotation != 0)
		check_point(check, image, x + width / 2, y + height / 2);
	else if (check_point(check, image, x, y))
		check_point(check, image, x + width, y + height);
}

/* A flat array x, y, x, y, ... of at least "fewest" points. */
static bool
check_points(SchemaCheck *check, const Image *image, const JsonNode *array,
			 int fewest)
{
	const JsonNode *node = array->first;

	if (array->type != JSON_ARRAY)
		return schema_violation(check,
								schema_format(check->arena,
											  "got %s; an array of"
											  " coordinates is expected",
											  schema_json_article(array)),
								"Write [x, y, x, y, ...].");
	for (int i = 0; node; node = node->next, i++)
	{
		double		at;
		size_t		mark = schema_path_index(check, i);

		if (node->type != JSON_NUMBER)
			return schema_violation(check,
									schema_format(check->arena,
												  "got %s; a coordinate is"
												  " expected",
												  schema_json_article(node)),
									"Write [x, y, x, y, ...].");
		if (!schema_node_double(node, &at))
			return schema_violation(check, "the number is too large", NULL);
		if (outside(at, i % 2 == 0 ? image->width : image->height))
			return schema_violation(check, "is outside the image",
									image_hint(check, image));
		schema_text_cut(&check->path, mark);
	}
	if (array->count % 2 != 0)
		return schema_violation(check, "has an odd number of coordinates",
								"Write [x, y, x, y, ...].");
	if (array->count < (size_t) fewest * 2)
		return schema_violation(check,
								schema_format(check->arena,
											  "has fewer than %d points",
											  fewest), NULL);
	return true;
}

/* Is the last point of a ring its first again? */
static bool
is_closed(const JsonNode *ring)
{
	const JsonNode *x = ring->first;
	const JsonNode *last = x;
	double		a,
				b,
				c,
				d;

	for (size_t i = 0; i + 2 < ring->count; i++)
		last = last->next;
	return schema_node_double(x, &a) && schema_node_double(last, &b) &&
		schema_node_double(x->next, &c) &&
		schema_node_double(last->next, &d) && a == b && c == d;
}

static void
check_polygon(SchemaCheck *check, const Image *image, const JsonNode *object)
{
	const JsonNode *rings = schema_json_member(object, "rings");
	int			i = 0;

	if (rings == NULL)
		return;
	if (rings->type != JSON_ARRAY || rings->count == 0)
	{
		schema_violation_at(check, "rings", "must be an array of rings",
							"The first ring is the outline, further ones are"
							" holes: [[x, y, x, y, ...], ...].");
		return;
	}
	for (const JsonNode *ring = rings->first; ring; ring = ring->next, i++)
	{
		size_t		mark = schema_path_key(check, "rings");

		schema_path_index(check, i);
		if (check_points(check, image, ring, 3) && is_closed(ring))
			schema_violation(check, "repeats its first point at the end",
							 "Rings close by themselves: leave the last point"
							 " out.");
		schema_text_cut(&check->path, mark);
	}
}

static void
check_polyline(SchemaCheck *check, const Image *image, const JsonNode *object)
{
	const JsonNode *points = schema_json_member(object, "points");
	size_t		mark;

	if (points == NULL)
		return;
	mark = schema_path_key(check, "points");
	check_points(check, image, points, 2);
	schema_text_cut(&check->path, mark);
}

/* [x, y, visibility] */
static bool
check_keypoint(SchemaCheck *check, const Image *image, const JsonNode *point)
{
	const JsonNode *node = point->first;
	double		parts[3];

	if (point->type == JSON_ARRAY && point->count == 3)
		for (int i = 0; i < 3; i++, node = node->next)
		{
			if (node->type != JSON_NUMBER ||
				!schema_node_double(node, &parts[i]))
				break;
		}
	if (point->type != JSON_ARRAY || point->count != 3 || node != NULL)
		return schema_violation(check, "a point is [x, y, visibility]", NULL);
	if (parts[2] != 0 && parts[2] != 1 && parts[2] != 2)
		return schema_violation(check, "visibility must be 0, 1 or 2",
								"0 is not labeled, 1 hidden, 2 visible.");
	return parts[2] == 0 || check_point(check, image, parts[0], parts[1]);
}

static void
check_keypoints(SchemaCheck *check, const SchemaField *field,
				const Image *image, const JsonNode *object)
{
	const JsonNode *points = schema_json_member(object, "points");
	size_t		mark;

	if (points == NULL)
		return;
	mark = schema_path_key(check, "points");
	if (points->type != JSON_OBJECT || points->count == 0)
		schema_violation(check, "must be an object of named points",
						 "Write {\"nose\": [x, y, visibility], ...}.");
	else
		for (const JsonNode *point = points->first;
			 point && check->count < check->limit; point = point->next)
		{
			size_t		inner = schema_path_key(check, point->key);
			const char *nearest;

			if (schema_find_label(&field->points, point->key) >= 0)
				check_keypoint(check, image, point);
			else
			{
				nearest = schema_nearest_label(&field->points, point->key);
				schema_violation(check, "there is no such point",
								 nearest ? schema_format(check->arena,
														 "Did you mean %q?",
														 nearest) : NULL);
			}
			schema_text_cut(&check->path, inner);
		}
	schema_text_cut(&check->path, mark);
}

/*
 * Decodes COCO's compressed run lengths: groups of five bits from "0" on,
 * least significant first, bit 5 to go on, the last one's bit 4 the sign;
 * from the fourth run on the difference to the run before the last.  Returns
 * the pixels that the runs cover, -1 when they are malformed or cover more
 * than "limit".
 */
static int64_t
decode_runs(const char *counts, int64_t limit)
{
	int64_t		runs[3] = {0, 0, 0};
	int64_t		total = 0;

	for (int n = 0; *counts; n++)
	{
		int64_t		run = 0;
		int			shift = 0;
		int			bits;

		do
		{
			bits = *counts++ - '0';
			if (bits < 0 || bits > 63 || shift > 45)
				return -1;
			run |= (int64_t) (bits & 31) << shift;
			shift += 5;
		} while (bits & 32);
		if (bits & 16)
			run -= INT64_C(1) << shift;
		if (n > 2)
			run += runs[(n + 1) % 3];
		if (run < 0 || run > limit - total)
			return -1;
		runs[n % 3] = run;
		total += run;
	}
	return total;
}

static bool
read_mask_size(SchemaCheck *check, const Image *image, const JsonNode *size,
			   int64_t *height, int64_t *width)
{
	size_t		mark;
	bool		good;

	if (size->type != JSON_ARRAY || size->count != 2)
		return schema_violation_at(check, "size", "must be [height, width]",
								   NULL);
	mark = schema_path_key(check, "size");
	schema_path_index(check, 0);
	good = schema_check_int(check, size->first, 1, 1000000, height);
	schema_text_cut(&check->path, mark);
	mark = schema_path_key(check, "size");
	schema_path_index(check, 1);
	good = schema_check_int(check, size->first->next, 1, 1000000, width) &&
		good;
	schema_text_cut(&check->path, mark);
	if (!good)
		return false;
	if ((image->width > 0 && *width != image->width) ||
		(image->height > 0 && *height != image->height))
		return schema_violation_at(check, "size", "is not the image's",
								   image_hint(check, image));
	return true;
}

static void
check_mask(SchemaCheck *check, const Image *image, const JsonNode *object)
{
	const JsonNode *size = schema_json_member(object, "size");
	const JsonNode *counts = schema_json_member(object, "counts");
	int64_t		height;
	int64_t		width;
	int64_t		covered;

	if (counts && counts->type != JSON_STRING)
		schema_violation_at(check, "counts",
							schema_format(check->arena,
										  "got %s; a string is expected",
										  schema_json_article(counts)),
							"Run lengths are in COCO's compressed form.");
	if (size == NULL ||
		!read_mask_size(check, image, size, &height, &width) ||
		counts == NULL || counts->type != JSON_STRING)
		return;
	covered = decode_runs(counts->string, height * width);
	if (covered < 0)
		schema_violation_at(check, "counts",
							"is no run-length code of that size",
							"Run lengths are in COCO's compressed form.");
	else if (covered != height * width)
		schema_violation_at(check, "counts",
							"covers fewer pixels than size says", NULL);
}

void
schema_check_shape(SchemaCheck *check, const SchemaField *field,
				   const JsonNode *object)
{
	Image		image = {known_size(check, field->size[0]),
	known_size(check, field->size[1])};

	switch (field->kind)
	{
		case SCHEMA_BOXES:
			check_box(check, &image, object);
			break;
		case SCHEMA_POLYGONS:
			check_polygon(check, &image, object);
			break;
		case SCHEMA_POLYLINES:
			check_polyline(check, &image, object);
			break;
		case SCHEMA_KEYPOINTS:
			check_keypoints(check, field, &image, object);
			break;
		case SCHEMA_MASKS:
			check_mask(check, &image, object);
			break;
		default:
			break;
	}
}
