# Shared by the scripts beside it: where things are, and how to run them as
# somebody whom PostgreSQL accepts. Sourced, not run. Speaks on stderr only.

set -euo pipefail
umask 022

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)

# No server but the private ones is ever spoken to.
for name in "${!PG@}"; do
	[ "$name" = PG_CONFIG ] || unset "$name"
done

say() { echo "tdp: $*" >&2; }
die() { say "$*"; exit 1; }

# PostgreSQL refuses to run as root: then the user of Debian's packages, the
# worker, does it. Scripts start at /, since he may not be let in elsewhere.
cd /

worker() {
	if [ "$(id -u)" != 0 ]; then
		id -un
	elif id -u postgres >/dev/null 2>&1; then
		echo postgres
	else
		echo nobody
	fi
}

as_worker() {
	if [ "$(id -u)" = 0 ]; then
		HOME=$work runuser -u "$(worker)" -- "$@"
	else
		"$@"
	fi
}

give_to_worker() {
	[ "$(id -u)" != 0 ] || chown "$(worker)": "$@"
}

# Everything that is made goes into build/, which is a link to a directory in
# /var/tmp when the worker cannot reach this checkout (one under /root).
find_work() {
	if [ ! -e "$top/build" ]; then
		rm -f "$top/build"
		work=/
		if as_worker test -r "$top/Makefile"; then
			mkdir "$top/build"
		else
			ln -s "$(mktemp -d /var/tmp/tdp.XXXXXX)" "$top/build"
			chmod 755 "$top/build/"
		fi
	fi
	work=$(cd "$top/build" && pwd -P)
}

# The versions of PostgreSQL that src/base/compat.h knows.
oldest=15
newest=18

# The server to copy: the one of PG_CONFIG=, else Debian's newest that has its
# development files.
find_server() {
	local candidate
	for candidate in $(candidates); do
		if command -v "$candidate" >/dev/null &&
			[ -f "$("$candidate" --pgxs)" ] &&
			[ -x "$("$candidate" --bindir)/postgres" ]; then
			system_pg_config=$candidate
			return 0
		fi
	done
	return 1
}

candidates() {
	if [ -n "${PG_CONFIG:-}" ]; then
		echo "$PG_CONFIG"
	else
		seq -f '/usr/lib/postgresql/%.0f/bin/pg_config' $newest -1 $oldest
	fi
}

# Copy the server into build/NN/prefix at its own absolute path: its programs
# find their files relative to themselves, so pg_config, PGXS and initdb then
# work in the copy and never write to the original.
copy_server() {
	local dir version
	version=$("$system_pg_config" --version)
	major=$(sed 's/^PostgreSQL \([0-9]*\).*/\1/' <<<"$version")
	home=$work/$major
	prefix=$home/prefix
	bin=$prefix$("$system_pg_config" --bindir)
	pg_config=$bin/pg_config
	pgxs_dir=$prefix$(dirname "$(dirname "$("$system_pg_config" --pgxs)")")
	if [ "$(cat "$home/version" 2>/dev/null)" != "$version $system_pg_config" ]; then
		say "copying $version into ${home#"$top"/}"
		rm -rf "$prefix"
		mkdir -p "$prefix"
		for dir in bindir pkglibdir sharedir; do
			dir=$("$system_pg_config" --$dir)
			mkdir -p "$prefix$(dirname "$dir")"
			[ -e "$prefix$dir" ] || cp -a "$dir" "$prefix$(dirname "$dir")/"
		done
		for dir in includedir libdir; do
			dir=$("$system_pg_config" --$dir)
			mkdir -p "$prefix$(dirname "$dir")"
			[ -e "$prefix$dir" ] || ln -s "$dir" "$prefix$dir"
		done
		echo "$version $system_pg_config" >"$home/version"
	fi
}

# Build outside of the source tree, in build/NN/$1, and install into the copy.
# Further arguments are make's.
build_and_install() {
	local objects=$home/$1
	shift
	mkdir -p "$objects"
	say "building in ${objects#"$top"/}, which takes a minute or two the first time"
	env -u MAKEFLAGS -u MAKELEVEL make -s -j"$(nproc)" -C "$objects" \
		-f "$top/Makefile" VPATH="$top" PG_CONFIG="$pg_config" \
		with_llvm=no "$@" install
}

find_work
