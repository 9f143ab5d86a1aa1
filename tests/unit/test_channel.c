/* Channel programs and I/O instructions: GA22-7000, "Input/Output Operations". */
#include "tests/unit/channel_rig.h"

#define OTHER 0x121u

/* ---- a device that does what a test tells it */

struct scripted {
	uint8_t taken[256]; /* what the last write or control got */
	size_t taken_length;
	unsigned commands, waits, halts;
	bool wait; /* commands 0A and 09 wait for device_resume() */
	int resume_with;
};

static const uint8_t record[10] = "ABCDEFGHIJ";

static int take(struct device *dev, struct ccw_io *io, size_t length)
{
	struct scripted *s = dev->state;

	s->taken_length = ccw_get(io, s->taken, length);
	return US_CE | US_DE;
}

static int scripted_command(struct device *dev, struct ccw_io *io)
{
	struct scripted *s = dev->state;
	uint8_t backwards[10];

	s->commands++;
	switch (io->command) {
	case 0x02: ccw_put(io, record, 10); return US_CE | US_DE;
	case 0x0C:
		for (int i = 0; i < 10; i++)
			backwards[i] = record[9 - i];
		ccw_put(io, backwards, 10);
		return US_CE | US_DE;
	case 0x01: return take(dev, io, sizeof(s->taken));
	case 0x07: return take(dev, io, 6);
	case 0x03: return US_CE | US_DE;
	case 0x0B: return US_CE; /* device end comes later */
	case 0x13: device_attention(dev, US_DE); return US_CE; /* comes at once */
	case 0x31: take(dev, io, 5); return US_CE | US_DE | US_SM;
	case 0x12: return US_CE | US_DE | US_UX; /* end of file, no data */
	case 0x22: return US_UC;		 /* refuses in initial status */
	case 0x04: return device_basic_sense(dev, io);
	case 0x0A: s->waits++; return DEVICE_WORKING;
	default: return device_unit_check(dev, SENSE0_COMMAND_REJECT);
	}
}

static int scripted_resume(struct device *dev, struct ccw_io *io)
{
	struct scripted *s = dev->state;

	ccw_put(io, "TYPED", 5);
	return s->resume_with ? s->resume_with : US_CE | US_DE;
}

static int scripted_halt(struct device *dev, struct ccw_io *io)
{
	(void)io;
	((struct scripted *)dev->state)->halts++;
	return US_CE | US_DE;
}

static const struct device_class scripted_class = {
	.type = "TEST",
	.state_size = sizeof(struct scripted),
	.sense_bytes = 1,
	.command = scripted_command,
	.resume = scripted_resume,
	.halt = scripted_halt,
};

static struct device *dev;
static struct scripted *script;

static struct device *attach(uint16_t address)
{
	const struct machine_request req = { .address = address };

	return channels_attach(cs, &scripted_class, NULL, &req, NULL);
}

static void setup(void)
{
	rig_setup();
	dev = attach(DEV);
	attach(OTHER);
	script = dev->state;
}

/* ---- one CCW */

