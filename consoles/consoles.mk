# Programs that the tests of consoles/ need.
TEST_PROGRAMS += $(BUILD)/tests/echo_server
$(BUILD)/tests/echo_server: tests/system/echo_server.c $(BUILD)/consoles.a $(BUILD)/base.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)
