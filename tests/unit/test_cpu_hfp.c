/*
 * The floating-point instructions: results, condition codes and interruptions from
 * tables worked out by hand, and random operands against a model that goes digit by
 * digit.
 */
#include <stdio.h>
#include <string.h>

#include "cpu370/hfp.h"
#include "tests/unit/insn_rig.h"

#define KEPT	3 /* the cc before: an instruction that sets none leaves it */
#define OPERAND 0x3000u

/* ---- by hand
 *
 * R1 is register 0 (0 and 2 if extended), R2 register 4 (4 and 6); for RX formats the
 * second operand is in storage.
 */

struct table_case {
	const char *text;
	unsigned op;
	uint64_t a, a_low, b, b_low; /* operands; of a short one the right half stays */
	uint64_t want, want_low;
	unsigned cc, pic, mask;
};

#define ONE  0x4110000000000000u
#define UF   0x2 /* masks: exponent underflow, significance */
#define SIG  0x1
#define JUNK 0x12345678u

/* clang-format off */
static const struct table_case cases[] = {
	/* loads and stores */
	{ "LER", 0x38, 0x1111111122222222, 0, 0x3333333344444444, 0,
	  0x3333333322222222, 0, KEPT, 0, 3 },
	{ "LE", 0x78, 0x1111111122222222, 0, 0x3333333344444444, 0,
	  0x3333333322222222, 0, KEPT, 0, 3 },
	{ "LDR", 0x28, 0x1111111122222222, 0, 0x3333333344444444, 0,
	  0x3333333344444444, 0, KEPT, 0, 3 },
	{ "LD", 0x68, 0x1111111122222222, 0, 0x3333333344444444, 0,
	  0x3333333344444444, 0, KEPT, 0, 3 },
	{ "LTER zero", 0x32, JUNK, 0, 0xC100000055555555, 0,
	  0xC100000000000000 | JUNK, 0, 0, 0, 0 },
	{ "LTER minus", 0x32, JUNK, 0, 0xC100000100000000, 0,
	  0xC100000100000000 | JUNK, 0, 1, 0, 0 },
	{ "LTDR plus", 0x22, 0, 0, 0x4100000000000001, 0,
	  0x4100000000000001, 0, 2, 0, 0 },
	{ "LTDR zero", 0x22, 0, 0, 0x7F00000000000000, 0,
	  0x7F00000000000000, 0, 0, 0, 0 },
	{ "LCER",        0x33, JUNK, 0, ONE, 0, 0xC110000000000000 | JUNK, 0, 1, 0, 0 },
	{ "LCER zero",   0x33, JUNK, 0, 0, 0, 0x8000000000000000 | JUNK, 0, 0, 0, 0 },
	{ "LCDR", 0x23, 0, 0, 0xC110000000000001, 0,
	  0x4110000000000001, 0, 2, 0, 0 },
	{ "LPER",        0x30, JUNK, 0, 0xC110000000000001, 0, ONE | JUNK, 0, 2, 0, 0 },
	{ "LPDR zero", 0x20, 0, 0, 0xC100000000000000, 0,
	  0x4100000000000000, 0, 0, 0, 0 },
	{ "LNER",        0x31, JUNK, 0, ONE, 0, 0xC110000000000000 | JUNK, 0, 1, 0, 0 },
	{ "LNDR zero", 0x21, 0, 0, 0x4100000000000000, 0,
	  0xC100000000000000, 0, 0, 0, 0 },
	/* rounding */
	{ "LRER down", 0x35, JUNK, 0, 0x411234567FFFFFFF, 0,
	  0x4112345600000000 | JUNK, 0, KEPT, 0, 0 },
	{ "LRER up", 0x35, JUNK, 0, 0xC112345680000000, 0,
	  0xC112345700000000 | JUNK, 0, KEPT, 0, 0 },
	{ "LRER carry", 0x35, JUNK, 0, 0x41FFFFFF80000000, 0,
	  0x4210000000000000 | JUNK, 0, KEPT, 0, 0 },
	{ "LRER leading zeros stay", 0x35, JUNK, 0, 0x4100000080000000, 0,
	  0x4100000100000000 | JUNK, 0, KEPT, 0, 0 },
	{ "LRER overflow", 0x35, JUNK, 0, 0xFFFFFFFF80000000, 0,
	  0x8010000000000000 | JUNK, 0, KEPT, 12, 0 },
	{ "LRDR down", 0x25, 0, 0, 0x4112345678901234, 0x337FFFFFFFFFFFFF,
	  0x4112345678901234, 0, KEPT, 0, 0 },
	{ "LRDR up", 0x25, 0, 0, 0xC112345678901234, 0x3380000000000000,
	  0xC112345678901235, 0, KEPT, 0, 0 },
	{ "LRDR carry", 0x25, 0, 0, 0x41FFFFFFFFFFFFFF, 0x3380000000000000,
	  0x4210000000000000, 0, KEPT, 0, 0 },
	{ "LRDR overflow", 0x25, 0, 0, 0x7FFFFFFFFFFFFFFF, 0x7180000000000000,
	  0x0010000000000000, 0, KEPT, 12, 0 },
	/* halving */
	{ "HER", 0x34, JUNK, 0, 0x4120000000000000, 0,
	  ONE | JUNK, 0, KEPT, 0, 3 },
	{ "HER normalizes", 0x34, JUNK, 0, 0xC110000000000000, 0,
	  0xC080000000000000 | JUNK, 0, KEPT, 0, 3 },
	{ "HER guard", 0x34, JUNK, 0, 0x4110000300000000, 0,
	  0x4080001800000000 | JUNK, 0, KEPT, 0, 3 },
	{ "HER cuts", 0x34, JUNK, 0, 0x4130000300000000, 0,
	  0x4118000100000000 | JUNK, 0, KEPT, 0, 3 },
	{ "HER last bit", 0x34, JUNK, 0, 0x4100000100000000, 0,
	  0x3B80000000000000 | JUNK, 0, KEPT, 0, 3 },
	{ "HER zero",    0x34, JUNK, 0, 0xC100000000000000, 0, JUNK, 0, KEPT, 0, 3 },
	{ "HDR underflow", 0x24, 0, 0, 0x8010000000000000, 0, 0, 0, KEPT, 0, 0 },
	{ "HDR underflow, mask", 0x24, 0, 0, 0x8010000000000000, 0,
	  0xFF80000000000000, 0, KEPT, 13, UF },
	{ "HDR guard", 0x24, 0, 0, 0x4110000000000001, 0,
	  0x4080000000000008, 0, KEPT, 0, 0 },
	/* addition */
	{ "AER", 0x3A, ONE | JUNK, 0, ONE, 0,
	  0x4120000000000000 | JUNK, 0, 2, 0, 3 },
	{ "AE", 0x7A, ONE | JUNK, 0, 0x4120000099999999, 0,
	  0x4130000000000000 | JUNK, 0, 2, 0, 3 },
	{ "AER carry", 0x3A, 0x41FFFFFF00000000, 0, 0x4100000100000000, 0,
	  0x4210000000000000, 0, 2, 0, 3 },
	{ "AER carry cuts", 0x3A, 0x41FFFFFF00000000, 0, 0x4100000200000000, 0,
	  0x4210000000000000, 0, 2, 0, 3 },
	{ "AER guard digit", 0x3A, ONE, 0, 0xC0FFFFFF00000000, 0,
	  0x3B10000000000000, 0, 2, 0, 3 },
	{ "AER beyond the guard digit", 0x3A, ONE, 0, 0xBFFFFFFF00000000, 0,
	  0x40F0000100000000, 0, 2, 0, 3 },
	{ "AER far apart", 0x3A, 0x4710000000000000, 0, 0xC1FFFFFF00000000, 0,
	  0x46FFFFF100000000, 0, 2, 0, 3 },
	{ "AER one digit too far", 0x3A, 0x4810000000000000, 0, 0xC1FFFFFF00000000, 0,
	  0x4810000000000000, 0, 2, 0, 3 },
	{ "AER overflow", 0x3A, 0xFFFFFFFF00000000, 0, 0xFF00000100000000, 0,
	  0x8010000000000000, 0, 1, 12, 3 },
	{ "AER underflow", 0x3A, 0x0010000000000000, 0, 0x800FFFFF00000000, 0,
	  0, 0, 0, 0, SIG },
	{ "AER underflow, mask", 0x3A, 0x0010000000000000, 0, 0x800FFFFF00000000, 0,
	  0x7B10000000000000, 0, 2, 13, UF },
	{ "AER zero",    0x3A, 0xC110000000000000, 0, ONE, 0, 0, 0, 0, 0, UF },
	{ "AER zero, mask", 0x3A, 0xC110000000000000, 0, ONE, 0,
	  0x4100000000000000, 0, 0, 14, SIG },
	{ "AER zeros take the larger characteristic", 0x3A,
	  0xC100000000000000, 0, 0xC300000000000000, 0,
	  0x4300000000000000, 0, 0, 14, SIG },
	{ "ADR", 0x2A, 0x4110000000000001, 0, 0xC110000000000000, 0,
	  0x3410000000000000, 0, 2, 0, 3 },
	{ "ADR guard", 0x2A, ONE, 0, 0xC0FFFFFFFFFFFFFF, 0,
	  0x3310000000000000, 0, 2, 0, 3 },
	{ "AD", 0x6A, 0xC120000000000000, 0, ONE, 0,
	  0xC110000000000000, 0, 1, 0, 3 },
	{ "SER", 0x3B, ONE | JUNK, 0, 0x4120000000000000, 0,
	  0xC110000000000000 | JUNK, 0, 1, 0, 3 },
	{ "SE",          0x7B, ONE, 0, ONE, 0, 0, 0, 0, 0, 0 },
	{ "SDR to itself", 0x2B, 0xC110000000000000, 0, 0xC110000000000000, 0,
	  0x4100000000000000, 0, 0, 14, SIG },
	{ "SD", 0x6B, ONE, 0, 0xC110000000000000, 0,
	  0x4120000000000000, 0, 2, 0, 3 },
	/* unnormalized */
	{ "AUR", 0x3E, 0x4200000100000000 | JUNK, 0, 0x4200000200000000, 0,
	  0x4200000300000000 | JUNK, 0, 2, 0, 3 },
	{ "AU carry", 0x7E, 0x41FFFFFF00000000, 0, 0x4100000200000000, 0,
	  0x4210000000000000, 0, 2, 0, 3 },
	{ "AUR overflow", 0x3E, 0x7FFFFFFF00000000, 0, 0x7F00000200000000, 0,
	  0x0010000000000000, 0, 2, 12, 3 },
	{ "AUR only guard digit is left", 0x3E,
	  0x4200000000000000, 0, 0x4100000F00000000, 0,
	  0, 0, 0, 0, UF },
	{ "AUR only guard digit is left, mask", 0x3E,
	  0x4200000000000000, 0, 0xC100000F00000000, 0,
	  0x4200000000000000, 0, 0, 14, SIG },
	{ "AUR guard digit borrows", 0x3E, 0x4200001000000000, 0, 0xC100000100000000, 0,
	  0x4200000F00000000, 0, 2, 0, 3 },
	{ "AWR", 0x2E, 0x4610000000000000, 0, 0xC60FFFFFFFFFFFFF, 0,
	  0x4600000000000001, 0, 2, 0, 3 },
	{ "AW zero", 0x6E, 0x0010000000000000, 0, 0x8010000000000000, 0,
	  0, 0, 0, 0, UF },
	{ "SUR", 0x3F, 0x4200000100000000, 0, 0x4200000200000000, 0,
	  0xC200000100000000, 0, 1, 0, 3 },
	{ "SU", 0x7F, 0x4200000100000000, 0, 0xC200000200000000, 0,
	  0x4200000300000000, 0, 2, 0, 3 },
	{ "SWR, mask",   0x2F, ONE, 0, ONE, 0, 0x4100000000000000, 0, 0, 14, SIG },
	{ "SW", 0x6F, 0x4E00000000000005, 0, 0x4E00000000000003, 0,
	  0x4E00000000000002, 0, 2, 0, 3 },
	/* comparison */
	{ "CER equal", 0x39, 0x4210000000000000 | JUNK, 0, 0x4301000000000000, 0,
	  0x4210000000000000 | JUNK, 0, 0, 0, 3 },
	{ "CER zeros", 0x39, 0xC700000000000000, 0, 0x0100000000000000, 0,
	  0xC700000000000000, 0, 0, 0, 3 },
	{ "CER guard", 0x39, 0x4200000100000000, 0, 0x4100001100000000, 0,
	  0x4200000100000000, 0, 1, 0, 3 },
	{ "CER beyond the guard digit", 0x39,
	  0x4300000100000000, 0, 0x4100010F00000000, 0,
	  0x4300000100000000, 0, 0, 0, 3 },
	{ "CE low", 0x79, 0xC110000000000000, 0, ONE, 0,
	  0xC110000000000000, 0, 1, 0, 3 },
	{ "CDR high", 0x29, 0x4110000000000001, 0, ONE, 0,
	  0x4110000000000001, 0, 2, 0, 3 },
	{ "CD low", 0x69, 0xC110000000000001, 0, 0xC110000000000000, 0,
	  0xC110000000000001, 0, 1, 0, 3 },
	/* multiplication */
	{ "MER is long", 0x3C, 0x4110000100000000 | JUNK, 0, 0x4110000100000000 | JUNK, 0,
	  0x4110000200001000, 0, KEPT, 0, 3 },
	{ "ME largest", 0x7C, 0x40FFFFFF00000000, 0, 0xC0FFFFFF00000000, 0,
	  0xC0FFFFFE00000100, 0, KEPT, 0, 3 },
	{ "MDR cuts", 0x2C, 0x40FFFFFFFFFFFFFF, 0, 0x40FFFFFFFFFFFFFF, 0,
	  0x40FFFFFFFFFFFFFE, 0, KEPT, 0, 3 },
	{ "MDR shifts", 0x2C, 0x4110000000000001, 0, 0x4120000000000000, 0,
	  0x4120000000000002, 0, KEPT, 0, 3 },
	{ "MDR prenormalizes", 0x2C, 0x4100000000000003, 0, 0x4100000000000005, 0,
	  0x27F0000000000000, 0, KEPT, 0, 3 },
	{ "MDR zero", 0x2C, 0x7F00000000000000, 0, 0xFFFFFFFFFFFFFFFF, 0,
	  0, 0, KEPT, 0, 3 },
	{ "MD overflow", 0x6C, 0x7F10000000000000, 0, 0xC220000000000000, 0,
	  0x8020000000000000, 0, KEPT, 12, 0 },
	{ "MD just fits", 0x6C, 0x7F10000000000000, 0, ONE, 0,
	  0x7F10000000000000, 0, KEPT, 0, 3 },
	{ "MD underflow", 0x6C, 0x2010000000000000, 0, 0x2010000000000000, 0,
	  0, 0, KEPT, 0, 0 },
	{ "MD underflow, mask", 0x6C, 0x2010000000000000, 0, 0x2010000000000000, 0,
	  0x7F10000000000000, 0, KEPT, 13, UF },
	/* division */
	{ "DER", 0x3D, 0x4160000000000000 | JUNK, 0, 0x4120000000000000 | JUNK, 0,
	  0x4130000000000000 | JUNK, 0, KEPT, 0, 3 },
	{ "DE less than one", 0x7D, ONE, 0, 0xC130000000000000, 0,
	  0xC055555500000000, 0, KEPT, 0, 3 },
	{ "DER digit shifted in", 0x3D, 0x4110000100000000, 0, ONE, 0,
	  0x4110000100000000, 0, KEPT, 0, 3 },
	{ "DDR", 0x2D, 0x4110000000000001, 0, 0x4110000000000000, 0,
	  0x4110000000000001, 0, KEPT, 0, 3 },
	{ "DDR third", 0x2D, 0x4110000000000000, 0, 0x4130000000000000, 0,
	  0x4055555555555555, 0, KEPT, 0, 3 },
	{ "DD prenormalizes", 0x6D, 0x4100000000000006, 0, 0x4200000000000003, 0,
	  0x4020000000000000, 0, KEPT, 0, 3 },
	{ "DD zero",     0x6D, 0xC100000000000000, 0, ONE, 0, 0, 0, KEPT, 0, 3 },
	{ "DD by zero", 0x6D, 0xC100000000000000, 0, 0x4100000000000000, 0,
	  0xC100000000000000, 0, KEPT, 15, 0 },
	{ "DER by zero", 0x3D, ONE | JUNK, 0, JUNK, 0, ONE | JUNK, 0, KEPT, 15, 0 },
	{ "DDR overflow", 0x2D, 0x7F10000000000000, 0, 0x4010000000000000, 0,
	  0x0010000000000000, 0, KEPT, 12, 0 },
	{ "DDR underflow", 0x2D, 0x0010000000000000, 0, 0x4220000000000000, 0,
	  0, 0, KEPT, 0, 0 },
	{ "DDR underflow, mask", 0x2D, 0x0010000000000000, 0, 0x4220000000000000, 0,
	  0x7E80000000000000, 0, KEPT, 13, UF },
	/* extended */
	{ "AXR", 0x36, ONE, 0x3300000000000000, 0x3310000000000000, 0x2500000000000000,
	  ONE, 0x3310000000000000, 2, 0, 3 },
	{ "AXR carry", 0x36,
	  0x41FFFFFFFFFFFFFF, 0x33FFFFFFFFFFFFFF, 0x2610000000000000, 0,
	  0x4210000000000000, 0x3400000000000000, 2, 0, 3 },
	{ "AXR operand's low sign and characteristic", 0x36,
	  ONE, 0xFF00000000000001, ONE, 0x8000000000000001,
	  0x4120000000000000, 0x3300000000000002, 2, 0, 3 },
	{ "AXR guard", 0x36, ONE, 0, 0xC0FFFFFFFFFFFFFF, 0x00FFFFFFFFFFFFFF,
	  0x2510000000000000, 0x1700000000000000, 2, 0, 3 },
	{ "AXR zero", 0x36, 0xC110000000000000, 0, ONE, 0, 0, 0, 0, 0, UF },
	{ "AXR zero, mask", 0x36, 0xC110000000000000, 0, ONE, 0,
	  0x4100000000000000, 0x3300000000000000, 0, 14, SIG },
	{ "AXR zero, mask, low characteristic wraps", 0x36,
	  0x8310000000000000, 0, 0x0310000000000000, 0,
	  0x0300000000000000, 0x7500000000000000, 0, 14, SIG },
	{ "AXR overflow", 0x36, 0xFFFFFFFFFFFFFFFF, 0, 0xFF10000000000000, 0,
	  0x8010FFFFFFFFFFFF, 0xF2F0000000000000, 1, 12, 0 },
	{ "SXR", 0x37, ONE, 0, 0x4120000000000000, 0,
	  0xC110000000000000, 0xB300000000000000, 1, 0, 3 },
	{ "SXR underflow", 0x37, 0x0010000000000000, 0, 0x000FFFFFFFFFFFFF, 0,
	  0, 0, 0, 0, 0 },
	{ "SXR underflow, mask", 0x37, 0x0010000000000000, 0, 0x000FFFFFFFFFFFFF, 0,
	  0x7310000000000000, 0x6500000000000000, 2, 13, UF },
	{ "SXR low part below zero", 0x37, 0x0520000000000000, 0, 0x0510000000000000, 0,
	  0x0510000000000000, 0x7700000000000000, 2, 0, 3 },
	{ "MXR", 0x26, 0x4120000000000000, 0x3300000000000001, 0xC130000000000000, 0,
	  0xC160000000000000, 0xB300000000000003, KEPT, 0, 3 },
	{ "MXR cuts", 0x26,
	  0x40FFFFFFFFFFFFFF, 0x32FFFFFFFFFFFFFF, 0x40FFFFFFFFFFFFFF, 0x32FFFFFFFFFFFFFF,
	  0x40FFFFFFFFFFFFFF, 0x32FFFFFFFFFFFFFE, KEPT, 0, 3 },
	{ "MXR zero", 0x26, 0x4100000000000000, 0x3300000000000000, ONE, 0,
	  0, 0, KEPT, 0, 3 },
	{ "MXR only low digits", 0x26, 0x4100000000000000, 0x0000000000000010, ONE, 0,
	  0x2710000000000000, 0x1900000000000000, KEPT, 0, 3 },
	{ "MXR overflow", 0x26, 0x7F10000000000000, 0, 0x4220000000000000, 0,
	  0x0020000000000000, 0x7200000000000000, KEPT, 12, 0 },
	{ "MXR underflow, mask", 0x26, 0x2010000000000000, 0, 0x2010000000000000, 0,
	  0x7F10000000000000, 0x7100000000000000, KEPT, 13, UF },
	{ "MXDR", 0x27, 0x40FFFFFFFFFFFFFF, 0, 0x40FFFFFFFFFFFFFF, 0,
	  0x40FFFFFFFFFFFFFE, 0x3200000000000001, KEPT, 0, 3 },
	{ "MXD", 0x67, 0x4110000000000001, 0, 0xC110000000000001, 0,
	  0xC110000000000002, 0xB300000000000010, KEPT, 0, 3 },
	{ "MXD underflow", 0x67, 0x2010000000000000, JUNK, 0x2010000000000000, 0,
	  0, 0, KEPT, 0, 0 },
	{ "DXR", 0xB22D, ONE, 0, 0x4130000000000000, 0,
	  0x4055555555555555, 0x3255555555555555, KEPT, 0, 3 },
	{ "DXR not below one", 0xB22D,
	  0x4130000000000000, 0x3300000000000006, 0xC130000000000000, 0,
	  0xC110000000000000, 0xB300000000000002, KEPT, 0, 3 },
	{ "DXR by zero", 0xB22D, ONE, 0, 0x4100000000000000, 0x3300000000000000,
	  ONE, 0, KEPT, 15, 0 },
	{ "DXR of zero", 0xB22D, 0xC100000000000000, 0xB300000000000000, ONE, 0,
	  0, 0, KEPT, 0, 0 },
};
/* clang-format on */

