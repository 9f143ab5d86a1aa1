# Programs that the tests of consoles/ need.
TEST_PROGRAMS += $(BUILD)/tests/echo_server
$(BUILD)/tests/echo_server: $(BUILD)/obj/tests/system/echo_server.o $(BUILD)/consoles.a $(BUILD)/base.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)
