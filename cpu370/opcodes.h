/*
 * cpu370/opcodes.h - every System/370 instruction, one row each.
 *
 * GA22-7000, "System/370 Principles of Operation". The rows are the only list
 * of instructions in the tree: the assembler and the disassembler take names,
 * formats and operand kinds from them, the CPU its dispatch table, and the
 * reference documentation its tables.
 *
 * A row is
 *
 *   OP(function, "MNEMONIC", opcode, format, operand, flags, "MANUAL TITLE")
 *
 * function  the instruction's name in C: the CPU executes it in op_<function>
 * opcode    X'00'-X'FF', or X'nnnn' where the second byte selects too
 * format    an enum insn_format without its FMT_
 * operand   bytes of the storage operand that an assembler aligns and a
 *           System/360 insists on (2, 4 or 8); 1 where there is no boundary
 * flags     OPF_ bits
 *
 * Nothing here runs anything and nothing has state.
 */
#ifndef CPU370_OPCODES_H
#define CPU370_OPCODES_H

#include <stddef.h>
#include <stdint.h>

/*
 * Formats: how the bytes are laid out and what an assembler statement looks
 * like. R registers, M mask, I immediate byte, D displacement, B base, X index,
 * L length. A field that a format does not name is zero.
 */
enum insn_format {
	FMT_RR,   /* op r1r2               R1,R2 */
	FMT_RR1,  /* op r1 0               R1             SPM */
	FMT_RRM,  /* op m1r2               M1,R2          BCR */
	FMT_RRI,  /* op ii                 I              SVC */
	FMT_RRE,  /* op op 00 r1r2         R1,R2 */
	FMT_RRE1, /* op op 00 r1 0         R1             EPAR */
	FMT_RX,   /* op r1x2 b2d2          R1,D2(X2,B2) */
	FMT_RXM,  /* op m1x2 b2d2          M1,D2(X2,B2)   BC */
	FMT_RS,   /* op r1r3 b2d2          R1,R3,D2(B2) */
	FMT_RSS,  /* op r1 0 b2d2          R1,D2(B2)      shifts */
	FMT_RSM,  /* op r1m3 b2d2          R1,M3,D2(B2)   ICM */
	FMT_SI,   /* op ii b1d1            D1(B1),I2 */
	FMT_S,    /* op op b2d2            D2(B2); with a one-byte opcode byte 1 is 0 */
	FMT_S0,   /* op op 0000            (none)         PTLB */
	FMT_SS1,  /* op ll b1d1 b2d2       D1(L,B1),D2(B2) */
	FMT_SS2,  /* op l1l2 b1d1 b2d2     D1(L1,B1),D2(L2,B2) */
	FMT_SS3,  /* op l1i3 b1d1 b2d2     D1(L1,B1),D2(B2),I3   SRP */
	FMT_SSR,  /* op r1r3 b1d1 b2d2     D1(R1,B1),D2(B2),R3   MVCK */
	FMT_SSE,  /* op op b1d1 b2d2       D1(B1),D2(B2) */
};

enum opcode_flag {
	OPF_PRIV = 1 << 0,  /* privileged */
	OPF_SEMI = 1 << 1,  /* semiprivileged: the operation checks by itself */
	OPF_END = 1 << 2,   /* may change PSW, control or translation: ends a block */
	OPF_BRANCH = 1 << 3,
	OPF_370 = 1 << 4,   /* not on a System/360 */
	OPF_DAS = 1 << 5,   /* dual-address-space facility */
	OPF_OPT = 1 << 6,   /* listed for the tools; operation exception here */
	OPF_EVEN1 = 1 << 7, /* R1 names an even-odd pair */
	OPF_EVEN2 = 1 << 8, /* R2 */
	OPF_EVEN3 = 1 << 9, /* R3 */
	OPF_F1 = 1 << 10,   /* R1 is a floating-point register */
	OPF_F2 = 1 << 11,   /* R2 (RR formats) */
	OPF_X1 = 1 << 12,   /* R1 is an extended operand: register 0 or 4 */
	OPF_X2 = 1 << 13,   /* R2 */
	OPF_GR1 = 1 << 14,  /* alters general register R1 (PER) */
	OPF_GRP = 1 << 15,  /* alters the pair R1, R1+1 */
	OPF_STORE = 1 << 16, /* stores into the first or only storage operand */
	OPF_FETCH = 1 << 17, /* fetches a storage operand */
};

/* clang-format off */

