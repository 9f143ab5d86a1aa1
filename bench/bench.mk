BENCH_PROGRAMS += $(BUILD)/bench-cpu
$(BUILD)/bench-cpu: $(BUILD)/obj/bench/cpu.o $(BUILD)/cpu370.a $(BUILD)/base.a
	$(CC) $(LDFLAGS) -o $@ $^
