#!/bin/bash
# Assemble sources with IBM's Assembler XF (IFOX00) of OS/VS1 under hercules.
#
#   tests/asm/ifox_run.sh MEDIA OUT SOURCE...
#
# MEDIA is the folder with the OS/VS1 starter volumes. For every SOURCE, a
# file of lines, OUT gets NAME.deck (80-byte cards), NAME.list (listing), and
# what ifox_compare.sh looks at: NAME.hex (the deck, a card a line) and
# NAME.diag (statement and number of each message), NAME.xref (cross references).
# A first line "*PARM x,y" gives options.
set -u
media=$1 out=$2
shift 2
here=$(dirname "$(realpath "$0")")
. "$here/../system/hercules.sh"
. "$here/ifox_forms.sh"
mkdir -p "$out"
out=$(realpath "$out")
work=$(mktemp -d)
trap 'herc_stop; rm -rf "$work"' EXIT

job() { # number, source
	local parm name
	name=$(printf 'T%05d' "$1")
	parm=$(sed -n '1s/^\*PARM \([^ ]*\).*/,\1/p' "$2")
	cat <<-END
	//$name   JOB 1,TEST,CLASS=A,MSGCLASS=A
	//A        EXEC PGM=IFOX00,REGION=512K,
	//  PARM='DECK,NOOBJECT,XREF(FULL)$parm'
	//SYSLIB   DD  DSN=SYS1.MACLIB,DISP=SHR
	//SYSUT1   DD  SPACE=(CYL,(8,4)),VOL=SER=WORK01,UNIT=3330
	//SYSUT2   DD  SPACE=(CYL,(8,4)),VOL=SER=WORK01,UNIT=3330
	//SYSUT3   DD  SPACE=(CYL,(8,4)),VOL=SER=WORK01,UNIT=3330
	//SYSPRINT DD  SYSOUT=A
	//SYSPUNCH DD  UNIT=00D
	//SYSIN    DD  DATA,DLM='??'
	END
	sed '$a\' "$2" # with a line end behind the last line
	cat <<-END
	??
	//B        EXEC PGM=IEBGENER,COND=EVEN
	//SYSPRINT DD  DUMMY
	//SYSIN    DD  DUMMY
	//SYSUT2   DD  UNIT=00D
	//SYSUT1   DD  *
	=====$name
	END
	echo '/*'
}

n=0
for source; do
	n=$((n + 1))
	job $n "$source"
done >"$work/jobs.jcl"
echo '//' >>"$work/jobs.jcl"

cp "$media/dliba1.150.cckd" "$media/work01.151.cckd" "$work/"
chmod u+w "$work"/*.cckd
cat >"$work/h.conf" <<END
CPUSERIAL 000611
CPUMODEL 3032
MAINSIZE 8
NUMCPU 1
OSTAILOR QUIET
ARCHMODE S/370
YROFFSET -28
CNSLPORT $(free_port)
001F 3215-C /
000C 3505 jobs.jcl ascii trunc eof
000D 3525 punch.out
000E 1403 print.out
0150 3330 dliba1.150.cckd
0151 3330 work01.151.cckd
END

step() { # pattern, reply
	herc_expect 60 "$1" || { echo "ifox: no '$1'"; tail -20 "$work/log"; exit 1; }
	[ -z "${2+x}" ] || herc_type "/$2"
}

herc_start "$work"
herc_type "ipl 150"
step "IEA760A SPECIFY" ""
step "IEA101A SPECIFY" "r 00,'auto=starter,page=(v=dliba1,blk=4096),q=(,f)'"
step "IEA135A SPECIFY" ""
step "IEF068A  VOLUME DLIBA1" "R 00,FORMATV"
step "IEC107D E 150,DLIBA1,MASTER,SCHEDULR,SYS1.SYSPOOL" "R 1,U"
step "IEC107D E 150,DLIBA1,MASTER,SCHEDULR,SYS1.SYSWADS" "R 2,U"
step "IEF005I PARTITION WAITING FOR WORK" "MOUNT 151,VOL=(SL,WORK01),USE=PRIVATE"
step "IEF404I MOUNT    ENDED" "S WTR,00E"
step "00E WTR WAITING FOR WORK" "S RDR,00C"
last=$(printf 'T%05d' $n)
herc_expect $((120 + n * 10)) "IEF404I $last .*ENDED" || { tail -30 "$work/log"; exit 1; }
herc_expect 60 "IEF049I $last" || exit 1
herc_expect 20 "IEF868I 00E WTR WAITING FOR WORK" $((n + 1))
herc_stop
[ -z "${IFOX_KEEP:-}" ] || cp "$work/print.out" "$work/punch.out" "$work/log" "$out/"

od -An -v -tx1 -w80 "$work/punch.out" | tr -d ' ' >"$work/punch.hex"
n=0
for source; do
	n=$((n + 1))
	name=$(basename "$source" .asm)
	t=$(printf 'T%05d' $n)
	# a card a line in hexadecimal; job T00012's marker ends its deck
	awk -v want="7e7e7e7e7ee3$(printf '%05d' $n | sed 's/./f&/g')" '
		index($0, want) == 1 { print from, last - from; exit }
		index($0, "7e7e7e7e7ee3") == 1 { from = last = NR }
		$0 !~ /^(40)+$/ && index($0, "7e7e7e7e7ee3") != 1 { last = NR }' \
		from=0 last=0 "$work/punch.hex" >"$work/range"
	read -r from count <"$work/range" || { echo "ifox: $name: no deck"; continue; }
	dd if="$work/punch.out" bs=80 skip="$from" count="$count" of="$out/$name.deck" 2>/dev/null
	awk -v want="//$t " 'index($0, want) { on = 1 }
		on && /\/\/T[0-9]* *JOB/ && !index($0, want) { exit } on' \
		"$work/print.out" >"$out/$name.list"
	deck_hex "$out/$name.deck" >"$out/$name.hex"
	list_diagnostics "$out/$name.list" >"$out/$name.diag"
	list_references "$out/$name.list" >"$out/$name.xref"
done