static bool extended_result(unsigned op)
{
	return op == 0x26 || op == 0x27 || op == 0x36 || op == 0x37 || op == 0x67 ||
	       op == 0xB22D;
}

static void set_operands(struct insn_rig *r, unsigned op, const uint64_t a[2],
			 const uint64_t b[2])
{
	uint8_t bytes[8];

	cpu370_set_fpr(r->cpu, 0, a[0]);
	cpu370_set_fpr(r->cpu, 2, a[1]);
	cpu370_set_fpr(r->cpu, 4, b[0]);
	cpu370_set_fpr(r->cpu, 6, b[1]);
	if (op >= 0x60 && op <= 0x7F) {
		put_be64(bytes, b[0]);
		rig_store(r, OPERAND, bytes, 8);
		cpu370_set_gr(r->cpu, 3, OPERAND);
	}
}

/* op 0,4 or op 0,0(0,3) */
static struct outcome run_op(struct insn_rig *r, unsigned op, unsigned cc, unsigned mask)
{
	uint8_t rr[2] = { (uint8_t)op, 0x04 }, rx[4] = { (uint8_t)op, 0x00, 0x30, 0x00 };
	uint8_t rre[4] = { (uint8_t)(op >> 8), (uint8_t)op, 0x00, 0x04 };

