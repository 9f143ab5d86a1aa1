# The engine's handlers end in jumps to each other: that needs -O2 and no sanitizer.
# Otherwise they return to a loop (cpu370/engine.h).
CPU370_OBJECTS := $(patsubst %.c,$(BUILD)/obj/%.o,$(ROOM_cpu370))
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
