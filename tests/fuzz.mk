# Fuzzers of what comes over the network to devices, with clang; tests/fuzz/run_net.
FUZZ_NET_ROOMS := $(addprefix $(BUILD)/fuzz/,devices.a dasd.a cpu370.a base.a)
.PHONY: fuzz-net
fuzz-net: $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_net_*.c))
# One make for all three: they share the rooms.
$(BUILD)/fuzz/net-rooms: $(wildcard devices/*.[ch] cpu370/*.[ch] dasd/*.[ch] base/*.[ch])
	@mkdir -p $(@D)
	+@$(MAKE) --no-print-directory BUILD=$(BUILD)/fuzz CC=clang OPT=-O1 \
		SAN=fuzzer-no-link,address,undefined EXTRA_CFLAGS=-fno-sanitize-recover=undefined \
		$(FUZZ_NET_ROOMS)
	@touch $@
$(BUILD)/fuzz/fuzz_net_%: tests/fuzz/fuzz_net_%.c tests/fuzz/net_rig.h $(BUILD)/fuzz/net-rooms
	clang -std=c11 -D_GNU_SOURCE -I. -g -O1 -pthread -Wall -Wextra -Wno-unused-function \
		-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
		-o $@ $< $(FUZZ_NET_ROOMS) -lz -lbz2 -lm