	if (op > 0xFF)
		return rig_run(r, rre, 4, cc, mask);
	return op < 0x40 ? rig_run(r, rr, 2, cc, mask) : rig_run(r, rx, 4, cc, mask);
}

START_TEST(table_of_the_manual)
{
	const struct table_case *c = &cases[_i / 2];
	const uint64_t a[2] = { c->a, c->a_low }, b[2] = { c->b, c->b_low };
	uint64_t low = extended_result(c->op) ? c->want_low : c->a_low;
	struct insn_rig r;
	struct outcome o;

	rig_init(&r);
	r.blocks = _i % 2;
	set_operands(&r, c->op, a, b);
	o = run_op(&r, c->op, KEPT, c->mask);
	ck_assert_msg(o.pic == c->pic, "%s: interruption %u", c->text, o.pic);
	ck_assert_msg(o.cc == c->cc, "%s: cc %u", c->text, o.cc);
	ck_assert_msg(cpu370_fpr(r.cpu, 0) == c->want, "%s: %016llX", c->text,
		      (unsigned long long)cpu370_fpr(r.cpu, 0));
	ck_assert_msg(cpu370_fpr(r.cpu, 2) == low, "%s: low %016llX", c->text,
		      (unsigned long long)cpu370_fpr(r.cpu, 2));
	ck_assert(cpu370_fpr(r.cpu, 4) == c->b && cpu370_fpr(r.cpu, 6) == c->b_low);
	rig_free(&r);
}
END_TEST

