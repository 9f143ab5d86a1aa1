BENCH_PROGRAMS += $(BUILD)/bench-cpu
$(BUILD)/bench-cpu: $(call objects,bench/cpu.c) $(BUILD)/cpu370.a $(BUILD)/base.a
	$(CC) $(LDFLAGS) -o $@ $^
BENCH_SCRIPTS += bench/cpu

# Many machines under one vm370.
BENCH_SCRIPTS += bench/machines

# Input and output, beside Hercules.
BENCH_PROGRAMS += $(BUILD)/standalone/conio.obj
BENCH_SCRIPTS += bench/io

# Shares of CPU time.
BENCH_SCRIPTS += bench/share

# Stores of a multiprocessor.
BENCH_SCRIPTS += bench/multi