static const struct one {
	const char *what;
	uint8_t op, flags;
	uint32_t data;
	unsigned count, cc, status, residual;
} ones[] = {
	{"read, exact",			 0x02, 0,	  DATA,	10, 0, 0x0C00, 0	 },
	{ "read, short count",	       0x02, 0,	DATA,	      7,	 0, 0x0C40, 0     },
	{ "read, short count, SLI",	    0x02, SLI,  DATA,	     7,	0, 0x0C00, 0     },
	{ "read, long count",	      0x02, 0,    DATA,	     30, 0, 0x0C40, 20    },
	{ "read, long count, SLI",	   0x02, SLI,  DATA,	    30, 0, 0x0C00, 20    },
	{ "write",			0x01, 0,    DATA,	  99, 0, 0x0C00, 0	   },
	{ "control with too much data",	0x07, 0,	 DATA,	       8,  0, 0x0C40, 2     },
	{ "immediate",		       0x03, 0,	DATA,	      1,	 1, 0x0C00, 0xEEEE},
	{ "immediate, device end later",	 0x0B, 0,	  DATA,	1,  1, 0x0800, 0xEEEE},
	{ "immediate, PCI",		    0x03, PCI,  DATA,	     1,	1, 0x0C80, 0xEEEE},
	{ "read with PCI",		   0x02, PCI,  DATA,	    10, 0, 0x0C80, 0     },
	{ "tape mark",		       0x12, SLI,  DATA,	80, 0, 0x0D00, 80	  },
	{ "tape mark without SLI",	   0x12, 0,    DATA,	  80, 0, 0x0D40, 80    },
	{ "reject",		       0x06, 0,    DATA,	   80, 0, 0x0E00, 80    },
	{ "unit check in initial status", 0x22, 0,	   DATA,	 80, 1, 0x0200, 0xEEEE},
	{ "command X'10'",		   0x10, 0,    DATA,	  1,  1, 0x0020, 0xEEEE},
	{ "TIC first",		       0x08, 0,	PROGRAM + 8, 1,	1, 0x0020, 0xEEEE},
	{ "count zero",			0x02, 0,	 DATA,	       0,  1, 0x0020, 0xEEEE},
	{ "bit 39",		       0x02, 0x01, DATA,	      1,	 1, 0x0020, 0xEEEE},
	{ "suspend without CAW bit 4",    0x02, SUSP, DATA,	 1,  1, 0x0020, 0xEEEE},
	{ "IDA list not on a word",	    0x02, IDA,  DATA + 2,	 1,  1, 0x0020, 0xEEEE},
	{ "data beyond storage",		 0x02, 0,	  STORAGE,	   10, 0, 0x0C20, 10    },
	{ "data runs out of storage",     0x02, 0,    STORAGE - 4, 10, 0, 0x0C20, 6     },
	{ "write from beyond storage",    0x01, 0,	STORAGE - 4, 10, 0, 0x0C20, 6     },
	{ "skip ignores the address",     0x02, SKIP, STORAGE,	   10, 0, 0x0C00, 0	    },
};

START_TEST(one_ccw)
{
	const struct one *c = &ones[_i];
	bool first = c->cc == 1;

	ccw(PROGRAM, c->op, c->data, c->flags, (uint16_t)c->count);
	ck_assert_msg(sio(0, PROGRAM) == c->cc, "%s: wrong cc", c->what);
	if (first)
		check_csw(c->what, 0xEEEEEE, c->status, c->residual);
	else
		interruption(c->what, PROGRAM + 8, c->status, c->residual);
	ck_assert_msg(!pending, "%s: still pending", c->what);
}
END_TEST

START_TEST(bad_caws)
{
	const struct {
		uint8_t key;
		uint32_t at;
	} caws[] = {
		{0,     PROGRAM + 4},
		    { 0x01, PROGRAM    },
		       { 0x04, PROGRAM    },
		  { 0,    STORAGE    }
	};

	ccw(PROGRAM, 0x02, DATA, 0, 10);
	for (size_t i = 0; i < sizeof(caws) / sizeof(caws[0]); i++) {
		ck_assert_uint_eq(sio(caws[i].key, caws[i].at), 1);
		check_csw("bad CAW", 0xEEEEEE, 0x0020, 0xEEEE);
	}
	ck_assert_uint_eq(script->commands, 0);
}
END_TEST

/* ---- data */

START_TEST(data_goes_where_the_ccws_say)
{
	uint8_t b[32] = { 0 };

	ccw(PROGRAM, 0x02, DATA, CD, 3);
	ccw(PROGRAM + 8, 0x00, 0, CD | SKIP, 2); /* command ignored, two bytes skipped */
	ccw(PROGRAM + 16, 0x08, PROGRAM + 32, 0, 0);
	ccw(PROGRAM + 32, 0x55, DATA + 3, 0, 5);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	interruption("data chain", PROGRAM + 40, 0x0C00, 0);
	peek(DATA, b, 10);
	ck_assert_mem_eq(b, "ABCFGHIJ\0\0", 10);
}
END_TEST