/* Steps, blocks, and blocks in the frame of the operand. */
START_TEST(stores)
{
	static const uint8_t ste[4] = { 0x70, 0x60, 0x30, 0x00 }; /* STE 6,0(,3) */
	static const uint8_t std[4] = { 0x60, 0x60, 0x30, 0x01 }; /* STD 6,1(,3) */
	static const char stored_short[] =
		"\x01\x23\x45\x67\xEE\xEE\xEE\xEE\xEE\xEE\xEE\xEE";
	static const char stored_long[] =
		"\x01\x01\x23\x45\x67\x89\xAB\xCD\xEF\xEE\xEE\xEE";
	uint32_t at = _i < 2 ? OPERAND : RIG_BLOCKS + 256;
	struct insn_rig r;
	uint8_t bytes[12];

	rig_init(&r);
	r.blocks = _i > 0;
	cpu370_set_gr(r.cpu, 3, at);
	cpu370_set_fpr(r.cpu, 6, 0x0123456789ABCDEF);
	memset(bytes, 0xEE, sizeof(bytes));
	rig_store(&r, at, bytes, 12);
	for (unsigned again = 0; again < 2; again++) {
		ck_assert_uint_eq(rig_run(&r, ste, 4, 2, 0).cc, 2);
		rig_fetch(&r, at, bytes, 12);
		ck_assert_mem_eq(bytes, stored_short, 12);
	}
	for (unsigned again = 0; again < 2; again++) {
		ck_assert_uint_eq(rig_run(&r, std, 4, 2, 0).cc, 2);
		rig_fetch(&r, at, bytes, 12);
		ck_assert_mem_eq(bytes, stored_long, 12);
	}
	rig_free(&r);
}
END_TEST

