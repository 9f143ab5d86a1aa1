# The engine's handlers end in jumps to each other: that needs -O2 and no sanitizer.
# Otherwise they return to a loop (cpu370/engine.h).
CPU370_OBJECTS := $(call objects,$(ROOM_cpu370))
ifneq ($(SAN)$(filter -O0 -O1,$(OPT)),)
$(CPU370_OBJECTS): CFLAGS += -DCPU370_PLAIN_LOOP
else
$(CPU370_OBJECTS): CFLAGS += -foptimize-sibling-calls $(if $(findstring gcc,$(CC)),-fno-partial-inlining)
endif
ifneq ($(wildcard cpu370/decimal.c),)
$(CPU370_OBJECTS): CFLAGS += -DCPU370_DECIMAL
endif
ifneq ($(wildcard cpu370/hfp.c),)
$(CPU370_OBJECTS): CFLAGS += -DCPU370_FLOAT
endif
# which rows the dispatch table switches on depends on these being there
$(BUILD)/obj/cpu370/decode.o: $(wildcard cpu370/decimal.c cpu370/hfp.c)

# Files that touch the bytes of a guest: thread sanitizer is not to watch those.
ifneq ($(findstring thread,$(SAN)),)
$(CPU370_OBJECTS): CFLAGS += -DGUEST_WATCHED
$(call objects,$(addprefix cpu370/,guest.c access.c branch.c control.c decimal.c \
	decimal_fast.c dualspace.c fast.c general.c hfp.c hfp_extended.c hfp_fast.c string.c)): CFLAGS += -fno-sanitize=thread -Wno-tsan
endif
