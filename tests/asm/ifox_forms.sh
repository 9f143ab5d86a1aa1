# Sourced: decks and listings in the form that is compared.

# A card a line in hexadecimal; END cards without columns 33-52, where the
# translator puts its own name and the date.
deck_hex() {
	od -An -v -tx1 -w80 "$1" | tr -d ' ' | sed 's/^\(02c5d5c4.\{56\}\).\{40\}/\1/'
}

# "statement number" of every message of a listing, XF's or ours
list_diagnostics() {
	sed -n 's/^ *\([0-9]\{1,6\}\) *IFO\([0-9]\{3\}\) .*/\1 \2/p' "$1" | sort -u -n -k1,1 -k2,2
}

# the cross references of a listing, without headings and page breaks
list_references() {
	tr -d '\r' <"$1" | tr '\f' '\n' | sed 's/ *$//' | awk '
		/CROSS-REFERENCE/ { on = 1; next }
		/DIAGNOSTICS AND STATISTICS/ { on = 0 }
		on && !/^SYMBOL    LEN/ && NF'
}
