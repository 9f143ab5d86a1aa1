#include "cms/toolchain/asm370/asm370.h"

#include <stdlib.h>

#include "cms/toolchain/asm370/int.h"

#define MEMORY_LIMIT ((size_t)4 << 30) /* bytes an assembly may take */

void asm370_defaults(struct asm370_options *o)
{
	memset(o, 0, sizeof(*o));
	o->deck = o->list = o->esd = o->rld = true;
	o->align = o->alogic = o->yflag = true;
	o->xref = ASM370_XREF_SHORT;
	o->linecount = 55;
}

static void system_variables(struct asm *a)
{
	static const char *const names[] = {
		[SYS_NDX] = "SYSNDX",	[SYS_ECT] = "SYSECT",	[SYS_LIST] = "SYSLIST",
		[SYS_PARM] = "SYSPARM", [SYS_DATE] = "SYSDATE", [SYS_TIME] = "SYSTIME",
	};

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		a->system[i] = name_intern(a, str_z(names[i]));
		a->system_variable[i] = (struct variable){
			.name = a->system[i], .kind = VARIABLE_SYSTEM, .index = i
		};
	}
}

static void init(struct asm *a, const struct asm370_options *options)
{
	a->options = *options;
	a->arena.limit = MEMORY_LIMIT;
	a->arena.out_of_memory = &a->out_of_memory;
	a->scratch.out_of_memory = &a->out_of_memory;
	a->scratch.limit = MEMORY_LIMIT;
	a->deck.out_of_memory = &a->out_of_memory;
	a->listing.out_of_memory = &a->out_of_memory;
	a->data.out_of_memory = &a->out_of_memory;
	a->text.out_of_memory = &a->out_of_memory;
	if (a->options.linecount < 10)
		a->options.linecount = 10;
	if (!a->options.max_statements)
		a->options.max_statements = 50000000;
	a->begin = 0;
	a->end = 71;
	a->resume = 15;
	names_init(a);
	operations_init(a);
	a->title = str_make("", 0);
	a->current = arena_alloc(&a->arena, sizeof(*a->current)); /* statement 0 */
	system_variables(a);
	frame_init(a, arena_alloc(&a->arena, sizeof(struct frame)), NULL);
}

static void run(struct asm *a, const struct asm370_source *source,
		struct asm370_result *result)
{
	generate(a, text_make(a, source, false));
	define_finish(a);
	assemble(a);
	listing_relocations(a);
	listing_cross_reference(a);
	diag_finish(a, result);
	listing_diagnostics(a, result);
	result->deck = (uint8_t *)a->deck.p;
	result->deck_size = a->deck.n;
	result->listing = a->listing.p;
	result->listing_size = a->listing.n;
	result->severity = a->severity;
	result->statements = a->statement;
	result->lines = a->lines;
}

bool asm370_assemble(const struct asm370_source *source,
		     const struct asm370_options *options, struct asm370_result *result)
{
	struct asm *a = calloc(1, sizeof(*a));

	memset(result, 0, sizeof(*result));
	if (!a)
		return false;
	result->owner = a;
	if (setjmp(a->out_of_memory)) {
		asm370_release(result);
		return false;
	}
	init(a, options);
	run(a, source, result);
	return true;
}

void asm370_release(struct asm370_result *result)
{
	struct asm *a = result->owner;

	if (a) {
		arena_release(&a->arena);
		arena_release(&a->scratch);
		free(a->deck.p);
		free(a->listing.p);
		free(a->data.p);
		free(a->text.p);
		free(a);
	}
	memset(result, 0, sizeof(*result));
}
