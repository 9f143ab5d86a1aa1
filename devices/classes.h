/*
 * devices/classes.h - the class records of all device models.
 */
#ifndef DEVICES_CLASSES_H
#define DEVICES_CLASSES_H

#include "devices/device.h"

extern const struct device_class console3215_class; /* 3215, 3210, 1052 */
extern const struct device_class reader_class;	    /* 2540R, 2501, 3505 */

#endif