/* GA22-7000, "General Instructions". */
#define OPCODES_GENERAL(OP) \
OP(spm,  "SPM",  0x04, RR1,  1, 0, "SET PROGRAM MASK") \
OP(balr, "BALR", 0x05, RR,   1, OPF_BRANCH | OPF_GR1, "BRANCH AND LINK") \
OP(bctr, "BCTR", 0x06, RR,   1, OPF_BRANCH | OPF_GR1, "BRANCH ON COUNT") \
OP(bcr,  "BCR",  0x07, RRM,  1, OPF_BRANCH, "BRANCH ON CONDITION") \
OP(svc,  "SVC",  0x0A, RRI,  1, OPF_END, "SUPERVISOR CALL") \
OP(basr, "BASR", 0x0D, RR,   1, OPF_BRANCH | OPF_GR1 | OPF_370, "BRANCH AND SAVE") \
OP(mvcl, "MVCL", 0x0E, RR,   1, OPF_370 | OPF_EVEN1 | OPF_EVEN2 | OPF_END, "MOVE LONG") \
OP(clcl, "CLCL", 0x0F, RR,   1, OPF_370 | OPF_EVEN1 | OPF_EVEN2 | OPF_END, "COMPARE LOGICAL LONG") \
OP(lpr,  "LPR",  0x10, RR,   1, OPF_GR1, "LOAD POSITIVE") \
OP(lnr,  "LNR",  0x11, RR,   1, OPF_GR1, "LOAD NEGATIVE") \
OP(ltr,  "LTR",  0x12, RR,   1, OPF_GR1, "LOAD AND TEST") \
OP(lcr,  "LCR",  0x13, RR,   1, OPF_GR1, "LOAD COMPLEMENT") \
OP(nr,   "NR",   0x14, RR,   1, OPF_GR1, "AND") \
OP(clr,  "CLR",  0x15, RR,   1, 0, "COMPARE LOGICAL") \
OP(or,   "OR",   0x16, RR,   1, OPF_GR1, "OR") \
OP(xr,   "XR",   0x17, RR,   1, OPF_GR1, "EXCLUSIVE OR") \
OP(lr,   "LR",   0x18, RR,   1, OPF_GR1, "LOAD") \
OP(cr,   "CR",   0x19, RR,   1, 0, "COMPARE") \
OP(ar,   "AR",   0x1A, RR,   1, OPF_GR1, "ADD") \
OP(sr,   "SR",   0x1B, RR,   1, OPF_GR1, "SUBTRACT") \
OP(mr,   "MR",   0x1C, RR,   1, OPF_EVEN1 | OPF_GRP, "MULTIPLY") \
OP(dr,   "DR",   0x1D, RR,   1, OPF_EVEN1 | OPF_GRP, "DIVIDE") \
OP(alr,  "ALR",  0x1E, RR,   1, OPF_GR1, "ADD LOGICAL") \
OP(slr,  "SLR",  0x1F, RR,   1, OPF_GR1, "SUBTRACT LOGICAL") \
OP(sth,  "STH",  0x40, RX,   2, OPF_STORE, "STORE HALFWORD") \
OP(la,   "LA",   0x41, RX,   1, OPF_GR1, "LOAD ADDRESS") \
OP(stc,  "STC",  0x42, RX,   1, OPF_STORE, "STORE CHARACTER") \
OP(ic,   "IC",   0x43, RX,   1, OPF_FETCH | OPF_GR1, "INSERT CHARACTER") \
OP(ex,   "EX",   0x44, RX,   2, 0, "EXECUTE") \
OP(bal,  "BAL",  0x45, RX,   1, OPF_BRANCH | OPF_GR1, "BRANCH AND LINK") \
OP(bct,  "BCT",  0x46, RX,   1, OPF_BRANCH | OPF_GR1, "BRANCH ON COUNT") \
OP(bc,   "BC",   0x47, RXM,  1, OPF_BRANCH, "BRANCH ON CONDITION") \
OP(lh,   "LH",   0x48, RX,   2, OPF_FETCH | OPF_GR1, "LOAD HALFWORD") \
OP(ch,   "CH",   0x49, RX,   2, OPF_FETCH, "COMPARE HALFWORD") \
OP(ah,   "AH",   0x4A, RX,   2, OPF_FETCH | OPF_GR1, "ADD HALFWORD") \
OP(sh,   "SH",   0x4B, RX,   2, OPF_FETCH | OPF_GR1, "SUBTRACT HALFWORD") \
OP(mh,   "MH",   0x4C, RX,   2, OPF_FETCH | OPF_GR1, "MULTIPLY HALFWORD") \
OP(bas,  "BAS",  0x4D, RX,   1, OPF_BRANCH | OPF_GR1 | OPF_370, "BRANCH AND SAVE") \
OP(cvd,  "CVD",  0x4E, RX,   8, OPF_STORE, "CONVERT TO DECIMAL") \
OP(cvb,  "CVB",  0x4F, RX,   8, OPF_FETCH | OPF_GR1, "CONVERT TO BINARY") \
OP(st,   "ST",   0x50, RX,   4, OPF_STORE, "STORE") \
OP(n,    "N",    0x54, RX,   4, OPF_FETCH | OPF_GR1, "AND") \
OP(cl,   "CL",   0x55, RX,   4, OPF_FETCH, "COMPARE LOGICAL") \
OP(o,    "O",    0x56, RX,   4, OPF_FETCH | OPF_GR1, "OR") \
OP(x,    "X",    0x57, RX,   4, OPF_FETCH | OPF_GR1, "EXCLUSIVE OR") \
OP(l,    "L",    0x58, RX,   4, OPF_FETCH | OPF_GR1, "LOAD") \
OP(c,    "C",    0x59, RX,   4, OPF_FETCH, "COMPARE") \
OP(a,    "A",    0x5A, RX,   4, OPF_FETCH | OPF_GR1, "ADD") \
OP(s,    "S",    0x5B, RX,   4, OPF_FETCH | OPF_GR1, "SUBTRACT") \
OP(m,    "M",    0x5C, RX,   4, OPF_FETCH | OPF_EVEN1 | OPF_GRP, "MULTIPLY") \
OP(d,    "D",    0x5D, RX,   4, OPF_FETCH | OPF_EVEN1 | OPF_GRP, "DIVIDE") \
OP(al,   "AL",   0x5E, RX,   4, OPF_FETCH | OPF_GR1, "ADD LOGICAL") \
OP(sl,   "SL",   0x5F, RX,   4, OPF_FETCH | OPF_GR1, "SUBTRACT LOGICAL") \
OP(bxh,  "BXH",  0x86, RS,   1, OPF_BRANCH | OPF_GR1, "BRANCH ON INDEX HIGH") \
OP(bxle, "BXLE", 0x87, RS,   1, OPF_BRANCH | OPF_GR1, "BRANCH ON INDEX LOW OR EQUAL") \
OP(srl,  "SRL",  0x88, RSS,  1, OPF_GR1, "SHIFT RIGHT SINGLE LOGICAL") \
OP(sll,  "SLL",  0x89, RSS,  1, OPF_GR1, "SHIFT LEFT SINGLE LOGICAL") \
OP(sra,  "SRA",  0x8A, RSS,  1, OPF_GR1, "SHIFT RIGHT SINGLE") \
OP(sla,  "SLA",  0x8B, RSS,  1, OPF_GR1, "SHIFT LEFT SINGLE") \
OP(srdl, "SRDL", 0x8C, RSS,  1, OPF_EVEN1 | OPF_GRP, "SHIFT RIGHT DOUBLE LOGICAL") \
OP(sldl, "SLDL", 0x8D, RSS,  1, OPF_EVEN1 | OPF_GRP, "SHIFT LEFT DOUBLE LOGICAL") \
OP(srda, "SRDA", 0x8E, RSS,  1, OPF_EVEN1 | OPF_GRP, "SHIFT RIGHT DOUBLE") \
OP(slda, "SLDA", 0x8F, RSS,  1, OPF_EVEN1 | OPF_GRP, "SHIFT LEFT DOUBLE") \
OP(stm,  "STM",  0x90, RS,   4, OPF_STORE, "STORE MULTIPLE") \
OP(tm,   "TM",   0x91, SI,   1, OPF_FETCH, "TEST UNDER MASK") \
OP(mvi,  "MVI",  0x92, SI,   1, OPF_STORE, "MOVE") \
OP(ts,   "TS",   0x93, S,    1, OPF_STORE, "TEST AND SET") \
OP(ni,   "NI",   0x94, SI,   1, OPF_STORE | OPF_FETCH, "AND") \
OP(cli,  "CLI",  0x95, SI,   1, OPF_FETCH, "COMPARE LOGICAL") \
OP(oi,   "OI",   0x96, SI,   1, OPF_STORE | OPF_FETCH, "OR") \
OP(xi,   "XI",   0x97, SI,   1, OPF_STORE | OPF_FETCH, "EXCLUSIVE OR") \
OP(lm,   "LM",   0x98, RS,   4, OPF_FETCH, "LOAD MULTIPLE") \
OP(mc,   "MC",   0xAF, SI,   1, OPF_370, "MONITOR CALL") \
OP(cs,   "CS",   0xBA, RS,   4, OPF_370 | OPF_STORE, "COMPARE AND SWAP") \
OP(cds,  "CDS",  0xBB, RS,   8, OPF_370 | OPF_STORE | OPF_EVEN1 | OPF_EVEN3, \
	"COMPARE DOUBLE AND SWAP") \
