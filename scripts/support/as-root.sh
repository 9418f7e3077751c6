# Sourced by scripts that install packages.
#
#   as_root COMMAND…   runs it, by sudo where we are not root
# shellcheck shell=bash

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -- "$@"; fi
}
