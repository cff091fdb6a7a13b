"""What a table of figures has to say about where they were measured."""

import json
import os
import platform
import re
import subprocess
from datetime import date
from pathlib import Path

# Asked of the library itself, in a process that ends: loading it starts its threads.
OPENBLAS_PROBE = """
import ctypes, sys
library = ctypes.CDLL(sys.argv[1])
library.openblas_get_config.restype = ctypes.c_char_p
print(library.openblas_get_config().decode())
"""
PEERS_PROBE = """
import importlib.metadata, json, sys
found = {}
for package in sys.argv[1:]:
    try:
        found[package] = importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        found[package] = "missing"
print(json.dumps(found))
"""


def output_of(command, **options):
    """The standard output of a command, or None where it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, **options)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def processor():
    """The processor's name."""
    described = output_of(["lscpu"], env=os.environ | {"LC_ALL": "C"}) or ""
    match = re.search(r"^Model name:\s*(.+)$", described, re.MULTILINE)
    return match.group(1) if match else platform.machine()


def memory_gib():
    total = re.search(r"^MemTotal:\s*(\d+) kB", Path("/proc/meminfo").read_text(), re.MULTILINE)
    return round(int(total.group(1)) / 2**20)


def openblas_version(dtrain, python):
    """The version of the OpenBLAS that the executable loads."""
    libraries = output_of(["ldd", str(dtrain)]) or ""
    match = re.search(r"=> (\S*openblas\S*|\S*libblas\S*)", libraries)
    config = output_of([str(python), "-c", OPENBLAS_PROBE, match.group(1)]) if match else None
    version = re.match(r"OpenBLAS (\S+)", config or "")
    return version.group(1) if version else "unknown"


def commit(root):
    """The commit of the sources, marked where they differ from it."""
    head = output_of(["git", "rev-parse", "--short=10", "HEAD"], cwd=root)
    if head is None:
        return "unknown"
    changed = output_of(["git", "status", "--porcelain", "--", "Sources", "Package.swift"], cwd=root)
    return f"{head} with changes" if changed else head


def versions(python, packages):
    """The versions of a Python's packages."""
    found = output_of([str(python), "-c", PEERS_PROBE, *packages])
    return json.loads(found) if found else dict.fromkeys(packages, "missing")


def describe(root, dtrain, peers_python, own_python, packages=("torch", "numpy")):
    """Names and values for the table's foot; the same on two runs that may be joined."""
    launcher = re.search(r"(\d+\.\d+\.\d+)", output_of(["mpirun", "--version"]) or "")
    return {
        "date": date.today().isoformat(),
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": memory_gib(),
        "dtrain": commit(root),
        "openblas": openblas_version(dtrain, own_python),
        "open_mpi": launcher.group(1) if launcher else "unknown",
        **versions(peers_python, packages),
    }