START_TEST(data_chain_longer_than_the_record)
{
	ccw(PROGRAM, 0x02, DATA, CD | SLI, 10);
	ccw(PROGRAM + 8, 0x00, DATA, CD | SLI, 6);
	ccw(PROGRAM + 16, 0x00, DATA, 0, 6);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	/* The second CCW is current: CD is on, so SLI does not help. */
	interruption("long data chain", PROGRAM + 16, 0x0C40, 6);
}
END_TEST

START_TEST(data_chain_without_end_is_cut)
{
	ccw(PROGRAM, 0x01, DATA, CD, 1);
	ccw(PROGRAM + 8, 0x08, PROGRAM, 0, 0);
	/* 256 bytes are all this device takes; its chain goes on unused. */
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	interruption("loop", PROGRAM + 8, 0x0C40, 1);
	ck_assert_uint_eq(script->taken_length, 256);
}
END_TEST

START_TEST(read_backward_stores_downwards)
{
	uint8_t b[12] = { 0 };

	ccw(PROGRAM, 0x0C, DATA + 9, CD, 4);
	ccw(PROGRAM + 8, 0, DATA + 5, 0, 6);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	interruption("backward", PROGRAM + 16, 0x0C00, 0);
	peek(DATA, b, 10);
	ck_assert_mem_eq(b, record, 10);
}
END_TEST

START_TEST(indirect_addressing)
{
	uint8_t idal[8] = { 0 }, b[10];

	put_be32(idal, DATA + 0x7FC);
	put_be32(idal + 4, 0x5000);
	poke(0x3000, idal, 8);
	ccw(PROGRAM, 0x02, 0x3000, IDA, 10);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	interruption("IDA", PROGRAM + 8, 0x0C00, 0);
	peek(DATA + 0x7FC, b, 4);
	peek(0x5000, b + 4, 6);
	ck_assert_mem_eq(b, record, 10);

	put_be32(idal + 4, 0x5001); /* the second must be at a 2K boundary */
	poke(0x3000, idal, 8);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	interruption("IDAW not on 2K", PROGRAM + 8, 0x0C20, 6);
	idal[0] = 1; /* bits 0-7 must be zero */
	poke(0x3000, idal, 8);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	interruption("IDAW bits 0-7", PROGRAM + 8, 0x0C20, 10);
}
END_TEST

START_TEST(indirect_addressing_backward)
{
	uint8_t idal[8] = { 0 }, b[10];

	put_be32(idal, 0x5003);
	put_be32(idal + 4, DATA + 0x7FF);
	poke(0x3000, idal, 8);
	ccw(PROGRAM, 0x0C, 0x3000, IDA, 10);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	interruption("IDA backward", PROGRAM + 8, 0x0C00, 0);
	peek(DATA + 0x7FA, b, 6);
	peek(0x5000, b + 6, 4);
	ck_assert_mem_eq(b, record, 10);
}
END_TEST

START_TEST(keys_protect)
{
	uint8_t b[2];

	storage_set_key(st, DATA, 0x30);
	ccw(PROGRAM, 0x02, DATA - 4, 0, 10);
	ck_assert_uint_eq(sio(0x40, PROGRAM), 0);
	/* The program's block has key 0, which key 4 may fetch but not store. */
	interruption("store", PROGRAM + 8, 0x0C10, 10);
	storage_set_key(st, DATA - 4, 0x40);
	ck_assert_uint_eq(sio(0x40, PROGRAM), 0);
	interruption("store over the edge", PROGRAM + 8, 0x0C10, 6);
	peek(0x40, b, 1);
	ck_assert_uint_eq(b[0], 0x40);
	ck_assert_uint_eq(sio(0x30, PROGRAM + 8), 1); /* count 0: program check */

	storage_set_key(st, PROGRAM, 0x50 | KEY_FETCH);
	ck_assert_uint_eq(sio(0x40, PROGRAM), 1);
	check_csw("CCW is fetch-protected", 0xEEEEEE, 0x0010, 0xEEEE);
	storage_set_key(st, DATA, 0x50 | KEY_FETCH);
	ccw(PROGRAM, 0x01, DATA, 0, 10);
	ck_assert_uint_eq(sio(0x50, PROGRAM), 0);
	interruption("own key", PROGRAM + 8, 0x0C00, 0);
}
END_TEST

