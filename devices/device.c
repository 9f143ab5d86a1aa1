/*
 * devices/device.c - the table of device models, and what simple ones share.
 */
#include "devices/device.h"

#include <string.h>
#include <strings.h>

#include "base/compiler.h"
#include "devices/classes.h"

/* clang-format off */
static const struct device_class *const classes[] = {
	&console3215_class,
	&reader_class,
	&punch_class,
	&printer_class,
	&ckd_class,
	&fba_class,
	&tape_class,
	&display3270_class,
	&ctca_class,
	&ctce_class,
	&line2703_class,
};
/* clang-format on */

const struct device_class *device_class_at(unsigned n)
{
	return n < ARRAY_SIZE(classes) ? classes[n] : NULL;
}

/* Is name that type, or a model of it ("3330-11")? */
static bool names(const char *name, const char *type)
{
	size_t n = strlen(type);

	return strncasecmp(name, type, n) == 0 && (name[n] == '\0' || name[n] == '-');
}

static const char *find_type(const struct device_class *class, const char *name)
{
	if (names(name, class->type))
		return class->type;
	for (const char *const *a = class->aliases; a && *a; a++)
		if (names(name, *a))
			return *a;
	return NULL;
}

const char *device_class_type(const struct device_class *class, const char *name)
{
	const char *type = name ? find_type(class, name) : NULL;

	return type ? type : class->type;
}

const struct device_class *device_class_find(const char *type)
{
	for (unsigned n = 0; n < ARRAY_SIZE(classes); n++)
		if (find_type(classes[n], type))
			return classes[n];
	return NULL;
}

int device_unit_check(struct device *dev, uint8_t sense0)
{
	memset(dev->sense, 0, sizeof(dev->sense));
	dev->sense[0] = sense0;
	return US_CE | US_DE | US_UC;
}

int device_initial_check(struct device *dev, const struct ccw_io *io, uint8_t sense0)
{
	int unit = device_unit_check(dev, sense0);

	return io->previous ? unit : US_UC;
}

int device_basic_sense(struct device *dev, struct ccw_io *io)
{
	ccw_put(io, dev->sense, dev->class->sense_bytes);
	memset(dev->sense, 0, sizeof(dev->sense));
	return US_CE | US_DE;
}
