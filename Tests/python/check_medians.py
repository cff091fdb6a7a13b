"""Checks the centers of `dtrain kmedians` against NumPy's medians, bit for bit.

Usage: check_medians.py DTRAIN RANKS

One iteration from given centers: NumPy assigns the rows in float64 and takes numpy.median of each cluster; weights
are repetitions. float64 rows are taken as dtrain keeps them: less the offsets that config.json tells, as float32.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

program, ranks = sys.argv[1], sys.argv[2]
random = np.random.default_rng(7)


def wild(rows, columns):
    values = random.standard_normal((rows, columns)) * 10.0 ** (np.arange(columns) % 7 - 3)
    values[:, ::3] += 1e5
    values[4::5] = values[: len(values[4::5])]
    return values.astype(np.float32)


CASES = {
    "wild columns": wild(3001, 20),
    "narrow clusters": (random.standard_normal((4000, 4)) * 1e-4 + random.integers(0, 3, (4000, 1))).astype(
        np.float32
    ),
    "whole numbers": random.integers(-3, 4, (2000, 6)).astype(np.float32),
    "zeros of both signs": np.where(random.random((2000, 5)) < 0.6, -0.0, random.random((2000, 5))).astype(np.float32),
    "bytes": random.integers(0, 256, (2500, 40)).astype(np.uint8),
    "float64": wild(2000, 3).astype(np.float64) * 1.000000001,
}


def nearest(rows, centers):
    distances = [np.abs(rows.astype(np.float64) - center.astype(np.float64)).sum(axis=1) for center in centers]
    return np.argmin(distances, axis=0)


for name, rows in CASES.items():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        start = rows[:7] if rows.dtype == np.float64 else rows[:7].astype(np.float32)
        weights = random.integers(0, 4, len(rows)).astype(np.float32)
        weights[:50] = 1
        np.save(folder / "x.npy", rows)
        np.save(folder / "start.npy", start)
        np.save(folder / "w.npy", weights)
        for median in ["midpoint", "lower"]:
            for weighted in [False, True]:
                out = folder / f"{median}-{weighted}"
                command = ["mpirun", "-np", ranks, program, "kmedians", "--data", folder / "x.npy", "--clusters", "7"]
                command += ["--init", folder / "start.npy", "--max-iterations", "1", "--median", median, "--quiet"]
                command += ["--empty", "keep", "--out", out]
                command += ["--weights", folder / "w.npy"] if weighted else []
                subprocess.run([str(word) for word in command], check=True, timeout=60)
                found = np.load(out / "centers.npy")
                kept, first, offset = rows, start, 0
                if rows.dtype == np.float64:
                    offset = np.array(json.loads((out / "config.json").read_text())["scaling_offset"])
                    kept, first = (rows - offset).astype(np.float32), (start - offset).astype(np.float32)
                labels = nearest(kept, first)
                for k in range(7):
                    own = kept[labels == k].astype(np.float32)
                    if weighted:
                        own = np.repeat(own, weights[labels == k].astype(int), axis=0)
                    if len(own) == 0:
                        expected = first[k]
                    elif median == "midpoint":
                        expected = np.median(own, axis=0)
                    else:
                        expected = np.sort(own, axis=0)[(len(own) - 1) // 2]
                    expected = expected + np.float32(0) + offset
                    assert found.dtype == (np.float64 if rows.dtype == np.float64 else np.float32)
                    assert found[k].tobytes() == expected.astype(found.dtype).tobytes(), (
                        f"{name}, {median}, weighted {weighted}: cluster {k} is {found[k]}, NumPy has {expected}"
                    )
print(f"N={ranks}: {len(CASES)} sets of rows, medians of 7 clusters equal NumPy's {np.__version__} to the bit")