/* ---- command chaining */

START_TEST(commands_chain)
{
	ccw(PROGRAM, 0x07, DATA, CC, 6);
	ccw(PROGRAM + 8, 0x03, 0, CC, 1);
	ccw(PROGRAM + 16, 0x13, 0, CC, 1); /* CE, then DE */
	ccw(PROGRAM + 24, 0x02, DATA, CC | SLI, 4);
	ccw(PROGRAM + 32, 0x01, DATA, 0, 4);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	interruption("chain", PROGRAM + 40, 0x0C00, 0);
	ck_assert_uint_eq(script->commands, 5);
	ck_assert_mem_eq(script->taken, "ABCD", 4);
}
END_TEST

START_TEST(status_modifier_skips_the_loop)
{
	ccw(PROGRAM, 0x31, DATA, CC, 5);
	ccw(PROGRAM + 8, 0x08, PROGRAM, 0, 0);
	ccw(PROGRAM + 16, 0x08, PROGRAM + 40, 0, 0);
	ccw(PROGRAM + 40, 0x02, DATA, 0, 10);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	interruption("search", PROGRAM + 48, 0x0C00, 0);
	ck_assert_uint_eq(script->commands, 2);
}
END_TEST

/* clang-format off */
static const struct broken {
	const char *what;
	uint8_t op, flags;
	uint32_t data;
	unsigned count; /* of the second CCW; the first chains to it */
	uint32_t address;
	unsigned status, residual;
} brokens[] = {
	{ "unit exception ends the chain", 0x12, CC | SLI, DATA, 1, PROGRAM + 16,
	  0x0D00, 1 },
	{ "unit check ends the chain", 0x06, CC, DATA, 1, PROGRAM + 16, 0x0E00, 1 },
	{ "incorrect length ends the chain", 0x02, CC, DATA, 5, PROGRAM + 16, 0x0C40, 0 },
	{ "bad command", 0x40, CC, DATA, 1, PROGRAM + 16, 0x0020, 1 },
	{ "TIC to a bad boundary", 0x08, 0, PROGRAM + 4, 1, PROGRAM + 16, 0x0020, 1 },
	{ "TIC to a TIC", 0x08, 0, PROGRAM + 8, 1, PROGRAM + 16, 0x0020, 1 },
	{ "TIC out of storage", 0x08, 0, STORAGE + 8, 1, STORAGE + 16, 0x0020, 1 },
};
/* clang-format on */

START_TEST(chains_that_break)
{
	const struct broken *c = &brokens[_i];

	ccw(PROGRAM, 0x03, 0, CC, 1);
	ccw(PROGRAM + 8, c->op, c->data, c->flags, (uint16_t)c->count);
	ccw(PROGRAM + 16, 0x02, DATA, 0, 10);
	ck_assert_msg(sio(0, PROGRAM) == 0, "%s: cc", c->what);
	ck_assert(pending);
	ck_assert_uint_eq(io(IO_TIO), 1);
	check_csw(c->what, c->address, c->status, c->residual);
}
END_TEST

START_TEST(chaining_waits_for_device_end)
{
	ccw(PROGRAM, 0x0B, 0, CC, 1);
	ccw(PROGRAM + 8, 0x02, DATA, 0, 10);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	ck_assert(!pending);
	ck_assert_uint_eq(io(IO_TIO), 2);
	device_attention(dev, US_DE);
	interruption("after device end", PROGRAM + 16, 0x0C00, 0);
}
END_TEST

