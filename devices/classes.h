/*
 * devices/classes.h - the class records of all device models.
 */
#ifndef DEVICES_CLASSES_H
#define DEVICES_CLASSES_H

#include "devices/device.h"

extern const struct device_class console3215_class; /* 3215, 3210, 1052 */
extern const struct device_class reader_class;	    /* 2540R, 2501, 3505 */
extern const struct device_class punch_class;	    /* 2540P, 3525 */
extern const struct device_class printer_class;	    /* 1403, 3203, 3211 */
extern const struct device_class ckd_class;	    /* 2305 ... 3390 */
extern const struct device_class fba_class;	    /* 3310, 3370 */
extern const struct device_class tape_class;	    /* 3420, 3410, 2400 */
extern const struct device_class display3270_class; /* 3277, 3278, 3279 */
extern const struct device_class ctca_class;
extern const struct device_class ctce_class; /* CTCA over TCP */
extern const struct device_class line2703_class; /* 2701, 2702, 2703 */

#endif
