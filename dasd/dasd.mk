# What the dasd room adds to the Makefile.

# Puts volumes under load for the system tests.
DASD_LOAD := $(BUILD)/tests/dasd_load
$(DASD_LOAD): $(call objects,tests/system/dasd_load.c) $(BUILD)/dasd.a $(BUILD)/base.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ -lz -lbz2
TEST_PROGRAMS += $(DASD_LOAD)

# Fuzzers over images, tapes and channel programs, with clang; tests/fuzz/run_dasd
# feeds them.
.PHONY: fuzz-dasd
DASD_FUZZERS := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_dasd_*.c))
fuzz-dasd: $(DASD_FUZZERS) $(BUILD)/fuzz/fuzz_channel
$(BUILD)/fuzz/fuzz_channel: tests/fuzz/fuzz_channel.c $(wildcard devices/*.[ch] cpu370/*.[ch] dasd/*.[ch] base/*.[ch])
	@mkdir -p $(@D)
	+@$(MAKE) --no-print-directory BUILD=$(BUILD)/fuzz CC=clang OPT=-O1 \
		SAN=fuzzer-no-link,address,undefined EXTRA_CFLAGS=-fno-sanitize-recover=undefined \
		$(addprefix $(BUILD)/fuzz/,devices.a dasd.a cpu370.a base.a)
	clang -std=c11 -D_GNU_SOURCE -I. -g -O1 $(WARN) -pthread \
		-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
		-o $@ $< $(addprefix $(BUILD)/fuzz/,devices.a dasd.a cpu370.a base.a) -lz -lbz2 -lm
$(BUILD)/fuzz/fuzz_dasd_%: tests/fuzz/fuzz_dasd_%.c $(wildcard dasd/*.[ch] base/*.[ch])
	@mkdir -p $(@D)
	clang -std=c11 -D_GNU_SOURCE -I. -g -O1 $(WARN) -pthread \
		-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
		-o $@ $< $(filter-out dasd/dasd370.c $(wildcard dasd/cmd_*.c),$(ROOM_dasd)) $(ROOM_base) -lz -lbz2