OP(clm,  "CLM",  0xBD, RSM,  1, OPF_370 | OPF_FETCH, \
	"COMPARE LOGICAL CHARACTERS UNDER MASK") \
OP(stcm, "STCM", 0xBE, RSM,  1, OPF_370 | OPF_STORE, "STORE CHARACTERS UNDER MASK") \
OP(icm,  "ICM",  0xBF, RSM,  1, OPF_370 | OPF_FETCH | OPF_GR1, \
	"INSERT CHARACTERS UNDER MASK") \
OP(mvn,  "MVN",  0xD1, SS1,  1, OPF_STORE | OPF_FETCH, "MOVE NUMERICS") \
OP(mvc,  "MVC",  0xD2, SS1,  1, OPF_STORE | OPF_FETCH, "MOVE") \
OP(mvz,  "MVZ",  0xD3, SS1,  1, OPF_STORE | OPF_FETCH, "MOVE ZONES") \
OP(nc,   "NC",   0xD4, SS1,  1, OPF_STORE | OPF_FETCH, "AND") \
OP(clc,  "CLC",  0xD5, SS1,  1, OPF_FETCH, "COMPARE LOGICAL") \
OP(oc,   "OC",   0xD6, SS1,  1, OPF_STORE | OPF_FETCH, "OR") \
OP(xc,   "XC",   0xD7, SS1,  1, OPF_STORE | OPF_FETCH, "EXCLUSIVE OR") \
OP(tr,   "TR",   0xDC, SS1,  1, OPF_STORE | OPF_FETCH, "TRANSLATE") \
OP(trt,  "TRT",  0xDD, SS1,  1, OPF_FETCH, "TRANSLATE AND TEST") \
OP(mvcin, "MVCIN", 0xE8, SS1, 1, OPF_370 | OPF_STORE | OPF_FETCH, "MOVE INVERSE") \
OP(mvo,  "MVO",  0xF1, SS2,  1, OPF_STORE | OPF_FETCH, "MOVE WITH OFFSET") \
OP(pack, "PACK", 0xF2, SS2,  1, OPF_STORE | OPF_FETCH, "PACK") \
OP(unpk, "UNPK", 0xF3, SS2,  1, OPF_STORE | OPF_FETCH, "UNPACK") \
OP(stck, "STCK", 0xB205, S,  1, OPF_370 | OPF_STORE, "STORE CLOCK")

