# Terminals: round trips and connections (bench/console runs it).
BENCH_PROGRAMS += $(BUILD)/bench-console $(BUILD)/tests/echo_server
BENCH_SCRIPTS += bench/console
$(BUILD)/bench-console: bench/console.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $<
