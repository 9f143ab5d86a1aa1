# Sourced by tests that use Hercules. VM370_HERCULES names the folder of its programs,
# version 3.13 or SDL Hyperion's 4.9; without it they are those on PATH, which are
# Debian's.
#
# To drive it: start it on a configuration, type commands, wait for lines of its log.
# Commands go through a FIFO that it reads as its run-commands file, so nothing is timed.

[ -z "${VM370_HERCULES:-}" ] || PATH=$(realpath "$VM370_HERCULES"):$PATH

HERC_PID=

# herc_start FOLDER: runs there with FOLDER/h.conf; the log is FOLDER/log
herc_start() {
	herc_dir=$1
	rm -f "$herc_dir/rc"
	mkfifo "$herc_dir/rc"
	: >"$herc_dir/log"
	sed -i '1i LOGOPT NOTIMESTAMP' "$herc_dir/h.conf" # as 3.13 writes it
	# the module path must not be searched for in the test's folder; version 4 puts
	# the console's prefix before what the console says
	(cd "$herc_dir" && HERCULES_RC=rc exec hercules -d -f h.conf > >(sed -u 's,^/,,' >log) \
		2>&1 </dev/null) &
	HERC_PID=$!
	exec 7>"$herc_dir/rc"
}

herc_type() {
	printf '%s\n' "$1" >&7
}

# herc_expect SECONDS PATTERN [COUNT]: until COUNT lines match (1)
herc_expect() {
	local end=$((SECONDS + $1)) want=${3:-1} n
	while :; do
		n=$(grep -a -c -e "$2" "$herc_dir/log")
		[ "$n" -ge "$want" ] && return 0
		[ $SECONDS -ge $end ] && return 1
		kill -0 "$HERC_PID" 2>/dev/null || return 1
		read -r -t 0.05 <> <(:) || :
	done
}

# herc_wait_state CODE: the pattern for the line that says it
herc_wait_state() {
	echo "\(PSW=\|disabled wait state \)00020000 ..00$1"
}

# Ends hercules at once: its own shutdown takes seconds, and nothing that a
# test still reads is kept back in its memory.
herc_stop() {
	[ -n "$HERC_PID" ] || return 0
	exec 7>&-
	kill -9 "$HERC_PID" 2>/dev/null
	wait "$HERC_PID" 2>/dev/null
	HERC_PID=
}

# A TCP port that nobody listens on just now: a multiple of 4, so the three behind it are
# the caller's, too. It is not among those that Linux gives to clients (32768 and up):
# one of these could be any connection's in the next moment.
free_port() {
	local port
	for port in $(shuf -n 50 -i 2500-7499); do
		port=$((port * 4))
		(exec 8<>/dev/tcp/127.0.0.1/$port) 2>/dev/null ||
			(exec 8<>/dev/tcp/127.0.0.1/$((port + 1))) 2>/dev/null ||
			(exec 8<>/dev/tcp/127.0.0.1/$((port + 3))) 2>/dev/null ||
			{ echo "$port"; return; }
	done
}