START_TEST(device_end_comes_by_itself)
{
	ccw(PROGRAM, 0x0B, 0, 0, 1);
	ck_assert_uint_eq(sio(0, PROGRAM), 1);
	check_csw("channel end", 0xEEEEEE, 0x0800, 0xEEEE);
	ck_assert_uint_eq(sio(0, PROGRAM), 1);
	check_csw("busy", 0xEEEEEE, 0x1000, 0xEEEE);
	device_attention(dev, US_DE);
	interruption("device end", 0, 0x0400, 0);
	ck_assert_uint_eq(io(IO_TIO), 0);
}
END_TEST

START_TEST(an_endless_chain_gives_turns)
{
	ccw(PROGRAM, 0x03, 0, CC, 1);
	ccw(PROGRAM + 8, 0x08, PROGRAM, 0, 0);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	ck_assert(channels_have_work(cs));
	ck_assert(channels_work(cs));
	ck_assert_uint_eq(io(IO_SIO), 2);
	ck_assert_uint_eq(io(IO_TIO), 2);
	/* The program may be changed under the channel's hands. */
	ccw(PROGRAM + 8, 0x02, DATA, 0, 10);
	ck_assert(!channels_work(cs));
	interruption("broken out", PROGRAM + 16, 0x0C00, 0);

	ccw(PROGRAM + 8, 0x08, PROGRAM, 0, 0);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	ck_assert_uint_eq(io(IO_HIO), 1);
	ck_assert(!channels_have_work(cs));
	interruption("halted", PROGRAM + 8, 0x0C00, 1);
}
END_TEST

START_TEST(pci_interrupts_a_program_that_goes_on)
{
	ccw(PROGRAM, 0x03, 0, CC | PCI, 1);
	ccw(PROGRAM + 8, 0x0A, DATA, SLI, 20);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	interruption("PCI", PROGRAM + 16, 0x0080, 20);
	ck_assert(!pending);
	device_resume(dev);
	interruption("end", PROGRAM + 16, 0x0C00, 15);
}
END_TEST

START_TEST(suspend_and_resume)
{
	ccw(PROGRAM, 0x03, 0, CC, 1);
	ccw(PROGRAM + 8, 0x02, DATA, SUSP, 10);
	ck_assert_uint_eq(io(IO_RIO), 2);
	ck_assert_uint_eq(sio(0x08, PROGRAM), 0);
	ck_assert_uint_eq(script->commands, 1);
	interruption("suspended", PROGRAM + 16, 0x0000, 10);
	ck_assert_uint_eq(io(IO_TIO), 2);
	ccw(PROGRAM + 8, 0x02, DATA, 0, 10);
	ck_assert_uint_eq(io(IO_RIO), 0);
	interruption("resumed", PROGRAM + 16, 0x0C00, 0);
}
END_TEST

/* ---- states and the other instructions */

START_TEST(working_device)
{
	ccw(PROGRAM, 0x0A, DATA, SLI, 20);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	ck_assert(!pending);
	ck_assert_uint_eq(io(IO_SIO), 2);
	ck_assert_uint_eq(io(IO_TIO), 2);
	ck_assert_uint_eq(io(IO_TCH), 0);
	device_attention(dev, US_ATTENTION); /* kept until the operation is over */
	ck_assert(!pending);
	device_resume(dev);
	ck_assert_uint_eq(io(IO_SIO), 2); /* status is pending in the subchannel */
	ck_assert_uint_eq(io(IO_HIO), 0);
	ck_assert_uint_eq(io(IO_TCH), 1);
	interruption("end", PROGRAM + 8, 0x0C00, 15);
	interruption("attention", 0, 0x8000, 0);
	ck_assert(!pending);
}
END_TEST