/* GA22-7000, "Decimal Instructions". Executed in cpu370/decimal.c. */
#define OPCODES_DECIMAL(OP) \
OP(ed,   "ED",   0xDE, SS1,  1, OPF_STORE | OPF_FETCH, "EDIT") \
OP(edmk, "EDMK", 0xDF, SS1,  1, OPF_STORE | OPF_FETCH, "EDIT AND MARK") \
OP(srp,  "SRP",  0xF0, SS3,  1, OPF_370 | OPF_STORE | OPF_FETCH, "SHIFT AND ROUND DECIMAL") \
OP(zap,  "ZAP",  0xF8, SS2,  1, OPF_STORE | OPF_FETCH, "ZERO AND ADD") \
OP(cp,   "CP",   0xF9, SS2,  1, OPF_FETCH, "COMPARE DECIMAL") \
OP(ap,   "AP",   0xFA, SS2,  1, OPF_STORE | OPF_FETCH, "ADD DECIMAL") \
OP(sp,   "SP",   0xFB, SS2,  1, OPF_STORE | OPF_FETCH, "SUBTRACT DECIMAL") \
OP(mp,   "MP",   0xFC, SS2,  1, OPF_STORE | OPF_FETCH, "MULTIPLY DECIMAL") \
OP(dp,   "DP",   0xFD, SS2,  1, OPF_STORE | OPF_FETCH, "DIVIDE DECIMAL")

/* GA22-7000, "Floating-Point Instructions". Executed in cpu370/hfp.c. */
#define OPCODES_FLOAT(OP) \
OP(lpdr, "LPDR", 0x20, RR,   1, OPF_F1 | OPF_F2, "LOAD POSITIVE (long)") \
OP(lndr, "LNDR", 0x21, RR,   1, OPF_F1 | OPF_F2, "LOAD NEGATIVE (long)") \
OP(ltdr, "LTDR", 0x22, RR,   1, OPF_F1 | OPF_F2, "LOAD AND TEST (long)") \
OP(lcdr, "LCDR", 0x23, RR,   1, OPF_F1 | OPF_F2, "LOAD COMPLEMENT (long)") \
OP(hdr,  "HDR",  0x24, RR,   1, OPF_F1 | OPF_F2, "HALVE (long)") \
OP(lrdr, "LRDR", 0x25, RR,   1, OPF_370 | OPF_F1 | OPF_X2, "LOAD ROUNDED (extended to long)") \
OP(mxr,  "MXR",  0x26, RR,   1, OPF_370 | OPF_X1 | OPF_X2, "MULTIPLY (extended)") \
OP(mxdr, "MXDR", 0x27, RR,   1, OPF_370 | OPF_X1 | OPF_F2, "MULTIPLY (long to extended)") \
OP(ldr,  "LDR",  0x28, RR,   1, OPF_F1 | OPF_F2, "LOAD (long)") \
OP(cdr,  "CDR",  0x29, RR,   1, OPF_F1 | OPF_F2, "COMPARE (long)") \
OP(adr,  "ADR",  0x2A, RR,   1, OPF_F1 | OPF_F2, "ADD NORMALIZED (long)") \
OP(sdr,  "SDR",  0x2B, RR,   1, OPF_F1 | OPF_F2, "SUBTRACT NORMALIZED (long)") \
OP(mdr,  "MDR",  0x2C, RR,   1, OPF_F1 | OPF_F2, "MULTIPLY (long)") \
OP(ddr,  "DDR",  0x2D, RR,   1, OPF_F1 | OPF_F2, "DIVIDE (long)") \
OP(awr,  "AWR",  0x2E, RR,   1, OPF_F1 | OPF_F2, "ADD UNNORMALIZED (long)") \
OP(swr,  "SWR",  0x2F, RR,   1, OPF_F1 | OPF_F2, "SUBTRACT UNNORMALIZED (long)") \
OP(lper, "LPER", 0x30, RR,   1, OPF_F1 | OPF_F2, "LOAD POSITIVE (short)") \
OP(lner, "LNER", 0x31, RR,   1, OPF_F1 | OPF_F2, "LOAD NEGATIVE (short)") \
OP(lter, "LTER", 0x32, RR,   1, OPF_F1 | OPF_F2, "LOAD AND TEST (short)") \
OP(lcer, "LCER", 0x33, RR,   1, OPF_F1 | OPF_F2, "LOAD COMPLEMENT (short)") \
OP(her,  "HER",  0x34, RR,   1, OPF_F1 | OPF_F2, "HALVE (short)") \
OP(lrer, "LRER", 0x35, RR,   1, OPF_370 | OPF_F1 | OPF_F2, "LOAD ROUNDED (long to short)") \
OP(axr,  "AXR",  0x36, RR,   1, OPF_370 | OPF_X1 | OPF_X2, "ADD NORMALIZED (extended)") \
OP(sxr,  "SXR",  0x37, RR,   1, OPF_370 | OPF_X1 | OPF_X2, "SUBTRACT NORMALIZED (extended)") \
OP(ler,  "LER",  0x38, RR,   1, OPF_F1 | OPF_F2, "LOAD (short)") \
OP(cer,  "CER",  0x39, RR,   1, OPF_F1 | OPF_F2, "COMPARE (short)") \
OP(aer,  "AER",  0x3A, RR,   1, OPF_F1 | OPF_F2, "ADD NORMALIZED (short)") \
OP(ser,  "SER",  0x3B, RR,   1, OPF_F1 | OPF_F2, "SUBTRACT NORMALIZED (short)") \
OP(mer,  "MER",  0x3C, RR,   1, OPF_F1 | OPF_F2, "MULTIPLY (short to long)") \
OP(der,  "DER",  0x3D, RR,   1, OPF_F1 | OPF_F2, "DIVIDE (short)") \
OP(aur,  "AUR",  0x3E, RR,   1, OPF_F1 | OPF_F2, "ADD UNNORMALIZED (short)") \
OP(sur,  "SUR",  0x3F, RR,   1, OPF_F1 | OPF_F2, "SUBTRACT UNNORMALIZED (short)") \
OP(std,  "STD",  0x60, RX,   8, OPF_STORE | OPF_F1, "STORE (long)") \
OP(mxd,  "MXD",  0x67, RX,   8, OPF_370 | OPF_FETCH | OPF_X1, "MULTIPLY (long to extended)") \
OP(ld,   "LD",   0x68, RX,   8, OPF_FETCH | OPF_F1, "LOAD (long)") \
OP(cd,   "CD",   0x69, RX,   8, OPF_FETCH | OPF_F1, "COMPARE (long)") \
OP(ad,   "AD",   0x6A, RX,   8, OPF_FETCH | OPF_F1, "ADD NORMALIZED (long)") \
OP(sd,   "SD",   0x6B, RX,   8, OPF_FETCH | OPF_F1, "SUBTRACT NORMALIZED (long)") \
OP(md,   "MD",   0x6C, RX,   8, OPF_FETCH | OPF_F1, "MULTIPLY (long)") \
OP(dd,   "DD",   0x6D, RX,   8, OPF_FETCH | OPF_F1, "DIVIDE (long)") \
OP(aw,   "AW",   0x6E, RX,   8, OPF_FETCH | OPF_F1, "ADD UNNORMALIZED (long)") \
OP(sw,   "SW",   0x6F, RX,   8, OPF_FETCH | OPF_F1, "SUBTRACT UNNORMALIZED (long)") \
OP(ste,  "STE",  0x70, RX,   4, OPF_STORE | OPF_F1, "STORE (short)") \
OP(le,   "LE",   0x78, RX,   4, OPF_FETCH | OPF_F1, "LOAD (short)") \
OP(ce,   "CE",   0x79, RX,   4, OPF_FETCH | OPF_F1, "COMPARE (short)") \
OP(ae,   "AE",   0x7A, RX,   4, OPF_FETCH | OPF_F1, "ADD NORMALIZED (short)") \
OP(se,   "SE",   0x7B, RX,   4, OPF_FETCH | OPF_F1, "SUBTRACT NORMALIZED (short)") \
OP(me,   "ME",   0x7C, RX,   4, OPF_FETCH | OPF_F1, "MULTIPLY (short to long)") \
OP(de,   "DE",   0x7D, RX,   4, OPF_FETCH | OPF_F1, "DIVIDE (short)") \
OP(au,   "AU",   0x7E, RX,   4, OPF_FETCH | OPF_F1, "ADD UNNORMALIZED (short)") \
OP(su,   "SU",   0x7F, RX,   4, OPF_FETCH | OPF_F1, "SUBTRACT UNNORMALIZED (short)") \
OP(dxr,  "DXR",  0xB22D, RRE, 1, OPF_370 | OPF_X1 | OPF_X2, "DIVIDE (extended)")

