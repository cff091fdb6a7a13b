# Sourced by the scripts beside it: several hosts on one machine, out of namespaces.
# shellcheck shell=bash
#
# Each host has a network interface, name, processes, /tmp and /dev/shm of its own, and an sshd; they
# share /mnt (in memory), as nodes of a cluster share a file system. The Swift toolchain and the home
# directory are hidden from them. All of it, the bridge between them included, lives in namespaces of the
# script that makes them: when that ends, however it ends, nothing is left.

# isolated [ARGUMENT…]: installs the program, runs this script again inside, with the program in
# /mnt/dtrain, and returns its exit code.
isolated() {
  local status=0
  [[ $(id -u) -eq 0 ]] || die "must be run by root: hosts are made out of namespaces"
  installed=$(mktemp -d)
  child=
  trap 'if [[ -n $child ]]; then kill -KILL "$child" 2> /dev/null || true; fi; rm -rf "$installed"' EXIT
  # Once: a second signal would cut the clean-up short.
  trap 'trap "" TERM INT HUP; exit 143' TERM INT HUP
  "$root/scripts/install" "$installed/first"
  # Moved after the installation, which must not mind.
  mv "$installed/first" "$installed/second"
  unshare --net --uts --ipc --pid --mount --fork --kill-child=KILL --mount-proc \
    env DTRAIN_INSIDE="$installed/second" "${BASH:-bash}" "$0" "$@" < /dev/null &
  child=$!
  wait "$child" || status=$?
  child=
  return "$status"
}

# What all hosts have in common: the shared directory, keys, names, and what is hidden.
prepare_common() {
  local swift
  ip link set lo up
  mount -t tmpfs -o mode=755 shared /mnt
  cp -R "$DTRAIN_INSIDE" /mnt/dtrain
  cp -R "$root/Datasets/mnist" /mnt/mnist
  swift=$(readlink -f "$(command -v swift)")
  mount -t tmpfs hidden "${swift%/bin/*}/lib/swift"
  mount --bind /dev/null "$swift"
  mount -t tmpfs hidden "$HOME"
  mount -t tmpfs run /run
  mkdir /run/sshd /mnt/runs
  # The repository, last: this script has been read so far.
  mount -t tmpfs hidden "$root"
  cd /mnt
}

# make_hosts COUNT: node01, node02, … at 10.77.0.1, …; this script is at 10.77.0.254.
make_hosts() {
  local number name
  prepare_common
  ssh-keygen -q -t ed25519 -N '' -f /run/key
  mkdir -m 700 "$HOME/.ssh"
  cp /run/key "$HOME/.ssh/id_ed25519"
  echo "node* $(cut -d ' ' -f 1,2 /run/key.pub)" > "$HOME/.ssh/known_hosts"
  # What a user's shell would set: the program's place, and what root and few cores ask for.
  cat > /run/sshd_config << END
HostKey /run/key
AuthorizedKeysFile /run/key.pub
StrictModes no
UsePAM no
PidFile none
SetEnv PATH=/mnt/dtrain/bin:/usr/bin:/bin:/usr/sbin:/sbin OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_mpi_yield_when_idle=1
END
  cp /etc/hosts /run/hosts
  for ((number = 1; number <= $1; number++)); do echo "10.77.0.$number node0$number"; done >> /run/hosts
  mount --bind /run/hosts /etc/hosts

  ip link add bridge type bridge
  ip address add 10.77.0.254/24 dev bridge
  ip link set bridge up
  for ((number = 1; number <= $1; number++)); do make_host "$number"; done
  for ((number = 1; number <= $1; number++)); do
    name=node0$number
    for ((attempt = 0; attempt < 100; attempt++)); do
      if on "$name" true 2> /dev/null; then continue 2; fi
      sleep 0.1
    done
    die "$name does not answer"
  done
}

# make_host NUMBER: its end of the cable is host0NUMBER on the bridge, eth0 inside.
make_host() {
  local process
  unshare --net --uts --ipc --pid --mount --fork --kill-child=KILL --mount-proc bash -c "
    set -e
    hostname node0$1
    mount -t tmpfs tmp /tmp
    mount -t tmpfs shm /dev/shm
    ip link set lo up
    until ip link show eth0; do sleep 0.02; done > /dev/null 2>&1
    ip address add 10.77.0.$1/24 dev eth0
    ip link set eth0 up
    exec /usr/sbin/sshd -D -q -f /run/sshd_config" &
  process=$!
  until [[ $(readlink "/proc/$process/ns/net") != $(readlink /proc/self/ns/net) ]]; do
    sleep 0.02
  done
  ip link add "host0$1" type veth peer name eth0 netns "$process"
  ip link set "host0$1" master bridge up
}

# on NAME COMMAND: a shell command on a host, in the shared directory.
on() { ssh -o ConnectTimeout=5 "$1" "cd /mnt && ${*:2}"; }

# unplugged NAME, plugged NAME: the cable of a host; neither end is told more than a real one would be.
unplugged() { ip link set "${1/node/host}" down; }
plugged() { ip link set "${1/node/host}" up; }

# throttled NAME RATE: what a host receives comes no faster.
throttled() { tc qdisc replace dev "${1/node/host}" root tbf rate "$2" burst 64kb latency 100ms; }
unthrottled() { tc qdisc del dev "${1/node/host}" root; }

# Checks, counted: all are made, and `verdict` says how many failed.
checks=0
failures=0

# check WHAT COMMAND…: a shell command that must succeed.
check() {
  local began=$SECONDS
  checks=$((checks + 1))
  if "${@:2}"; then
    echo "ok: $1 ($((SECONDS - began)) s)"
  else
    echo "FAILED: $1"
    failures=$((failures + 1))
  fi
}

verdict() {
  echo "$checks checks, $failures failed, $SECONDS s"
  [[ $failures -eq 0 ]]
}
