# The stand-alone guests: assembled and linked into decks to IPL from a reader.
STANDALONE       := hello echo clock twotask dasdread memkey privop
STANDALONE_DECKS := $(STANDALONE:%=$(BUILD)/standalone/%.ipl)
STANDALONE_MACROS := $(wildcard cms/standalone/macros/*)

$(BUILD)/standalone/%.obj: cms/standalone/%.asm $(STANDALONE_MACROS) $(BUILD)/asm370
	@mkdir -p $(@D)
	$(BUILD)/asm370 -I cms/standalone/macros $< -o $@ -L $(@:.obj=.list)

$(BUILD)/standalone/%.ipl: $(BUILD)/standalone/%.obj $(BUILD)/standalone/conio.obj \
		$(BUILD)/link370
	$(BUILD)/link370 -O 1000 $< $(BUILD)/standalone/conio.obj -o $@ -m $(@:.ipl=.map)

.PHONY: standalone
standalone: $(STANDALONE_DECKS)
all: standalone
TEST_PROGRAMS += $(STANDALONE_DECKS)