/* GA22-7000, "Control Instructions", and GA22-7000's dual-address-space part. */
#define OPCODES_CONTROL(OP) \
OP(ssk,  "SSK",  0x08, RR,   1, OPF_PRIV | OPF_END, "SET STORAGE KEY") \
OP(isk,  "ISK",  0x09, RR,   1, OPF_PRIV | OPF_GR1, "INSERT STORAGE KEY") \
OP(ssm,  "SSM",  0x80, S,    1, OPF_PRIV | OPF_END, "SET SYSTEM MASK") \
OP(lpsw, "LPSW", 0x82, S,    8, OPF_PRIV | OPF_END, "LOAD PSW") \
OP(diag, "DIAG", 0x83, RS,   1, OPF_PRIV | OPF_END, "DIAGNOSE") \
OP(wrd,  "WRD",  0x84, SI,   1, OPF_PRIV | OPF_OPT, "WRITE DIRECT") \
OP(rdd,  "RDD",  0x85, SI,   1, OPF_PRIV | OPF_OPT, "READ DIRECT") \
OP(stnsm, "STNSM", 0xAC, SI, 1, OPF_PRIV | OPF_END | OPF_370, "STORE THEN AND SYSTEM MASK") \
OP(stosm, "STOSM", 0xAD, SI, 1, OPF_PRIV | OPF_END | OPF_370, "STORE THEN OR SYSTEM MASK") \
OP(sigp, "SIGP", 0xAE, RS,   1, OPF_PRIV | OPF_END | OPF_370, "SIGNAL PROCESSOR") \
OP(lra,  "LRA",  0xB1, RX,   1, OPF_PRIV | OPF_370 | OPF_GR1, "LOAD REAL ADDRESS") \
OP(stctl, "STCTL", 0xB6, RS, 4, OPF_PRIV | OPF_370 | OPF_STORE, "STORE CONTROL") \
OP(lctl, "LCTL", 0xB7, RS,   4, OPF_PRIV | OPF_END | OPF_370, "LOAD CONTROL") \
OP(concs, "CONCS", 0xB200, S, 1, OPF_PRIV | OPF_END | OPF_370, "CONNECT CHANNEL SET") \
OP(discs, "DISCS", 0xB201, S, 1, OPF_PRIV | OPF_END | OPF_370, "DISCONNECT CHANNEL SET") \
OP(stidp, "STIDP", 0xB202, S, 8, OPF_PRIV | OPF_370 | OPF_STORE, "STORE CPU ID") \
OP(stidc, "STIDC", 0xB203, S, 1, OPF_PRIV | OPF_END | OPF_370, "STORE CHANNEL ID") \
OP(sck,  "SCK",  0xB204, S,  8, OPF_PRIV | OPF_END | OPF_370, "SET CLOCK") \
OP(sckc, "SCKC", 0xB206, S,  8, OPF_PRIV | OPF_END | OPF_370, "SET CLOCK COMPARATOR") \
OP(stckc, "STCKC", 0xB207, S, 8, OPF_PRIV | OPF_370 | OPF_STORE, "STORE CLOCK COMPARATOR") \
OP(spt,  "SPT",  0xB208, S,  8, OPF_PRIV | OPF_END | OPF_370, "SET CPU TIMER") \
OP(stpt, "STPT", 0xB209, S,  8, OPF_PRIV | OPF_370 | OPF_STORE, "STORE CPU TIMER") \
OP(spka, "SPKA", 0xB20A, S,  1, OPF_SEMI | OPF_END | OPF_370, "SET PSW KEY FROM ADDRESS") \
OP(ipk,  "IPK",  0xB20B, S0, 1, OPF_SEMI | OPF_370, "INSERT PSW KEY") \
OP(ptlb, "PTLB", 0xB20D, S0, 1, OPF_PRIV | OPF_END | OPF_370, "PURGE TLB") \
OP(spx,  "SPX",  0xB210, S,  4, OPF_PRIV | OPF_END | OPF_370, "SET PREFIX") \
OP(stpx, "STPX", 0xB211, S,  4, OPF_PRIV | OPF_370 | OPF_STORE, "STORE PREFIX") \
OP(stap, "STAP", 0xB212, S,  2, OPF_PRIV | OPF_370 | OPF_STORE, "STORE CPU ADDRESS") \
OP(rrb,  "RRB",  0xB213, S,  1, OPF_PRIV | OPF_END | OPF_370, "RESET REFERENCE BIT") \
OP(pc,   "PC",   0xB218, S,  1, OPF_SEMI | OPF_END | OPF_370 | OPF_DAS, "PROGRAM CALL") \
OP(sac,  "SAC",  0xB219, S,  1, OPF_SEMI | OPF_END | OPF_370 | OPF_DAS, \
	"SET ADDRESS SPACE CONTROL") \
