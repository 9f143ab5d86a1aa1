/*
 * cp/traceline.h - the lines of TRACE: which columns hold what.
 *
 * SY20-0888, "VM/370 Service Routines Program Logic", module DMKTRC.
 *
 * Threads: traceline_device() and traceline_text() the CP thread, which knows the
 * devices; the others the machine's.
 */
#ifndef CP_TRACELINE_H
#define CP_TRACELINE_H

#include <stdbool.h>
#include <stdint.h>

struct cpu370;
struct cpu_trace;
struct vmblok;

#define TRACE_COLUMNS 80

enum trace_line_kind {
	LINE_TEXT,  /* text is all */
	LINE_IO,    /* an I/O instruction: the device is filled in */
	LINE_CCW,   /* shown for devices that are not CP's own */
	LINE_SEEK,  /* the seek address of a disk, virtual and real */
	LINE_CSW,
};

struct trace_line {
	enum trace_line_kind kind;
	bool to_printer, to_terminal;
	uint16_t vaddr;
	unsigned cc;
	bool start;        /* LINE_IO: SIO or SIOF */
	bool channel;      /* LINE_IO: TCH, which has no device */
	uint32_t caw;
	uint8_t csw[8];
	uint8_t seek[7];
	char text[TRACE_COLUMNS + 1]; /* filled with blanks */
};

void traceline_blank(struct trace_line *line, enum trace_line_kind kind);
/* Overlay the text at a column. */
void traceline_put(struct trace_line *line, unsigned column, const char *text);
void traceline_hex(struct trace_line *line, unsigned column, unsigned digits, uint64_t value);

/* Where an instruction goes, as far as can be told before it is executed. */
struct trace_target {
	bool known;       /* there is one */
	bool branch;      /* of a branch, not of LPSW or a new translation mode */
	uint32_t address;
	unsigned arrow;   /* column for "==>" */
};

/*
 * An instruction that is about to be executed; prefix: three characters, blanks let
 * ":::" mark a privileged one.
 */
void traceline_insn(struct trace_line *line, struct cpu370 *cpu, const struct cpu_trace *what,
		    const char *prefix, struct trace_target *target);
void traceline_interruption(struct trace_line *line, struct cpu370 *cpu,
			    const struct cpu_trace *what);
void traceline_csw(struct trace_line *line, struct cpu370 *cpu, const struct cpu_trace *what);
void traceline_io(struct trace_line *line, struct cpu370 *cpu, const struct cpu_trace *what);
/*
 * The lines of the channel program at the CAW, one after the other through put().
 */
void traceline_ccws(struct cpu370 *cpu, uint32_t caw,
		    void (*put)(void *arg, const struct trace_line *line), void *arg);

/* Is it an instruction of CP's own (privileged), and of the four for I/O? */
bool traceline_privileged(const uint8_t code[6]);
bool traceline_is_io(const uint8_t code[6]);

/* Fill in what the device gives. false: the line is not shown for this device. */
bool traceline_device(struct vmblok *vm, struct trace_line *line);

#endif