/* ---- registers that do not exist */

struct register_rule {
	unsigned first, last;	 /* opcodes */
	unsigned valid1, valid2; /* bit n: R1 (R2) may be n */
};

#define LONGS 0x55u /* 0, 2, 4, 6 */
#define PAIRS 0x11u /* 0, 4 */
#define ANY   0xFFFFu

static const struct register_rule rules[] = {
	{0x20,	0x24, LONGS, LONGS},
	      { 0x25, 0x25, LONGS, PAIRS},
	{ 0x26, 0x26, PAIRS, PAIRS},
	      { 0x27, 0x27, PAIRS, LONGS},
	{ 0x28, 0x35, LONGS, LONGS},
	      { 0x36, 0x37, PAIRS, PAIRS},
	{ 0x38, 0x3F, LONGS, LONGS},
	      { 0x60, 0x60, LONGS, ANY  },
	{ 0x67, 0x67, PAIRS, ANY	 },
	      { 0x68, 0x70, LONGS, ANY  },
	{ 0x78, 0x7F, LONGS, ANY	 },
};

START_TEST(other_registers_are_specification_exceptions)
{
	const struct register_rule *rule = &rules[_i];
	struct insn_rig r;

	rig_init(&r);
	cpu370_set_gr(r.cpu, 3, OPERAND);
	for (unsigned op = rule->first; op <= rule->last; op++)
		for (unsigned i = 0; i < 256; i++) {
			uint8_t code[4] = { (uint8_t)op, (uint8_t)i, 0x30, 0x00 };
			bool good =
				rule->valid1 >> (i >> 4) & rule->valid2 >> (i & 15) & 1;
			struct outcome o;

			if (op >= 0x60)
				code[1] = (uint8_t)(i & 0xF0);
			for (unsigned f = 0; f < 8; f += 2)
				cpu370_set_fpr(r.cpu, f, ONE);
			o = rig_run(&r, code, op >= 0x60 ? 4 : 2, 0, 0);
			if (good && op >= 0x60) /* zero from storage: only DIVIDE minds */
				ck_assert_msg(o.pic == 0 || o.pic == 15, "%02X%02X", op,
					      i);
			else
				ck_assert_msg(o.pic == (good ? 0 : 6), "%02X%02X", op, i);
		}
	rig_free(&r);
}
END_TEST