OP(ipte, "IPTE", 0xB221, RRE, 1, OPF_PRIV | OPF_END | OPF_370, "INVALIDATE PAGE TABLE ENTRY") \
OP(ivsk, "IVSK", 0xB223, RRE, 1, OPF_SEMI | OPF_370 | OPF_DAS | OPF_GR1, \
	"INSERT VIRTUAL STORAGE KEY") \
OP(iac,  "IAC",  0xB224, RRE1, 1, OPF_SEMI | OPF_370 | OPF_DAS | OPF_GR1, \
	"INSERT ADDRESS SPACE CONTROL") \
OP(ssar, "SSAR", 0xB225, RRE1, 1, OPF_SEMI | OPF_END | OPF_370 | OPF_DAS, "SET SECONDARY ASN") \
OP(epar, "EPAR", 0xB226, RRE1, 1, OPF_SEMI | OPF_370 | OPF_DAS | OPF_GR1, \
	"EXTRACT PRIMARY ASN") \
OP(esar, "ESAR", 0xB227, RRE1, 1, OPF_SEMI | OPF_370 | OPF_DAS | OPF_GR1, \
	"EXTRACT SECONDARY ASN") \
OP(pt,   "PT",   0xB228, RRE, 1, OPF_SEMI | OPF_END | OPF_370 | OPF_DAS, "PROGRAM TRANSFER") \
OP(iske, "ISKE", 0xB229, RRE, 1, OPF_PRIV | OPF_370 | OPF_GR1, "INSERT STORAGE KEY EXTENDED") \
OP(rrbe, "RRBE", 0xB22A, RRE, 1, OPF_PRIV | OPF_END | OPF_370, "RESET REFERENCE BIT EXTENDED") \
OP(sske, "SSKE", 0xB22B, RRE, 1, OPF_PRIV | OPF_END | OPF_370, "SET STORAGE KEY EXTENDED") \
OP(tb,   "TB",   0xB22C, RRE, 1, OPF_PRIV | OPF_END | OPF_370, "TEST BLOCK") \
OP(iucv, "IUCV", 0xB2F0, S,  1, OPF_PRIV | OPF_END | OPF_370, \
	"INTER-USER COMMUNICATION VEHICLE") \
OP(mvck, "MVCK", 0xD9, SSR,  1, OPF_SEMI | OPF_370 | OPF_DAS | OPF_STORE | OPF_FETCH, \
	"MOVE WITH KEY") \
OP(mvcp, "MVCP", 0xDA, SSR,  1, OPF_SEMI | OPF_370 | OPF_DAS | OPF_STORE | OPF_FETCH, \
	"MOVE TO PRIMARY") \
OP(mvcs, "MVCS", 0xDB, SSR,  1, OPF_SEMI | OPF_370 | OPF_DAS | OPF_STORE | OPF_FETCH, \
	"MOVE TO SECONDARY") \
