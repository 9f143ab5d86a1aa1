# Guests of the system tests: assembled and linked like those of cms/standalone.
TEST_GUESTS := $(patsubst tests/system/guests/%.asm,$(BUILD)/guests/%.ipl,\
                 $(wildcard tests/system/guests/*.asm))

GUEST_MEMBERS := $(wildcard cms/standalone/macros/* tests/system/guests/*.copy)

$(BUILD)/guests/%.obj: tests/system/guests/%.asm $(GUEST_MEMBERS) $(BUILD)/asm370
	@mkdir -p $(@D)
	$(BUILD)/asm370 -I cms/standalone/macros -I tests/system/guests $< -o $@ -L $(@:.obj=.list)

$(BUILD)/guests/%.ipl: $(BUILD)/guests/%.obj $(BUILD)/standalone/conio.obj $(BUILD)/link370
	$(BUILD)/link370 -O 1000 $< $(BUILD)/standalone/conio.obj -o $@ -m $(@:.ipl=.map)

TEST_PROGRAMS += $(TEST_GUESTS)

# Lets files of the host fail, see tests/system/failio.c.
$(BUILD)/failio.so: tests/system/failio.c
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra -fPIC -shared -o $@ $< -ldl
TEST_PROGRAMS += $(BUILD)/failio.so
