# Documentation that is made from tables.
.PHONY: docs
docs: $(BUILD)/vm370
	$(BUILD)/vm370 help commands > docs/commands.md
