# What the dasd room adds to the Makefile.

# Puts volumes under load for the system tests.
DASD_LOAD := $(BUILD)/tests/dasd_load
$(DASD_LOAD): $(BUILD)/tests/system/dasd_load.o $(BUILD)/dasd.a $(BUILD)/base.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ -lz -lbz2
TEST_PROGRAMS += $(DASD_LOAD)
