/*
 * cpu370/fast.h - handlers that are not in fast.c, for insn_choose().
 *
 * Each executes the frequent case and leaves the rest to run_op().
 */
#ifndef CPU370_FAST_H
#define CPU370_FAST_H

struct cpu370;
struct insn;

/* clang-format off */

/* FAST(opcode, handler): hfp_fast.c */
#define FAST_FLOAT(FAST) \
	FAST(0x22, fast_ltdr) FAST(0x38, fast_ler) \
	FAST(0x29, fast_cdr) FAST(0x2A, fast_adr) FAST(0x2B, fast_sdr) \
	FAST(0x2C, fast_mdr) FAST(0x2D, fast_ddr) \
	FAST(0x39, fast_cer) FAST(0x3A, fast_aer) FAST(0x3B, fast_ser) \
	FAST(0x3C, fast_mer) FAST(0x3D, fast_der) \
	FAST(0x69, fast_cd) FAST(0x6A, fast_ad) FAST(0x6B, fast_sd) \
	FAST(0x6C, fast_md) FAST(0x6D, fast_dd) \
	FAST(0x79, fast_ce) FAST(0x7A, fast_ae) FAST(0x7B, fast_se) \
	FAST(0x7C, fast_me) FAST(0x7D, fast_de)

/* decimal_fast.c */
#define FAST_DECIMAL(FAST) \
	FAST(0x4E, fast_cvd) FAST(0x4F, fast_cvb) FAST(0xF0, fast_srp) \
	FAST(0xF2, fast_pack) FAST(0xF3, fast_unpk) FAST(0xF8, fast_zap) \
	FAST(0xF9, fast_cp) FAST(0xFA, fast_ap) FAST(0xFB, fast_sp) \
	FAST(0xFC, fast_mp) FAST(0xFD, fast_dp)

/* clang-format on */

#define FAST_DECLARE(opcode, handler) \
	struct insn *handler(struct cpu370 *cpu, struct insn *in);
FAST_FLOAT(FAST_DECLARE)
FAST_DECIMAL(FAST_DECLARE)
#undef FAST_DECLARE

#endif
