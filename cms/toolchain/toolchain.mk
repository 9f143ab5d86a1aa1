# make fuzz-asm: the libFuzzer program build-fuzz/fuzz_asm and its first corpus
.PHONY: fuzz-asm
fuzz-asm:
	+@$(MAKE) --no-print-directory CC=clang BUILD=build-fuzz OPT=-O1 \
		SAN=address,undefined EXTRA_CFLAGS=-fsanitize=fuzzer-no-link \
		build-fuzz/fuzz_asm

$(BUILD)/fuzz_asm: tests/fuzz/fuzz_asm.c $(BUILD)/toolchain.a $(BUILD)/cpu370.a \
		$(BUILD)/base.a
	$(CC) $(CFLAGS) -fsanitize=fuzzer -o $@ $^