/* ---- a model that goes digit by digit */

#define MAX 64

/* digit[0] is the leftmost, right of the point; n digits count. */
struct number {
	bool negative;
	int exponent;
	unsigned n;
	unsigned digit[MAX];
};

static unsigned format_digits(char format)
{
	return format == 's' ? 6 : format == 'l' ? 14 : 28;
}

static struct number number_read(const uint64_t x[2], char format)
{
	struct number v = { .negative = x[0] >> 63,
			    .exponent = (int)(x[0] >> 56 & 0x7F) };

	v.n = format_digits(format);
	for (unsigned i = 0; i < v.n; i++)
		v.digit[i] = x[i / 14] >> (52 - 4 * (i % 14)) & 15;
	return v;
}

static bool number_zero(const struct number *v)
{
	unsigned any = 0;

	for (unsigned i = 0; i < MAX; i++)
		any |= v->digit[i];
	return any == 0;
}

static void shift_right(struct number *v)
{
	memmove(v->digit + 1, v->digit, sizeof(v->digit) - sizeof(v->digit[0]));
	v->digit[0] = 0;
	v->exponent++;
}

static void shift_left(struct number *v)
{
	memmove(v->digit, v->digit + 1, sizeof(v->digit) - sizeof(v->digit[0]));
	v->digit[MAX - 1] = 0;
	v->exponent--;
}

static void cut(struct number *v, unsigned n)
{
	for (unsigned i = n; i < MAX; i++)
		v->digit[i] = 0;
}

static void normalize(struct number *v)
{
	while (!number_zero(v) && v->digit[0] == 0)
		shift_left(v);
}

/* Of digits only. */
static int compare_digits(const struct number *x, const struct number *y)
{
	for (unsigned i = 0; i < MAX; i++)
		if (x->digit[i] != y->digit[i])
			return x->digit[i] < y->digit[i] ? -1 : 1;
	return 0;
}

/* x's digits plus or minus y's; returns what is left of the point. */
static int add_digits(struct number *x, const struct number *y, int times)
{
	int carry = 0;

	for (int i = MAX - 1; i >= 0; i--) {
		int d = (int)x->digit[i] + times * (int)y->digit[i] + carry;

		carry = d < 0 ? -((15 - d) / 16) : d / 16;
		x->digit[i] = (unsigned)(d - 16 * carry);
	}
	return carry;
}

/* The sum with one guard digit, and a carry as a digit in front. */
static struct number number_sum(struct number x, struct number y)
{
	struct number z;
	int carry;

	while (x.exponent < y.exponent)
		shift_right(&x);
	while (y.exponent < x.exponent)
		shift_right(&y);
	cut(&x, x.n + 1);
	cut(&y, x.n + 1);
	if (x.negative != y.negative && compare_digits(&x, &y) < 0) {
		z = x;
		x = y;
		y = z;
	}
	carry = add_digits(&x, &y, x.negative == y.negative ? 1 : -1);
	if (carry) {
		shift_right(&x);
		x.digit[0] = (unsigned)carry;
	}
	return x;
}

static struct number number_product(struct number x, struct number y)
{
	struct number z = { .negative = x.negative != y.negative };

