# Sourced by the other scripts: where the package is, and how Open MPI runs here.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
export LC_ALL=C.UTF-8

# mpirun refuses to run as root. A container often has no other user, so the scripts allow it there;
# nobody should do so by hand on a machine with users.
if [[ $(id -u) -eq 0 ]]; then
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi

# Says that RANKS ranks may share fewer cores, and that a rank that waits then gives up its turn.
allow_ranks() {
  if [[ $(nproc) -lt $1 ]]; then
    export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_mpi_yield_when_idle=1
  fi
}

# A step that is about to begin.
say() { printf '\n== %s\n' "$*"; }

# The end of a script that cannot go on.
die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}