START_TEST(halt_and_clear_a_working_device)
{
	ccw(PROGRAM, 0x0A, DATA, 0, 20);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	ck_assert_uint_eq(io(IO_HDV), 1);
	check_csw("halt", 0xEEEEEE, 0x0000, 0xEEEE);
	interruption("halted", PROGRAM + 8, 0x0C00, 20);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	ck_assert_uint_eq(io(IO_CLRIO), 1);
	check_csw("cleared", PROGRAM + 8, 0x0C00, 20);
	ck_assert(!pending);
	ck_assert_uint_eq(io(IO_CLRIO), 0);
	ck_assert_uint_eq(io(IO_HIO), 1);
	ck_assert_uint_eq(script->halts, 2);
}
END_TEST

START_TEST(status_held_by_the_device)
{
	ccw(PROGRAM, 0x02, DATA, 0, 10);
	device_attention(dev, US_ATTENTION);
	ck_assert(pending);
	ck_assert_uint_eq(sio(0, PROGRAM), 1);
	check_csw("busy and attention", 0xEEEEEE, 0x9000, 0xEEEE);
	ck_assert(!pending);
	ck_assert_uint_eq(script->commands, 0);
	device_attention(dev, US_ATTENTION);
	ck_assert_uint_eq(io(IO_TIO), 1);
	check_csw("TIO", 0, 0x8000, 0);
	ck_assert_uint_eq(io(IO_TIO), 0);
}
END_TEST

START_TEST(sense_lasts_until_the_next_command)
{
	uint8_t b;

	ccw(PROGRAM, 0x06, DATA, 0, 1);
	ccw(PROGRAM + 8, 0x04, DATA, 0, 1);
	ccw(PROGRAM + 16, 0x02, DATA, SKIP, 10);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	interruption("reject", PROGRAM + 8, 0x0E00, 1);
	ck_assert_uint_eq(sio(0, PROGRAM + 8), 0);
	interruption("sense", PROGRAM + 16, 0x0C00, 0);
	peek(DATA, &b, 1);
	ck_assert_uint_eq(b, SENSE0_COMMAND_REJECT);
	dev->sense[0] = SENSE0_EQUIPMENT;
	ck_assert_uint_eq(sio(0, PROGRAM + 16), 0);
	interruption("read", PROGRAM + 24, 0x0C00, 0);
	ck_assert_uint_eq(dev->sense[0], 0);
}
END_TEST

START_TEST(not_ready_wants_the_operator)
{
	uint8_t csw[2];

	dev->not_ready = true;
	ccw(PROGRAM, 0x02, DATA, 0, 10);
	ccw(PROGRAM + 8, 0x04, DATA, 0, 1);
	ck_assert_uint_eq(sio(0, PROGRAM), 1); /* initial status: unit check alone */
	peek(0x44, csw, 2);
	ck_assert_uint_eq(be16(csw), 0x0200);
	ck_assert_uint_eq(dev->sense[0], SENSE0_INTERVENTION);
	ck_assert_uint_eq(sio(0, PROGRAM + 8), 0);
	interruption("sense", PROGRAM + 16, 0x0C00, 0);
	/* Behind a command that was executed the program ends with an interruption. */
	ccw(PROGRAM, 0x03, DATA, 0x60, 1);
	ccw(PROGRAM + 8, 0x02, DATA, 0, 10);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	interruption("not ready", PROGRAM + 16, 0x0E00, 10);
}
END_TEST

START_TEST(a_device_gets_another_address)
{
	struct error err = { 0, "" };

	ck_assert(!channels_move(cs, 0x0777, 0x0778, &err)); /* nothing there */
	ck_assert(!channels_move(cs, DEV, DEV, &err));       /* taken */
	ck_assert(!channels_move(cs, DEV, 0xFFFF, &err));    /* no such channel */
	ck_assert(channels_move(cs, DEV, 0x0277, &err));
	ck_assert_uint_eq(channels_io(cs, IO_TIO, DEV, 0), 3);
	ck_assert_uint_eq(channels_io(cs, IO_TIO, 0x0277, 0), 0);
	ck_assert_uint_eq(channels_device(cs, 0x0277)->address, 0x0277);
	ck_assert(channels_move(cs, 0x0277, DEV, &err));
	ck_assert_uint_eq(channels_io(cs, IO_TIO, DEV, 0), 0);
}
END_TEST