	normalize(&x);
	normalize(&y);
	for (int i = (int)y.n - 1; i >= 0; i--) {
		unsigned whole = 0;

		for (unsigned k = 0; k < y.digit[i]; k++)
			whole += (unsigned)add_digits(&z, &x, 1);
		shift_right(&z);
		z.digit[0] = whole;
	}
	z.exponent = x.exponent + y.exponent - 64;
	normalize(&z);
	return z;
}

/* y is not zero */
static struct number number_quotient(struct number x, struct number y)
{
	struct number z = { .negative = x.negative != y.negative };

	normalize(&x);
	normalize(&y);
	z.exponent = x.exponent - y.exponent + 65;
	/* One digit of room in front, for the remainder times 16. */
	shift_right(&x);
	shift_right(&y);
	for (unsigned i = 0; i < 30; i++) {
		while (compare_digits(&x, &y) >= 0) {
			add_digits(&x, &y, -1);
			z.digit[i]++;
		}
		shift_left(&x);
	}
	normalize(&z);
	return z;
}

struct model {
	unsigned op, mask;
	uint64_t a[2], b[2], want[2];
	struct outcome o;
};

/* Write the first digits of v, n of them, with the characteristic modulo 128. */
static void number_write(const struct number *v, char format, uint64_t x[2])
{
	uint64_t part[2] = { 0, 0 }, sign = v->negative ? 0x8000000000000000u : 0;

	for (unsigned i = 0; i < format_digits(format); i++)
		part[i / 14] |= (uint64_t)v->digit[i] << (52 - 4 * (i % 14));
	part[0] |= sign | (uint64_t)(v->exponent & 127) << 56;
	if (format == 's') {
		x[0] = part[0] | (x[0] & 0xFFFFFFFF);
		return;
	}
	x[0] = part[0];
	if (format == 'x')
		x[1] = part[1] | sign | (uint64_t)((v->exponent - 14) & 127) << 56;
}

static void write_zero(char format, uint64_t x[2])
{
	x[0] = format == 's' ? x[0] & 0xFFFFFFFF : 0;
	if (format == 'x')
		x[1] = 0;
}

/* A result that is not zero. */
static void model_result(struct model *m, const struct number *v, char format)
{
	number_write(v, format, m->want);
	if (v->exponent > 127) {
		m->o.pic = PIC_EXPONENT_OVERFLOW;
	} else if (v->exponent < 0 && (m->mask & UF)) {
		m->o.pic = PIC_EXPONENT_UNDERFLOW;
	} else if (v->exponent < 0) {
		write_zero(format, m->want);
		if (m->o.cc != KEPT)
			m->o.cc = 0;
	}
}

static void model_add(struct model *m, char format, bool subtract, bool normalized)
{
	struct number x = number_read(m->a, format), y = number_read(m->b, format), z;

	y.negative ^= subtract;
	z = number_sum(x, y);
	if (!normalized)
		cut(&z, x.n);
	m->o.cc = number_zero(&z) ? 0 : z.negative ? 1 : 2;
	if (m->o.cc != 0) {
		if (normalized)
			normalize(&z);
		model_result(m, &z, format);
	} else if (m->mask & SIG) {
		z.negative = false;
		number_write(&z, format, m->want);
		m->o.pic = PIC_SIGNIFICANCE;
	} else {
		write_zero(format, m->want);
	}
}

static void model_compare(struct model *m, char format)
{
	struct number x = number_read(m->a, format), y = number_read(m->b, format), z;

	y.negative = !y.negative;
	z = number_sum(x, y);
	m->o.cc = number_zero(&z) ? 0 : z.negative ? 1 : 2;
}

static void model_multiply(struct model *m, char from, char to)
{
	struct number x = number_read(m->a, from), y = number_read(m->b, from), z;

	if (number_zero(&x) || number_zero(&y)) {
		write_zero(to, m->want);
		return;
	}
	z = number_product(x, y);
	model_result(m, &z, to);
}

static void model_divide(struct model *m, char format)
{
	struct number x = number_read(m->a, format), y = number_read(m->b, format), z;

	if (number_zero(&y)) {
		m->o.pic = PIC_FLOAT_DIVIDE;
	} else if (number_zero(&x)) {
		write_zero(format, m->want);
	} else {
		z = number_quotient(x, y);
		model_result(m, &z, format);
	}
}

/* b times 8/16, so 1/2 */
static void model_halve(struct model *m, char format)
{
	struct number x = number_read(m->b, format), z = { .exponent = x.exponent };

	if (number_zero(&x)) {
		write_zero(format, m->want);
		return;
	}
	for (unsigned i = 0; i < x.n; i++) {
		z.digit[i] |= x.digit[i] / 2;
		z.digit[i + 1] = x.digit[i] % 2 * 8;
	}
	z.negative = x.negative;
	normalize(&z);
	model_result(m, &z, format);
}

static void model_round(struct model *m, char from, char to)
{
	struct number x = number_read(m->b, from), one = { 0 };
	unsigned n = format_digits(to);

	one.digit[n] = 8;
	if (add_digits(&x, &one, 1)) {
		shift_right(&x);
		x.digit[0] = 1;
	}
	cut(&x, n);
	model_result(m, &x, to);
}

