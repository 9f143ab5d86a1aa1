# One Makefile, no recursion between folders. Each folder ("room") of C sources
# becomes an archive build/ROOM.a; programs and tests link against the archives.
# Variables: BUILD (output folder), CC, SAN (address,undefined | thread), OPT.

BUILD   ?= build
CC      := $(if $(filter default,$(origin CC)),gcc,$(CC))
OPT     ?= -O2
SAN     ?=
DESTDIR ?=
PREFIX  ?= /usr/local
JOBS    ?= $(shell nproc)
DIR     ?= run
PORT    ?= 3270
# A plain "make" uses every core; "make -jN" overrides it.
ifeq ($(filter -j%,$(MAKEFLAGS)),)
MAKEFLAGS += -j$(JOBS)
endif

WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
CFLAGS  := -std=c11 -D_GNU_SOURCE -I. -g $(OPT) $(WARN) $(if $(WERROR),-Werror) -pthread \
           $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer) $(EXTRA_CFLAGS)
LDFLAGS := -pthread $(if $(SAN),-fsanitize=$(SAN)) $(EXTRA_LDFLAGS)
LIBS    := -ltelnet -lncurses -ltinfo -lsqlite3 -lcrypt -lz -lbz2 -lssl -lcrypto -ledit -lm

.PHONY: all test test-long bench run check-asan check-tsan check-valgrind install uninstall clean packages
all: programs

# ---- rooms: name = sources that other rooms may link. A main program is not in its room.
MAIN_vm370   := cp/vm370.c
MAIN_s370    := s370/s370.c
MAIN_dasd370 := dasd/dasd370.c
MAIN_asm370  := cms/toolchain/asm370/main.c
MAIN_link370 := cms/toolchain/link370/main.c
PROGRAM_NAMES := vm370 s370 dasd370 asm370 link370
PROGRAMS := $(foreach p,$(PROGRAM_NAMES),$(if $(wildcard $(MAIN_$(p))),$(BUILD)/$(p)))
MAINS    := $(foreach p,$(PROGRAM_NAMES),$(MAIN_$(p)))

ROOM_base      := $(wildcard base/*.c)
ROOM_cpu370    := $(wildcard cpu370/*.c)
ROOM_dasd      := $(wildcard dasd/*.c)
ROOM_consoles  := $(wildcard consoles/*.c)
ROOM_devices   := $(wildcard devices/*.c)
ROOM_toolchain := $(wildcard cms/toolchain/*/*.c)
ROOM_s370      := $(wildcard s370/*.c)
ROOM_cp        := $(wildcard cp/*.c cp/commands/*.c)
ROOMS := cp s370 toolchain devices consoles dasd cpu370 base
# link order: upper floors first, so every archive is needed once

objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(filter-out $(MAINS),$(1)))
ARCHIVES := $(foreach r,$(ROOMS),$(BUILD)/$(r).a)

define room
$(BUILD)/$(1).a: $(call objects,$(ROOM_$(1))) | $(BUILD)/.packages-build
	@mkdir -p $$(@D)
	@rm -f $$@
	ar rcs $$@ $$^
endef
$(foreach r,$(ROOMS),$(eval $(call room,$(r))))

$(BUILD)/obj/%.o: %.c | $(BUILD)/.packages-build
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -c $< -o $@

# A program of the top floor does not see the other room up there.
OTHERS_vm370 := s370
OTHERS_s370  := cp
define program
$(BUILD)/$(1): $(patsubst %.c,$(BUILD)/obj/%.o,$(MAIN_$(1))) \
               $(filter-out $(OTHERS_$(1):%=$(BUILD)/%.a),$(ARCHIVES))
	$(CC) $(LDFLAGS) -o $$@ $$^ $(LIBS)
endef
$(foreach p,$(PROGRAM_NAMES),$(eval $(call program,$(p))))

.PHONY: programs
programs: $(PROGRAMS)

# ---- unit tests: every tests/unit/test_X.c is one program with one Check suite
UNIT_TESTS := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))
$(BUILD)/unit/%: $(BUILD)/obj/tests/unit/%.o $(BUILD)/obj/tests/unit/runner.o $(ARCHIVES)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ -lcheck -lsubunit -lrt $(LIBS)
.SECONDARY:

include $(wildcard */*.mk cms/*/*.mk)
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

# ---- what people and CI call
.ci/install-packages: ;
$(BUILD)/.packages-build: .ci/install-packages
	@mkdir -p $(@D)
	.ci/install-packages build
	@touch $@
$(BUILD)/.packages-test: .ci/install-packages
	@mkdir -p $(@D)
	.ci/install-packages build test
	@touch $@
packages: $(BUILD)/.packages-test

SYSTEM_TESTS := $(wildcard tests/system/test_*)
LONG_TESTS   := $(wildcard tests/system/long_*)

test: $(BUILD)/.packages-test
	+@$(MAKE) --no-print-directory BUILD=$(BUILD) build-tests
	@BUILD=$(BUILD) tests/run $(UNIT_TESTS) $(SYSTEM_TESTS)
test-long: $(BUILD)/.packages-test
	+@$(MAKE) --no-print-directory BUILD=$(BUILD) build-tests
	@BUILD=$(BUILD) tests/run $(UNIT_TESTS) $(SYSTEM_TESTS) $(LONG_TESTS)
.PHONY: build-tests
build-tests: $(PROGRAMS) $(UNIT_TESTS) $(TEST_PROGRAMS)

check-asan:
	+@$(MAKE) --no-print-directory BUILD=$(BUILD)-asan SAN=address,undefined OPT=-O1 test
check-tsan:
	+@$(MAKE) --no-print-directory BUILD=$(BUILD)-tsan SAN=thread OPT=-O1 test

# Memcheck over a short selection: minutes, not hours.
check-valgrind: $(BUILD)/.packages-test
	.ci/install-packages valgrind
	+@$(MAKE) --no-print-directory BUILD=$(BUILD) build-tests
	@BUILD=$(BUILD) tests/valgrind

bench: $(PROGRAMS) $(BENCH_PROGRAMS)
	@for b in $(BENCH_SCRIPTS); do BUILD=$(BUILD) $$b || exit 1; done

# The first time everybody gets a reader full of small programs to IPL.
FIRST_DECKS = $(foreach u,ALICE BOB,$(foreach d,hello echo twotask memkey privop,\
                --deck $(u)=$(BUILD)/standalone/$(d).ipl))
# With media at hand also real CMS and OS/VS1.
MEDIA = $(or $(VM370_MEDIA),../shared/media)
run: $(PROGRAMS) standalone
	@[ -e $(DIR)/user.direct ] || \
		$(BUILD)/vm370 init $(DIR) $(FIRST_DECKS) --media $(MEDIA)
	@$(BUILD)/vm370 run $(DIR) --port $(PORT)

MAN_PAGES := $(wildcard docs/man/*.1)
UNIT := docs/systemd/vm370@.service
install: $(PROGRAMS)
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(PROGRAMS) $(DESTDIR)$(PREFIX)/bin
	install -d $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 $(MAN_PAGES) $(DESTDIR)$(PREFIX)/share/man/man1
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	sed 's|@BIN@|$(PREFIX)/bin|g' $(UNIT).in > $(DESTDIR)$(PREFIX)/lib/systemd/system/$(notdir $(UNIT))
uninstall:
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/bin/,$(PROGRAM_NAMES))
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/share/man/man1/,$(notdir $(MAN_PAGES)))
	rm -f $(DESTDIR)$(PREFIX)/lib/systemd/system/$(notdir $(UNIT))
clean:
	rm -rf build build-asan build-tsan build-clang
