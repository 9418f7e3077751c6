# Sourced by scripts that try the installed programs on the simulator: a temporary folder, the two
# programs, the providers on loopback.
#
#   world_begin NAME [OPTION…]
#                       sets $work, $sshproxy, $simulated (what the simulator said) and the
#                       variables of its env.sh; everything is gone at the script's end. The
#                       options are the simulator's
#   simulator_begin NAME [OPTION…]
#                       the same without the programs
#   control REQUEST …   asks the simulator (`provider-simulator --help`, CONTROL)
#   user_configuration [LINE…]
#                       prints what a user has in ~/.ssh/config already, with further lines; the first
#                       value wins, so that what setup puts in front counts more
#   calls [PATTERN]     how many requests the providers had whose method and path match
#
# SSHPROXY_PREFIX names a prefix where the programs are installed already, PROVIDER_SIMULATOR a
# simulator that is built; otherwise both are built.
# shellcheck shell=bash

world_finish() {
  # The simulator ends when its input does, and takes its sshds along.
  # shellcheck disable=SC1083
  { exec {simulator[1]}>&-; } 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$work"
}

world_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

simulator_begin() {
  work=$(mktemp -d "${TMPDIR:-/tmp}/sshproxy-$1.XXXXXX")
  trap world_finish EXIT
  [ -n "${PROVIDER_SIMULATOR:-}" ] ||
    PROVIDER_SIMULATOR=$("$world_root/scripts/support/build-simulator")
  coproc simulator { exec "$PROVIDER_SIMULATOR" --lifeline --directory "$work/simulator" "${@:2}"; }
  if ! read -r -t 60 simulated <&"${simulator[0]}"; then
    echo "$1: the simulator did not start" >&2
    exit 70
  fi
  # shellcheck source=/dev/null
  . "$work/simulator/env.sh"
  unset XDG_CONFIG_HOME XDG_STATE_HOME SSH_AUTH_SOCK
}

world_begin() {
  simulator_begin "$@"
  if [ -z "${SSHPROXY_PREFIX:-}" ]; then
    SSHPROXY_PREFIX=$work/prefix
    "$world_root/scripts/install" --prefix "$SSHPROXY_PREFIX" >&2
  fi
  # shellcheck disable=SC2034  # for those who source this
  sshproxy=$SSHPROXY_PREFIX/bin/sshproxy
}

user_configuration() {
  printf '%s\n' 'Host *' "${@/#/    }"
  cat <<END
    BatchMode yes
    IdentityFile "$work/simulator/user_key"
    UserKnownHostsFile "$HOME/known_hosts"
    GlobalKnownHostsFile /dev/null
    StrictHostKeyChecking accept-new
    LogLevel ERROR
END
}

control() {
  curl --silent --show-error --fail "$PROVIDER_SIMULATOR_URL/_simulator/$1" "${@:2}"
}

calls() {
  control requests |
    python3 -c 'import json, re, sys
print(sum(bool(re.search(sys.argv[1], r["method"] + " " + r["path"])) for r in json.load(sys.stdin)))' "${1:-.}"
}

# sshd_port NAME: prime, dedalus, tensorpool, plain and so on, or vm.
sshd_port() {
  python3 -c 'import json, sys
said = json.loads(sys.argv[1])
print((said["vm"] if sys.argv[2] == "vm" else said["sshd"][sys.argv[2]])["port"])' "$simulated" "$1"
}
