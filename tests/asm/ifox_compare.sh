#!/bin/bash
# Compare what asm370 makes of sources with what IFOX00 made of them.
#
#   tests/asm/ifox_compare.sh OUT SOURCE...
#
# OUT is a folder filled by ifox_run.sh. Decks must be equal in every byte but
# the translator's name and date on the END card; diagnostics in number and
# statement. Ends with the usual count line; the differences go before it.
set -u
build=${BUILD:-build} out=$1
library=${MACLIB:+-I $MACLIB} # a folder with the members of SYS1.MACLIB
shift
passed=0 failed=0 statements=0 flagged=0
hex() { # deck: a card a line, END cards without columns 33-52
	od -An -v -tx1 -w80 "$1" | tr -d ' ' | sed 's/^\(02c5d5c4.\{56\}\).\{40\}/\1/'
}
# "statement number" of every diagnostic of a listing
theirs() {
	sed -n 's/^ *\([0-9]\{1,6\}\) *IFO\([0-9]\{3\}\) .*/\1 \2/p' "$1" | sort -u -n -k1,1 -k2,2
}
for source; do
	name=$(basename "$source" .asm) ok=1
	options=$(sed -n '1s/^\*PARM \([^ ]*\).*/\1/p' "$source" | tr ',' '\n' |
		sed "s/^SYSPARM(\(.*\))/--sysparm \1/; /^--/!s/^/-O /")
	# shellcheck disable=SC2086
	"$build/asm370" -q $options $library "$source" -o "$out/$name.ours" -L "$out/$name.ourlist" \
		--date 1998-01-01
	statements=$((statements + $(grep -c . "$source")))
	cmp -s <(hex "$out/$name.deck") <(hex "$out/$name.ours") || {
		ok=0
		echo "FAIL: $name: decks differ"
		diff <(hex "$out/$name.deck") <(hex "$out/$name.ours") | cut -c1-160 | head -"${LINES_SHOWN:-8}"
	}
	cmp -s <(theirs "$out/$name.list") <(theirs "$out/$name.ourlist") || {
		ok=0
		echo "FAIL: $name: diagnostics differ (<IFOX00 >asm370)"
		diff <(theirs "$out/$name.list") <(theirs "$out/$name.ourlist") | grep '^[<>]' | tr '\n' ';'
		echo
	}
	flagged=$((flagged + $(theirs "$out/$name.list" | wc -l)))
	[ $ok -eq 1 ] && passed=$((passed + 1)) || failed=$((failed + 1))
done
echo "$statements lines, $flagged diagnostics of IFOX00 compared"
echo "$passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
