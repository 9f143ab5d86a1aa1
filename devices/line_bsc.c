#include "devices/line_bsc.h"

/* DLE and one of these is a control sequence: ACK 0, ACK 1, WACK, RVI. */
static bool is_reply(uint8_t byte)
{
	return (byte & 0xF0) == 0x60 || (byte & 0xF0) == 0x70;
}

static enum bsc_progress add(struct bsc_message *m, uint8_t byte, enum bsc_progress then)
{
	if (m->length == sizeof(m->data))
		return BSC_TOO_LONG;
	m->data[m->length++] = byte;
	return then;
}

static enum bsc_progress add_pair(struct bsc_message *m, uint8_t byte,
				  enum bsc_progress then)
{
	return add(m, BSC_DLE, then) == BSC_TOO_LONG ? BSC_TOO_LONG : add(m, byte, then);
}

/* The index byte behind the end of a block. */
static enum bsc_progress add_index(struct bsc_message *m, bool error_byte,
				   enum bsc_progress before)
{
	return error_byte && before != BSC_TOO_LONG ? add(m, 0, before) : before;
}

/* DLE and this, in transparent text. */
static enum bsc_progress transparent_pair(struct bsc_message *m, uint8_t byte,
					  bool error_byte)
{
	switch (byte) {
	case BSC_DLE: return add(m, byte, BSC_MORE);
	case BSC_SYN: return BSC_MORE;
	case BSC_ITB:
		m->transparent = false;
		return add_index(m, error_byte, add_pair(m, byte, BSC_MORE));
	case BSC_ETB:
	case BSC_ETX: return add_index(m, error_byte, add_pair(m, byte, BSC_END));
	case BSC_ENQ: return add_pair(m, byte, BSC_END);
	default: return add_pair(m, byte, BSC_MORE);
	}
}

/* DLE and this, elsewhere. */
static enum bsc_progress pair(struct bsc_message *m, uint8_t byte)
{
	if (byte == BSC_STX) {
		m->text = m->transparent = true;
		return add_pair(m, byte, BSC_MORE);
	}
	if (is_reply(byte))
		return add_pair(m, byte, BSC_END);
	if (m->text)
		return add_pair(m, byte, byte == BSC_ENQ ? BSC_END : BSC_MORE);
	if (byte == BSC_EOT) /* the other side hangs up */
		return add_pair(m, byte, BSC_END_EOT);
	return BSC_MORE; /* no sequence at all */
}

static enum bsc_progress in_text(struct bsc_message *m, uint8_t byte, bool error_byte)
{
	switch (byte) {
	case BSC_ITB: return add_index(m, error_byte, add(m, byte, BSC_MORE));
	case BSC_ETB:
	case BSC_ETX: return add_index(m, error_byte, add(m, byte, BSC_END));
	case BSC_ENQ:
	case BSC_NAK: return add(m, byte, BSC_END);
	default: return add(m, byte, BSC_MORE);
	}
}

static enum bsc_progress in_control(struct bsc_message *m, uint8_t byte)
{
	switch (byte) {
	case BSC_SOH:
	case BSC_STX: m->text = true; return add(m, byte, BSC_MORE);
	case BSC_EOT: return add(m, byte, BSC_END_EOT);
	case BSC_ENQ:
	case BSC_NAK: return add(m, byte, BSC_END);
	default: return add(m, byte, BSC_MORE);
	}
}

enum bsc_progress bsc_receive(struct bsc_message *m, uint8_t byte, bool error_byte)
{
	if (m->dle) {
		m->dle = false;
		return m->transparent ? transparent_pair(m, byte, error_byte)
				      : pair(m, byte);
	}
	if (byte == BSC_DLE) {
		m->dle = true;
		return BSC_MORE;
	}
	if (m->transparent)
		return add(m, byte, BSC_MORE);
	if (byte == BSC_SYN)
		return BSC_MORE;
	return m->text ? in_text(m, byte, error_byte) : in_control(m, byte);
}

size_t bsc_transmit(const uint8_t *data, size_t n, uint8_t *wire, bool *transparent)
{
	bool dle = false;
	size_t used = 0;

	*transparent = false;
	for (size_t i = 0; i < n; i++) {
		uint8_t byte = data[i];

		wire[used++] = byte;
		if (*transparent) {
			if (byte == BSC_DLE)
				wire[used++] = byte;
			continue;
		}
		if (dle)
			*transparent = byte == BSC_STX;
		else if (byte == BSC_ETX || byte == BSC_ETB)
			break;
		dle = !dle && byte == BSC_DLE;
	}
	return used;
}