START_TEST(nothing_there)
{
	for (enum io_op op = IO_SIO; op <= IO_RIO; op++) {
		ck_assert_uint_eq(channels_io(cs, op, 0x0221, 0), 3);
		ck_assert_uint_eq(channels_io(cs, op, 0xFFFF, 0), 3);
	}
	ck_assert_uint_eq(channels_io(cs, IO_TIO, 0x0199, 0), 3);
	ck_assert_uint_eq(channels_io(cs, IO_TCH, 0x0199, 0), 0);
}
END_TEST

START_TEST(channel_id)
{
	uint8_t id[4];

	ck_assert_uint_eq(io(IO_STIDC), 0);
	peek(0xA8, id, 4);
	ck_assert_uint_eq(be32(id), 0x20000000);
	channels_set_type(cs, 1, CHANNEL_SELECTOR);
	ck_assert_uint_eq(io(IO_STIDC), 0);
	peek(0xA8, id, 4);
	ck_assert_uint_eq(be32(id), 0);
	ck_assert_uint_eq(channels_io(cs, IO_CONCS, 0, 0), 0);
	ck_assert_uint_eq(channels_io(cs, IO_DISCS, 0, 0), 1);
}
END_TEST

START_TEST(a_selector_channel_does_one_thing)
{
	channels_set_type(cs, 1, CHANNEL_SELECTOR);
	ccw(PROGRAM, 0x0A, DATA, SLI, 20);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	ck_assert_uint_eq(channels_io(cs, IO_SIO, OTHER, 0), 2);
	ck_assert_uint_eq(channels_io(cs, IO_TIO, OTHER, 0), 2);
	ck_assert_uint_eq(io(IO_TCH), 2);
	device_resume(dev);
	ck_assert_uint_eq(channels_io(cs, IO_SIO, OTHER, 0), 2);
	interruption("end", PROGRAM + 8, 0x0C00, 15);
	ck_assert_uint_eq(channels_io(cs, IO_TIO, OTHER, 0), 0);
}
END_TEST

START_TEST(interruptions_in_order_and_masked)
{
	uint16_t who;

	attach(0x0305);
	device_attention(channels_device(cs, 0x0305), US_ATTENTION);
	device_attention(channels_device(cs, OTHER), US_ATTENTION);
	device_attention(dev, US_ATTENTION);
	ck_assert(!channels_interruption(cs, 0x80000000, 0, &who));
	ck_assert(channels_interruption(cs, 0x10000000, 0, &who));
	ck_assert_uint_eq(who, 0x0305);
	ck_assert(channels_interruption(cs, 0xFFFFFFFF, 0, &who));
	ck_assert_uint_eq(who, DEV);
	ck_assert(channels_interruption(cs, 0xFFFFFFFF, 0, &who));
	ck_assert_uint_eq(who, OTHER);
	ck_assert(!pending);
}
END_TEST

START_TEST(resets_forget_everything)
{
	ccw(PROGRAM, 0x0A, DATA, SLI, 20);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	device_attention(channels_device(cs, OTHER), US_ATTENTION);
	ck_assert(pending);
	channels_reset(cs);
	ck_assert(!pending);
	ck_assert_uint_eq(script->halts, 1);
	ck_assert_uint_eq(io(IO_TIO), 0);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	ck_assert_uint_eq(io(IO_CLRCH), 0);
	ck_assert_uint_eq(io(IO_TIO), 0);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	ck_assert(channels_detach(cs, DEV)); /* while it works */
	ck_assert_uint_eq(io(IO_TIO), 3);
}
END_TEST

