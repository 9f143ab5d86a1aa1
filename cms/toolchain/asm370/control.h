/*
 * cms/toolchain/asm370/control.h - which updates a source gets: VM/370's
 * control files and what VMFASM does with them.
 * GC20-1818 (CMS Command and Macro Reference), "UPDATE", "VMFASM".
 */
#ifndef CMS_TOOLCHAIN_ASM370_CONTROL_H
#define CMS_TOOLCHAIN_ASM370_CONTROL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "base/error.h"
#include "cms/toolchain/asm370/asm370.h"

#define CONTROL_LIBRARIES 8
#define CONTROL_LEVEL     6

/* What a control file made of a source. */
struct control {
	char level[CONTROL_LEVEL]; /* identifier of the last update that was applied,
				      or that of the MACS record */
	char libraries[CONTROL_LIBRARIES][9]; /* MACLIBs of the MACS record */
	unsigned library_count;
	char *log; /* what was applied, a line of at most 72 columns each; malloc'ed */
	size_t log_size;
};

/*
 * Apply to a source what a control file says. Its records are
 *
 *   level MACS [library]...     exactly one, before all others
 *   level UPDTxxxx | xxxx       the update FILE.UPDTxxxx, if it is there
 *   level AUXxxxx [type]...     FILE.AUXxxxx, a list of updates, if it is there
 *                               and no FILE.type is
 *   level PTF type              the update FILE.type
 *   * comment
 *
 * read from the last to the first; so are the lists, whose records begin with
 * the type of an update (or with PTF and the type): these must be there. Files
 * are looked for beside the source, whose path is given, in upper or lower
 * case. The source's data is malloc'ed memory and may be replaced. Returns
 * false with err filled; the result must be released either way.
 */
bool control_apply(const char *path, const char *source_path,
		   struct asm370_source *source, struct control *control,
		   struct error *err) MUST_USE;

/* Apply one update file to the source, as update_apply() does. */
bool control_update(const char *path, struct asm370_source *source,
		    struct error *err) MUST_USE;

void control_release(struct control *control);

#endif
