/*
 * devices/device.c - the table of device models, and what simple ones share.
 */
#include "devices/device.h"

#include <string.h>
#include <strings.h>

#include "base/compiler.h"
#include "devices/classes.h"

static const struct device_class *const classes[] = {
	&console3215_class,
	&reader_class,
	&punch_class,
	&printer_class,
};

const struct device_class *device_class_at(unsigned n)
{
	return n < ARRAY_SIZE(classes) ? classes[n] : NULL;
}

const char *device_class_type(const struct device_class *class, const char *name)
{
	for (const char *const *a = class->aliases; a && *a && name; a++)
		if (strcasecmp(*a, name) == 0)
			return *a;
	return class->type;
}

const struct device_class *device_class_find(const char *type)
{
	for (unsigned n = 0; n < ARRAY_SIZE(classes); n++)
		if (strcasecmp(device_class_type(classes[n], type), type) == 0)
			return classes[n];
	return NULL;
}

int device_unit_check(struct device *dev, uint8_t sense0)
{
	memset(dev->sense, 0, sizeof(dev->sense));
	dev->sense[0] = sense0;
	return US_CE | US_DE | US_UC;
}

int device_basic_sense(struct device *dev, struct ccw_io *io)
{
	ccw_put(io, dev->sense, dev->class->sense_bytes);
	memset(dev->sense, 0, sizeof(dev->sense));
	return US_CE | US_DE;
}
