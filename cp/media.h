/*
 * cp/media.h - "with media at hand": users and disks for the real systems that a folder
 * of media holds, for a new data directory.
 *
 *   cms-r6/   CMS of VM/370 Release 6: saved systems CMS and CMSSEG, its disks, and the
 *             users CMSUSER1 to CMSUSER3, each with an A-disk of his own
 *   osvs1/    OS/VS1 Release 6: its volumes, and the user OSVS1 to IPL 150
 *
 * A folder that is not there is passed over. Everything is copied; the media stay as
 * they are.
 */
#ifndef CP_MEDIA_H
#define CP_MEDIA_H

#include <stdbool.h>

#include "base/error.h"

/*
 * dir: a data directory that datadir_init() made. said() hears a line for each system.
 * False with err if something cannot be copied.
 */
MUST_USE bool media_install(const char *dir, const char *folder,
			    void (*said)(const char *line), struct error *err);

#endif
