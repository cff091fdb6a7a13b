"""Checks the centers of `dtrain kmeans` against exact rational arithmetic, bit for bit.

Usage: check_means.py DTRAIN RANKS

One iteration from given centers, of rows whose labels do not depend on rounding; the means are fractions of Python's
`fractions`, rounded once to float32.
"""

import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from exact import mean

program, ranks = sys.argv[1], sys.argv[2]
random = np.random.default_rng(11)
ROWS, CLUSTERS = 420, 6
GROUPS = np.arange(ROWS) % CLUSTERS


def apart(values, distance):
    """The values behind a column that tells which cluster a row belongs to."""
    return np.column_stack([GROUPS * distance, values]).astype(np.float32)


def scattered(low, high):
    sizes = 2.0 ** random.integers(low, high, (ROWS, 5))
    return random.choice([-1, 1], (ROWS, 5)) * sizes * random.uniform(1, 2, (ROWS, 5))


def beside(sentinel):
    values = scattered(-30, 3)
    values[5] = values[17] = sentinel
    return values


pairs = random.standard_normal((ROWS, 5)).astype(np.float32)
pairs[2 * CLUSTERS :] = 0
near = np.zeros((ROWS, 5))
near[:CLUSTERS] = 2 + 2.0**-22
near[CLUSTERS : 2 * CLUSTERS] = 2
near[2 * CLUSTERS : 3 * CLUSTERS] = random.choice([-1, 0, 1], (CLUSTERS, 5)) * 2.0**-60
CASES = {
    "columns of wild scales": apart(scattered(-20, 3), 1e3),
    "far from zero": apart(scattered(-3, 3) + 1e5, 1e6),
    "a sentinel of 1e20": apart(beside(1e20), 1e22),
    "a sentinel of 1e30": apart(beside(-1e30), 1e32),
    "means in the middle of two floats": apart(pairs, 1e3),
    "means next to the middle": apart(near, 1e3),
    "subnormal numbers": apart(scattered(-149, -126), 1e3),
    "whole numbers": apart(random.integers(-4, 5, (ROWS, 5)), 1e3),
    "bytes": apart(random.integers(0, 9, (ROWS, 5)), 50).astype(np.uint8),
}
WEIGHTS = {
    "none": None,
    "around 1": random.uniform(0, 2, ROWS),
    "far apart": 10.0 ** random.integers(-20, 20, ROWS),
}


for name, rows in CASES.items():
    for kind, weights in WEIGHTS.items():
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            start = rows[:CLUSTERS].astype(np.float32)
            start[:, 1:] = 0
            np.save(folder / "x.npy", rows)
            np.save(folder / "start.npy", start)
            command = ["mpirun", "-np", ranks, program, "kmeans", "--data", folder / "x.npy"]
            command += ["--clusters", CLUSTERS, "--init", folder / "start.npy", "--max-iterations", "1", "--quiet"]
            command += ["--out", folder / "run"]
            counts = np.ones(ROWS, np.float32)
            if weights is not None:
                counts = weights.astype(np.float32)
                np.save(folder / "w.npy", counts)
                command += ["--weights", folder / "w.npy"]
            subprocess.run([str(word) for word in command], check=True, timeout=60)
            found = np.load(folder / "run" / "centers.npy")
            for k in range(CLUSTERS):
                own = GROUPS == k
                expected = np.array([mean(column, counts[own]) for column in rows[own].T]) + np.float32(0)
                assert (found[k] + np.float32(0)).tobytes() == expected.tobytes(), (
                    f"{name}, weights {kind}: cluster {k} is {found[k]}, exactly rounded {expected}"
                )
count = len(CASES) * len(WEIGHTS)
print(f"N={ranks}: {count} sets of rows, each mean of {CLUSTERS} clusters is the exact one, rounded once")