static void model_run(struct model *m)
{
	char format = m->op == 0x36 || m->op == 0x37 ? 'x' : m->op & 0x10 ? 's' : 'l';

	m->o = (struct outcome){ .cc = KEPT };
	memcpy(m->want, m->a, sizeof(m->want));
	switch (m->op) {
	case 0x3A:
	case 0x7A:
	case 0x2A:
	case 0x6A:
	case 0x36: model_add(m, format, false, true); break;
	case 0x3B:
	case 0x7B:
	case 0x2B:
	case 0x6B:
	case 0x37: model_add(m, format, true, true); break;
	case 0x3E:
	case 0x7E:
	case 0x2E:
	case 0x6E: model_add(m, format, false, false); break;
	case 0x3F:
	case 0x7F:
	case 0x2F:
	case 0x6F: model_add(m, format, true, false); break;
	case 0x39:
	case 0x79:
	case 0x29:
	case 0x69: model_compare(m, format); break;
	case 0x3C:
	case 0x7C:
	case 0x2C:
	case 0x6C: model_multiply(m, format, 'l'); break;
	case 0x27:
	case 0x67: model_multiply(m, 'l', 'x'); break;
	case 0x26: model_multiply(m, 'x', 'x'); break;
	case 0x3D:
	case 0x7D:
	case 0x2D:
	case 0x6D: model_divide(m, format); break;
	case 0xB22D: model_divide(m, 'x'); break;
	case 0x34:
	case 0x24: model_halve(m, format); break;
	case 0x35: model_round(m, 'l', 's'); break;
	case 0x25: model_round(m, 'x', 'l'); break;
	}
}

/* Few leading digits, few trailing digits, near characteristics: all are likely. */
static uint64_t random_fraction(struct insn_rig *r)
{
	uint64_t f = rig_random(r) & 0x00FFFFFFFFFFFFFF;

	switch (rig_below(r, 6)) {
	case 0: return f >> 4 * rig_below(r, 15);
	case 1: return f & ~(uint64_t)0 << 4 * rig_below(r, 15);
	case 2: return 0x00FFFFFFFFFFFFFF & ~(uint64_t)0 << 4 * rig_below(r, 15);
	case 3: return (uint64_t)1 << rig_below(r, 56);
	case 4: return rig_below(r, 4) ? f : 0;
	default: return f;
	}
}

static uint64_t random_long(struct insn_rig *r)
{
	unsigned near = rig_below(r, 3);
	uint64_t characteristic = near == 0 ? rig_below(r, 128) : 0x38 + rig_below(r, 16);

	if (near == 1 && rig_below(r, 4) == 0)
		characteristic =
			rig_below(r, 2) ? rig_below(r, 6) : 122 + rig_below(r, 6);
	return rig_random(r) << 63 | characteristic << 56 | random_fraction(r);
}

static void random_case(struct insn_rig *r, unsigned op)
{
	struct model m = { .op = op, .mask = rig_below(r, 4) };
	struct outcome o;

	for (unsigned i = 0; i < 2; i++) {
		m.a[i] = random_long(r);
		m.b[i] = random_long(r);
	}
	if (rig_below(r, 4) == 0) /* cancellation */
		m.b[0] = m.a[0] ^
			 (rig_random(r) & (0x8000000000000000 | rig_below(r, 256)));
	model_run(&m);
	r->blocks = rig_below(r, 4) != 0;
	set_operands(r, op, m.a, m.b);
	o = run_op(r, op, KEPT, m.mask);
	ck_assert_msg(o.pic == m.o.pic && o.cc == m.o.cc,
		      "%02X %016llX %016llX: %u %u, not %u %u", op,
		      (unsigned long long)m.a[0], (unsigned long long)m.b[0], o.pic, o.cc,
		      m.o.pic, m.o.cc);
	ck_assert_msg(cpu370_fpr(r->cpu, 0) == m.want[0] &&
			      cpu370_fpr(r->cpu, 2) == m.want[1],
		      "%02X %016llX %016llX: %016llX %016llX, not %016llX %016llX", op,
		      (unsigned long long)m.a[0], (unsigned long long)m.b[0],
		      (unsigned long long)cpu370_fpr(r->cpu, 0),
		      (unsigned long long)cpu370_fpr(r->cpu, 2),
		      (unsigned long long)m.want[0], (unsigned long long)m.want[1]);
}

static const unsigned random_ops[] = {
	0x24, 0x25, 0x26, 0x27, 0x29, 0x2A, 0x2B, 0x2C, 0x2D, 0x2E, 0x2F, 0x34,	  0x35,
	0x36, 0x37, 0x39, 0x3A, 0x3B, 0x3C, 0x3D, 0x3E, 0x3F, 0x67, 0x69, 0x6A,	  0x6B,
	0x6C, 0x6D, 0x6E, 0x6F, 0x79, 0x7A, 0x7B, 0x7C, 0x7D, 0x7E, 0x7F, 0xB22D,
};

START_TEST(random_operands_agree_with_the_model)
{
	struct insn_rig r;

	rig_init(&r);
	for (int i = 0; i < 2000; i++)
		random_case(&r, random_ops[_i]);
	rig_free(&r);
}
END_TEST

static Suite *hfp_suite(void)
{
	Suite *s = suite_create("hfp");
	TCase *tc = tcase_create("hfp");

	tcase_add_loop_test(tc, table_of_the_manual, 0,
			    2 * (int)(sizeof(cases) / sizeof(cases[0])));
	tcase_add_loop_test(tc, stores, 0, 3);
	tcase_add_loop_test(tc, other_registers_are_specification_exceptions, 0,
			    (int)(sizeof(rules) / sizeof(rules[0])));
	tcase_add_loop_test(tc, random_operands_agree_with_the_model, 0,
			    (int)(sizeof(random_ops) / sizeof(random_ops[0])));
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(hfp_suite());
}
