/*
 * Any bytes as what comes over a 2703's line and what its program does meanwhile: BSC,
 * Teletype, 2741; or as the words of its device statement. The input: options, then
 * operations.
 */
#include "devices/line_cable.h"
#include "devices/line_words.h"
#include "tests/fuzz/net_rig.h"

static const uint8_t commands[] = { 0x01, 0x02, 0x03, 0x04, 0x06, 0x09, 0x0A, 0x0D,
				    0x0E, 0x1E, 0x23, 0x27, 0x27, 0x29, 0x2F, 0xE4 };

static void woken(void *arg)
{
	*(bool *)arg = true;
}

/* Words that zeros end; they are only looked at. */
static void try_words(const uint8_t *bytes, size_t n)
{
	char text[512], *words[32];
	struct line_words w;
	struct error err = { 0 };
	int count = 0;

	n = n < sizeof(text) - 1 ? n : sizeof(text) - 1;
	memcpy(text, bytes, n);
	text[n] = '\0';
	for (size_t at = 0; at < n && count < 32; at += strlen(text + at) + 1)
		words[count++] = text + at;
	if (!line_words_take(&w, count, words, &err) && !err.text[0])
		abort();
}

static bool attach(struct rig *r, uint8_t options, struct line_end *end)
{
	static const char *const kinds[][5] = {
		{ "cable=yes" },
		{ "cable=yes", "lnctl=tele2", "bs=dumb", "break=dumb", "uctrans=yes" },
		{ "cable=yes", "lnctl=ibm1", "term=2741", "code=corr", "append=1F" },
		{ "cable=yes", "lnctl=ibm1", "term=2741", "code=none", "sendcr=yes" },
	};
	const char *const *words = kinds[options & 3];
	struct machine_request req = { .address = DEV, .line = end };
	struct error err = { 0 };

	req.argv = (char *const *)(uintptr_t)words;
	while (req.argc < 5 && words[req.argc])
		req.argc++;
	r->dev = channels_attach(r->cs, device_class_find("2703"), NULL, &req, &err);
	return r->dev;
}

static void operation(struct rig *r, const struct line_wire *far, struct line_end *near)
{
	uint8_t what = next(r), drain[4096];
	const uint8_t *bytes;
	size_t n;

	switch (what & 7) {
	case 0:
	case 1: /* what else is in the byte chooses the command */
		n = next_bytes(r, &bytes, next(r));
		poke(r, 0x2000, bytes, n);
		start_program(r, commands[what >> 4], commands[next(r) & 15]);
		break;
	case 2:
	case 3:
		n = next_bytes(r, &bytes, (what >> 3) * 9u);
		(void)far->ops->write(far->arg, bytes, n);
		break;
	case 4:
		if (what & 8)
			far->ops->hang_up(far->arg);
		else
			far->ops->answer(far->arg, true);
		break;
	case 5: channels_io(r->cs, what & 8 ? IO_HIO : IO_CLRIO, DEV, 0); break;
	case 6:
		if (what & 8)
			line_end_expire(near);
		else
			while (far->ops->read(far->arg, drain, sizeof(drain)))
				;
		break;
	default: take_interruptions(r); break;
	}
	far->ops->look(far->arg);
	wake_device(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct line_end *ends[2];
	struct line_wire far;
	bool told = false;
	struct rig r;

	if (n == 0)
		return 0;
	if (bytes[0] & 0x80) {
		try_words(bytes + 1, n - 1);
		return 0;
	}
	rig_begin(&r, bytes, n);
	if (!line_cable_new(ends))
		abort();
	far = line_end_wire(ends[1], woken, &told);
	line_end_hold(ends[0]);
	if (!attach(&r, next(&r), ends[0]))
		abort();
	for (int i = 0; i < OPERATIONS && r.at < r.end; i++)
		operation(&r, &far, ends[0]);
	rig_end(&r);
	line_end_release(ends[0]);
	far.ops->close(far.arg);
	return 0;
}
