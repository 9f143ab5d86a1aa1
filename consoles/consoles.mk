# Programs that the tests of consoles/ need.
TEST_PROGRAMS += $(BUILD)/tests/echo_server $(BUILD)/tests/panel_demo
$(BUILD)/tests/echo_server $(BUILD)/tests/panel_demo: $(BUILD)/tests/%: tests/system/%.c \
		$(BUILD)/consoles.a $(BUILD)/base.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

# Fuzzers of what clients and guests send, with clang; tests/fuzz/run_telnet feeds them.
.PHONY: fuzz-telnet
fuzz-telnet: $(BUILD)/fuzz/fuzz_telnet_console $(BUILD)/fuzz/fuzz_telnet_datastream
$(BUILD)/fuzz/fuzz_telnet_%: tests/fuzz/fuzz_telnet_%.c $(wildcard consoles/*.[ch] base/*.[ch])
	@mkdir -p $(@D)
	clang -std=c11 -D_GNU_SOURCE -I. -g -O1 $(WARN) -pthread \
		-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
		-o $@ $< $(filter-out consoles/panel%,$(wildcard consoles/*.c)) $(wildcard base/*.c) -ltelnet -lssl -lcrypto
