# Sourced by scripts that try something on a bare Debian: whole systems of minimal size, by debootstrap.
#
#   bare_tree SUITE DIR [PACKAGES]   makes that release in DIR, once, with these packages (PACKAGE,…)
#   bare_copy SUITE              sets $bare to a fresh copy of that release, with its mirror
#   inside_bare WORD…            runs a command in it, in namespaces of its own, so that nothing that it
#                                starts or mounts outlives it; $bare_binds are DIR:PLACE to be seen there
#   bare_sources DIR             puts the sources there, as they are here, and what SwiftPM has fetched before
#   bare_remove                  removes the copy; also done at the script's end
#
# What debootstrap made stays in .build-bare/.
# shellcheck shell=bash

# shellcheck source=scripts/support/as-root.sh
. "$(dirname "${BASH_SOURCE[0]}")/as-root.sh"

bare_cache=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/.build-bare
bare='' bare_binds=()

bare_remove() {
  [ -z "$bare" ] || rm -rf --one-file-system "$bare"
  bare='' bare_binds=()
}
trap bare_remove EXIT

# The mirror that this computer's own apt uses; not -security and the like, which are no whole
# distributions.
bare_mirror() {
  # shellcheck disable=SC2016
  apt-get indextargets --format '$(SITE) $(ORIGIN) $(COMPONENT)' 'Created-By: Packages' |
    sed -n 's#^\([^ ]*/debian/\{0,1\}\) Debian main$#\1#p' | sort -u | head -n 1
}

bare_tree() {
  local suite=$1 tree=$2 packages=${3:-} mirror
  [ ! -e "$tree/complete" ] || return 0
  command -v debootstrap >/dev/null || as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq install --yes --no-install-recommends debootstrap >/dev/null
  mirror=$(bare_mirror)
  [ -n "$mirror" ] || { echo "bare: apt knows no mirror of Debian" >&2; exit 69; }
  echo "bare: fetching $suite" >&2
  as_root rm -rf --one-file-system "$tree"
  mkdir -p "$(dirname "$tree")"
  as_root debootstrap --variant=minbase ${packages:+"--include=$packages"} "$suite" "$tree" "$mirror" \
    >"$tree.log" 2>&1 || { tail -n 3 "$tree.log" >&2; exit 69; }
  as_root touch "$tree/complete"
}

bare_copy() {
  local suite=$1 base=$bare_cache/$1
  bare_tree "$suite" "$base"
  bare_remove
  bare=$(mktemp -d "$bare_cache/run.XXXXXX")
  chmod 755 "$bare"
  cp -a "$base/." "$bare/"
  printf '127.0.0.1 localhost\n::1 localhost\n' >"$bare/etc/hosts"
  # A chroot without a network of its own asks the same name servers and proxies, and believes those
  # proxies' certificate authorities: the package ca-certificates takes what lies there when it comes.
  cp -L /etc/resolv.conf "$bare/etc/" 2>/dev/null || true
  cp /etc/apt/apt.conf.d/*proxy* "$bare/etc/apt/apt.conf.d/" 2>/dev/null || true
  mkdir -p "$bare/usr/local/share/ca-certificates"
  cp /usr/local/share/ca-certificates/*.crt "$bare/usr/local/share/ca-certificates/" 2>/dev/null || true
  cp /etc/pip.conf "$bare/etc/" 2>/dev/null || true
}

bare_sources() {
  mkdir -p "$bare$1" "$bare/root/.cache/org.swift.swiftpm"
  git ls-files -z --cached --others --exclude-standard |
    while IFS= read -r -d '' file; do [ ! -e "$file" ] || printf '%s\0' "$file"; done |
    tar --create --null --files-from=- | tar --extract --directory "$bare$1"
  [ ! -d "$HOME/.cache/org.swift.swiftpm/repositories" ] ||
    cp -a "$HOME/.cache/org.swift.swiftpm/repositories" "$bare/root/.cache/org.swift.swiftpm/"
}

# For `unshare … bash -c`: mounts, then the command.
bare_enter='
set -e
bare=$0
# Its root is a mount, as a computer'"'"'s is: unshare(1) inside wants that.
mount --bind "$bare" "$bare"
while [ "$1" != -- ]; do
  mkdir -p "$bare${1#*:}"
  mount --bind "${1%%:*}" "$bare${1#*:}"
  shift
done
shift
mount -t proc proc "$bare/proc"
mount -t sysfs sysfs "$bare/sys"
mount -t tmpfs -o mode=755 tmpfs "$bare/dev"
for device in null zero full random urandom tty; do
  : >"$bare/dev/$device"
  mount --bind "/dev/$device" "$bare/dev/$device"
done
mkdir "$bare/dev/pts" "$bare/dev/shm"
mount -t devpts -o newinstance,ptmxmode=666,mode=620 devpts "$bare/dev/pts"
ln -s pts/ptmx "$bare/dev/ptmx"
ln -s /proc/self/fd "$bare/dev/fd"
mount -t tmpfs -o mode=1777 tmpfs "$bare/dev/shm"
exec chroot "$bare" "$@"'

inside_bare() {
  unshare --mount --pid --fork --kill-child bash -c "$bare_enter" "$bare" "${bare_binds[@]}" -- \
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root USER=root LC_ALL=C.UTF-8 \
    TERM="${TERM:-dumb}" DEBIAN_FRONTEND=noninteractive "$@"
}