OP(lasp, "LASP", 0xE500, SSE, 8, OPF_PRIV | OPF_END | OPF_370 | OPF_DAS, \
	"LOAD ADDRESS SPACE PARAMETERS") \
OP(tprot, "TPROT", 0xE501, SSE, 1, OPF_PRIV | OPF_370, "TEST PROTECTION")

/* GA22-7000, "Input/Output Operations". A System/360 ignores the second byte. */
#define OPCODES_IO(OP) \
OP(sio,  "SIO",  0x9C00, S, 1, OPF_PRIV | OPF_END, "START I/O") \
OP(siof, "SIOF", 0x9C01, S, 1, OPF_PRIV | OPF_END | OPF_370, "START I/O FAST RELEASE") \
OP(rio,  "RIO",  0x9C02, S, 1, OPF_PRIV | OPF_END | OPF_370, "RESUME I/O") \
OP(tio,  "TIO",  0x9D00, S, 1, OPF_PRIV | OPF_END, "TEST I/O") \
OP(clrio, "CLRIO", 0x9D01, S, 1, OPF_PRIV | OPF_END | OPF_370, "CLEAR I/O") \
OP(hio,  "HIO",  0x9E00, S, 1, OPF_PRIV | OPF_END, "HALT I/O") \
OP(hdv,  "HDV",  0x9E01, S, 1, OPF_PRIV | OPF_END | OPF_370, "HALT DEVICE") \
OP(tch,  "TCH",  0x9F00, S, 1, OPF_PRIV | OPF_END, "TEST CHANNEL") \
OP(clrch, "CLRCH", 0x9F01, S, 1, OPF_PRIV | OPF_END | OPF_370, "CLEAR CHANNEL")

/*
 * Machine-dependent assists: named for the disassembler. This CPU has none of
 * them, which is how a machine without the feature answers.
 */
#define OPCODES_ASSIST(OP) \
OP(assist, "ADDFRR", 0xB242, RRE, 1, OPF_PRIV | OPF_370 | OPF_OPT, "ADD FRR") \
OP(assist, "FIXPG", 0xE502, SSE, 1, OPF_PRIV | OPF_370 | OPF_OPT, "FIX PAGE") \
OP(assist, "SVCA",  0xE503, SSE, 1, OPF_PRIV | OPF_370 | OPF_OPT, "SVC ASSIST") \
OP(assist, "OBTLL", 0xE504, SSE, 1, OPF_PRIV | OPF_370 | OPF_OPT, "OBTAIN LOCAL LOCK") \
OP(assist, "RELLL", 0xE505, SSE, 1, OPF_PRIV | OPF_370 | OPF_OPT, "RELEASE LOCAL LOCK") \
OP(assist, "OBTCL", 0xE506, SSE, 1, OPF_PRIV | OPF_370 | OPF_OPT, "OBTAIN CMS LOCK") \
OP(assist, "RELCL", 0xE507, SSE, 1, OPF_PRIV | OPF_370 | OPF_OPT, "RELEASE CMS LOCK") \
OP(assist, "TRSVC", 0xE508, SSE, 1, OPF_PRIV | OPF_370 | OPF_OPT, "TRACE SVC INTERRUPTION") \
OP(assist, "TRPGM", 0xE509, SSE, 1, OPF_PRIV | OPF_370 | OPF_OPT, \
	"TRACE PROGRAM INTERRUPTION") \
OP(assist, "TRSRB", 0xE50A, SSE, 1, OPF_PRIV | OPF_370 | OPF_OPT, \
	"TRACE INITIAL SRB DISPATCH") \
OP(assist, "TRIO",  0xE50B, SSE, 1, OPF_PRIV | OPF_370 | OPF_OPT, "TRACE I/O INTERRUPTION") \
OP(assist, "TRTSK", 0xE50C, SSE, 1, OPF_PRIV | OPF_370 | OPF_OPT, "TRACE TASK DISPATCH") \
OP(assist, "TRRTN", 0xE50D, SSE, 1, OPF_PRIV | OPF_370 | OPF_OPT, "TRACE SVC RETURN") \
OP(assist, "FREE",  0xE600, SSE, 1, OPF_PRIV | OPF_370 | OPF_OPT, "OBTAIN FREE SPACE") \
OP(assist, "FRET",  0xE601, SSE, 1, OPF_PRIV | OPF_370 | OPF_OPT, "RELEASE FREE SPACE") \
OP(assist, "VLKPG", 0xE602, SSE, 1, OPF_PRIV | OPF_370 | OPF_OPT, "LOCK PAGE") \
OP(assist, "VULKP", 0xE603, SSE, 1, OPF_PRIV | OPF_370 | OPF_OPT, "UNLOCK PAGE") \
OP(assist, "DNCCW", 0xE604, SSE, 1, OPF_PRIV | OPF_370 | OPF_OPT, "DECODE NEXT CCW") \
OP(assist, "FCCWS", 0xE605, SSE, 1, OPF_PRIV | OPF_370 | OPF_OPT, "FREE CCW STORAGE") \
OP(assist, "SCNVU", 0xE606, SSE, 1, OPF_PRIV | OPF_370 | OPF_OPT, "SCAN VIRTUAL UNIT") \
OP(assist, "DISP1", 0xE607, SSE, 1, OPF_PRIV | OPF_370 | OPF_OPT, "DISPATCH 1") \
OP(assist, "TRBRG", 0xE608, SSE, 1, OPF_PRIV | OPF_370 | OPF_OPT, "TRANSLATE PAGE, BRANCH") \
OP(assist, "TRLCK", 0xE609, SSE, 1, OPF_PRIV | OPF_370 | OPF_OPT, "TRANSLATE PAGE, LOCK") \
OP(assist, "VIST",  0xE60A, SSE, 1, OPF_PRIV | OPF_370 | OPF_OPT, \
	"INVALIDATE SEGMENT TABLE") \
