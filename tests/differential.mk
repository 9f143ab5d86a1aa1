# Random instruction streams against Debian's Hercules (tests/system/long_differential).
DIFFTEST_OBJECTS := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/differential/*.c))
TEST_PROGRAMS += $(BUILD)/difftest
$(BUILD)/difftest: $(DIFFTEST_OBJECTS) $(BUILD)/cpu370.a $(BUILD)/base.a
	$(CC) $(LDFLAGS) -o $@ $^
