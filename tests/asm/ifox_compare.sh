#!/bin/bash
# Compare what asm370 makes of sources with what IFOX00 made of them.
#
#   tests/asm/ifox_compare.sh EXPECTED SOURCE...
#
# EXPECTED is a folder filled by ifox_run.sh, or tests/asm/expected. Decks must
# be equal in every byte but the translator's name and date on the END card;
# diagnostics in number and statement; cross references, where they were kept,
# line by line. MACLIB may name a folder with the
# members of SYS1.MACLIB. Ends with the usual count line.
set -u
build=${BUILD:-build} expected=$1
kept=$(dirname "$(realpath "$0")")/expected
shift
. "$(dirname "$(realpath "$0")")/ifox_forms.sh"
library=${MACLIB:+-I $MACLIB}
passed=0 failed=0 statements=0 flagged=0
ours=$(mktemp -d)
trap '[ -n "${KEEP:-}" ] && cp "$ours"/* "$KEEP"; rm -rf "$ours"' EXIT

for source; do
	name=$(basename "$source" .asm) ok=1
	options=$(sed -n '1s/^\*PARM \([^ ]*\).*/\1/p' "$source" | tr ',' '\n' |
		sed "s/^SYSPARM(\(.*\))/--sysparm \1/; /^--/!s/^/-O /")
	# shellcheck disable=SC2086
	"$build/asm370" -q --xref full $options $library "$source" -o "$ours/$name.ours" \
		-L "$ours/$name.ourlist" --date 1998-01-01
	deck_hex "$ours/$name.ours" >"$ours/$name.hex"
	list_diagnostics "$ours/$name.ourlist" >"$ours/$name.diag"
	list_references "$ours/$name.ourlist" >"$ours/$name.xref"
	statements=$((statements + $(grep -c . "$source")))
	flagged=$((flagged + $(wc -l <"$expected/$name.diag")))
	for form in hex diag xref; do
		[ $form != xref ] || [ -e "$kept/$name.xref" ] || continue
		cmp -s "$expected/$name.$form" "$ours/$name.$form" && continue
		ok=0
		echo "FAIL: $name.$form (< IFOX00, > asm370)"
		diff "$expected/$name.$form" "$ours/$name.$form" | cut -c1-160 | head -"${LINES_SHOWN:-12}"
	done
	[ $ok -eq 1 ] && passed=$((passed + 1)) || failed=$((failed + 1))
done
echo "$statements lines, $flagged diagnostics of IFOX00 compared"
echo "$passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