START_TEST(a_slow_device_interrupts_later)
{
	uint8_t caw[4];

	put_be32(caw, PROGRAM);
	poke(0x48, caw, 4);
	ccw(PROGRAM, 0x02, DATA, 0, 10);
	ck_assert_uint_eq(channels_held_until(cs), UINT64_MAX);
	ck_assert_uint_eq(io(IO_SIO), 0);
	ck_assert(!pending);
	ck_assert_uint_eq(channels_held_until(cs), 0);
	ck_assert(!channels_hold(cs, 1000, false));
	ck_assert_uint_eq(channels_held_until(cs), 1000 + CHANNEL_HOLD);
	ck_assert(!channels_hold(cs, 1000 + CHANNEL_HOLD - 1, false));
	ck_assert(!pending);
	ck_assert(channels_hold(cs, 1000 + CHANNEL_HOLD, false));
	interruption("later", PROGRAM + 8, 0x0C00, 0);

	ck_assert_uint_eq(io(IO_SIO), 0);
	ck_assert(channels_hold(cs, 5000, true)); /* the CPU waits */
	interruption("at once", PROGRAM + 8, 0x0C00, 0);

	ck_assert_uint_eq(io(IO_SIO), 0);
	ck_assert_uint_eq(io(IO_TIO), 1); /* TIO sees it */
	check_csw("TIO", PROGRAM + 8, 0x0C00, 0);
	ck_assert(!channels_hold(cs, 9000, true));
	ck_assert(!pending);
}
END_TEST

START_TEST(prefixed_storage)
{
	uint8_t caw[4] = { 0 }, csw[8];
	uint16_t who;

	put_be32(caw, PROGRAM);
	poke(0x8048, caw, 4);
	ccw(PROGRAM, 0x02, DATA, 0, 10);
	ck_assert_uint_eq(channels_io(cs, IO_SIO, DEV, 0x8000), 0);
	channels_hold(cs, 0, true);
	ck_assert(channels_interruption(cs, 0xFFFFFFFF, 0x8000, &who));
	peek(0x8040, csw, 8);
	ck_assert_uint_eq(be16(csw + 4), 0x0C00);
}
END_TEST

START_TEST(initial_program_loading)
{
	uint8_t csw[8];
	bool ok;

	/* READ IPL puts ten bytes at 0; the CCW at 8 is there already. */
	ccw(8, 0x02, DATA, 0, 10);
	ck_assert_uint_eq(channels_ipl(cs, DEV), 0);
	ck_assert(channels_ipl_done(cs, DEV, csw, &ok));
	/* Bytes 8 and 9 of the record overwrote its command: X'C9' is control. */
	ck_assert(!ok);
	ck_assert_uint_eq(channels_ipl(cs, 0x0333), 3);
	ck_assert_uint_eq(be16(csw + 4), 0x0E00);
	ck_assert(!pending);
}
END_TEST

static Suite *channel_suite(void)
{
	Suite *s = suite_create("channel");
	TCase *tc = tcase_create("channel");
	const TTest *tests[] = {
		bad_caws,
		data_goes_where_the_ccws_say,
		data_chain_longer_than_the_record,
		data_chain_without_end_is_cut,
		read_backward_stores_downwards,
		indirect_addressing,
		indirect_addressing_backward,
		keys_protect,
		commands_chain,
		status_modifier_skips_the_loop,
		chaining_waits_for_device_end,
		device_end_comes_by_itself,
		an_endless_chain_gives_turns,
		pci_interrupts_a_program_that_goes_on,
		suspend_and_resume,
		working_device,
		halt_and_clear_a_working_device,
		status_held_by_the_device,
		sense_lasts_until_the_next_command,
		not_ready_wants_the_operator,
		nothing_there,
		a_device_gets_another_address,
		channel_id,
		a_selector_channel_does_one_thing,
		interruptions_in_order_and_masked,
		resets_forget_everything,
		a_slow_device_interrupts_later,
		prefixed_storage,
		initial_program_loading,
	};

	tcase_add_checked_fixture(tc, setup, rig_teardown);
	tcase_add_loop_test(tc, one_ccw, 0, sizeof(ones) / sizeof(ones[0]));
	tcase_add_loop_test(tc, chains_that_break, 0,
			    sizeof(brokens) / sizeof(brokens[0]));
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tc, tests[i]);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(channel_suite());
}
