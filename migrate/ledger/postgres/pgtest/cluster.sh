# cluster.sh BIN PASSWORD makes a Postgres cluster, prints the directory of its socket, and takes the cluster away again when
# its standard input ends. Nothing of it is synced to the disk: it has to outlive a killed server, not a power cut.
set -eu
bin=$1
dir=$(mktemp -d "${TMPDIR:-/tmp}/pgtest.XXXXXX")
trap '' INT HUP TERM # of the test's terminal: the end of the input is what counts
umask 077
printf '%s' "$2" >"$dir/password"
"$bin/initdb" -D "$dir/data" -U tester -A scram-sha-256 --pwfile="$dir/password" -E UTF8 --locale=C.UTF-8 --no-sync >"$dir/log" 2>&1 || {
	cat "$dir/log" >&2
	rm -rf "$dir"
	exit 1
}
"$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w -t 60 -o "-c listen_addresses='' -k '$dir' -c fsync=off -c max_connections=200 \
	-c shared_buffers=32MB -c max_wal_size=256MB -c deadlock_timeout=100ms" start >/dev/null </dev/null || {
	cat "$dir/log" >&2
	rm -rf "$dir"
	exit 1
}
echo "$dir"
cat >/dev/null || true
"$bin/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null 2>&1 || true
rm -rf "$dir"