OP(assist, "VIPT",  0xE60B, SSE, 1, OPF_PRIV | OPF_370 | OPF_OPT, "INVALIDATE PAGE TABLE") \
OP(assist, "DFCCW", 0xE60C, SSE, 1, OPF_PRIV | OPF_370 | OPF_OPT, "DECODE FIRST CCW") \
OP(assist, "DISP0", 0xE60D, SSE, 1, OPF_PRIV | OPF_370 | OPF_OPT, "DISPATCH 0") \
OP(assist, "SCNRU", 0xE60E, SSE, 1, OPF_PRIV | OPF_370 | OPF_OPT, "SCAN REAL UNIT") \
OP(assist, "CCWGN", 0xE60F, SSE, 1, OPF_PRIV | OPF_370 | OPF_OPT, "CCW GENERAL PROCESSING") \
OP(assist, "UXCCW", 0xE610, SSE, 1, OPF_PRIV | OPF_370 | OPF_OPT, "UNTRANSLATE CCW") \
OP(assist, "DISP2", 0xE611, SSE, 1, OPF_PRIV | OPF_370 | OPF_OPT, "DISPATCH 2") \
OP(assist, "STEVL", 0xE612, SSE, 1, OPF_PRIV | OPF_370 | OPF_OPT, "STORE ASSIST LEVEL") \
OP(assist, "LCSPG", 0xE613, SSE, 1, OPF_PRIV | OPF_370 | OPF_OPT, \
	"LOCATE CHANGED SHARED PAGE") \
OP(assist, "FREEX", 0xE614, SSE, 1, OPF_PRIV | OPF_370 | OPF_OPT, \
	"OBTAIN FREE SPACE EXTENDED") \
OP(assist, "FRETX", 0xE615, SSE, 1, OPF_PRIV | OPF_370 | OPF_OPT, \
	"RELEASE FREE SPACE EXTENDED") \
OP(assist, "PRFMA", 0xE616, SSE, 1, OPF_PRIV | OPF_370 | OPF_OPT, \
	"PREFERRED MACHINE ASSIST")

#define OPCODES(OP) \
	OPCODES_GENERAL(OP) OPCODES_DECIMAL(OP) OPCODES_FLOAT(OP) OPCODES_CONTROL(OP) \
	OPCODES_IO(OP) OPCODES_ASSIST(OP)

/*
 * Extended mnemonics: X("MNEMONIC", BC or BCR, mask). The assembler takes them
 * with the M1 operand left out.
 */
#define EXTENDED_MNEMONICS(X) \
	X("B", "BC", 15) X("BR", "BCR", 15) X("NOP", "BC", 0) X("NOPR", "BCR", 0) \
	X("BE", "BC", 8) X("BER", "BCR", 8) X("BNE", "BC", 7) X("BNER", "BCR", 7) \
	X("BH", "BC", 2) X("BHR", "BCR", 2) X("BNH", "BC", 13) X("BNHR", "BCR", 13) \
	X("BL", "BC", 4) X("BLR", "BCR", 4) X("BNL", "BC", 11) X("BNLR", "BCR", 11) \
	X("BZ", "BC", 8) X("BZR", "BCR", 8) X("BNZ", "BC", 7) X("BNZR", "BCR", 7) \
	X("BP", "BC", 2) X("BPR", "BCR", 2) X("BNP", "BC", 13) X("BNPR", "BCR", 13) \
	X("BM", "BC", 4) X("BMR", "BCR", 4) X("BNM", "BC", 11) X("BNMR", "BCR", 11) \
	X("BO", "BC", 1) X("BOR", "BCR", 1) X("BNO", "BC", 14) X("BNOR", "BCR", 14)

/* clang-format on */

enum opcode_chapter {
	CHAPTER_GENERAL,
	CHAPTER_DECIMAL,
	CHAPTER_FLOAT,
	CHAPTER_CONTROL,
	CHAPTER_IO,
	CHAPTER_ASSIST,
};

struct opcode {
	char mnemonic[8];
	uint16_t opcode; /* X'00'-X'FF', or two bytes */
	uint8_t format;  /* enum insn_format */
	uint8_t operand; /* 1, 2, 4 or 8 */
	uint32_t flags;
	uint8_t chapter; /* enum opcode_chapter */
	const char *title;
};

/* Every row, in the order of the lists above; opcode_count rows. */
extern const struct opcode opcode_rows[];
extern const size_t opcode_count;

struct extended_mnemonic {
	char mnemonic[6];
	char base[4]; /* "BC" or "BCR" */
	uint8_t mask;
};

extern const struct extended_mnemonic extended_mnemonics[];
extern const size_t extended_mnemonic_count;

/* The row for an instruction's first two bytes; NULL: not an instruction. */
const struct opcode *opcode_find(unsigned byte0, unsigned byte1);

/* The row with that mnemonic, upper case; NULL: none. */
const struct opcode *opcode_named(const char *mnemonic);

/* Length in bytes (2, 4 or 6) of an instruction with that first byte. */
static inline unsigned insn_length(unsigned byte0)
{
	return byte0 < 0x40 ? 2 : byte0 < 0xC0 ? 4 : 6;
}

#endif
