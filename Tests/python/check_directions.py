"""Checks `dtrain kmeans --metric cosine` against rational arithmetic, NumPy and, if asked for, FAISS.

Usage: check_directions.py DTRAIN RANKS [--faiss]

Centers: one iteration from given centers, of rows whose labels do not depend on rounding. Each coordinate lies within 1 ulp
of that of the exact direction of the rows' directions. Runs: from the same start, labels are those of NumPy in float64 and
the objective is within 1e-9; with --faiss, that of `faiss.Kmeans(spherical=True)` is within 1e-5.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
from fractions import Fraction

import numpy as np

program, ranks = sys.argv[1], sys.argv[2]
random = np.random.default_rng(12)
ROWS, CLUSTERS, COLUMNS = 420, 6, 5
GROUPS = np.arange(ROWS) % CLUSTERS


def cluster(folder, rows, start, *options, weights=None):
    np.save(folder / "x.npy", rows)
    np.save(folder / "start.npy", start.astype(np.float32))
    command = ["mpirun", "--oversubscribe", "-np", ranks, program, "kmeans", "--data", folder / "x.npy"]
    command += ["--metric", "cosine", "--clusters", len(start), "--init", folder / "start.npy", "--quiet"]
    command += ["--tolerance", "0", "--save-labels", "--out", folder / "run", "--overwrite", *options]
    if weights is not None:
        np.save(folder / "w.npy", weights)
        command += ["--weights", folder / "w.npy"]
    subprocess.run([str(word) for word in command], check=True, timeout=120, stderr=subprocess.PIPE)
    run = folder / "run"
    return np.load(run / "centers.npy"), np.load(run / "labels.npy"), json.loads((run / "summary.json").read_text())


def directions(rows):
    wide = rows.astype(np.float32).astype("f8")
    return (wide / np.sqrt((wide**2).sum(axis=1, keepdims=True))).astype(np.float32)


# Exact centers.


def apart(values):
    """The values behind columns of which one, larger than all, tells which cluster a row belongs to."""
    axes = np.zeros((ROWS, CLUSTERS))
    axes[np.arange(ROWS), GROUPS] = 2 * np.linalg.norm(values.astype("f8"), axis=1) + 1e-30
    return np.column_stack([axes, values]).astype(np.float32)


def scattered(low, high):
    sizes = 2.0 ** random.integers(low, high, (ROWS, COLUMNS))
    return random.choice([-1, 1], (ROWS, COLUMNS)) * sizes * random.uniform(1, 2, (ROWS, COLUMNS))


def opposed(values):
    """Rows of which every other one of a cluster has the opposite values: their sums cancel."""
    values[np.arange(ROWS) // CLUSTERS % 2 == 1] *= -1
    return values


pairs = np.repeat(scattered(-3, 3)[::2], 2, axis=0).reshape(-1, 2, COLUMNS).swapaxes(0, 1).reshape(ROWS, COLUMNS)
tiny = opposed(np.abs(scattered(-2, 2)))
tiny[:, 3:] = np.abs(scattered(-140, -120))[:, 3:]
lengths = 10.0 ** random.integers(-18, 18, (ROWS, 1))
CASES = {
    "one scale": apart(scattered(-1, 1)),
    "lengths from 1e-18 to 1e18": apart(scattered(-3, 3)) * lengths.astype(np.float32),
    "columns of wild scales": apart(scattered(-40, 3)),
    "sums that nearly cancel": apart(opposed(np.abs(scattered(-1, 1)))),
    "numbers far below the sums that cancel": apart(tiny),
    "rows twice": apart(pairs),
    "few values that are not 0": apart(scattered(-3, 3) * (random.random((ROWS, COLUMNS)) < 0.1)),
    "bytes": np.minimum(255, apart(random.integers(0, 60, (ROWS, COLUMNS)))).astype(np.uint8),
}
WEIGHTS = {
    "none": None,
    "around 1": random.uniform(0, 2, ROWS),
    "far apart": 10.0 ** random.integers(-20, 20, ROWS),
}


def check_centers(folder, name, rows, kind, weights):
    counts = np.ones(ROWS, np.float32) if weights is None else weights.astype(np.float32)
    start = np.eye(CLUSTERS, rows.shape[1])
    found, _, _ = cluster(folder, rows, start, "--max-iterations", 1, weights=None if weights is None else counts)
    exact = directions(rows)
    for k in range(CLUSTERS):
        own = [(Fraction(float(w)), [Fraction(float(x)) for x in row]) for w, row in zip(counts[GROUPS == k], exact[GROUPS == k])]
        sums = [sum(w * row[j] for w, row in own) for j in range(rows.shape[1])]
        square = sum(s * s for s in sums)
        for j, s in enumerate(sums):
            center = found[k, j]
            size, ulp = Fraction(abs(float(center))), Fraction(float(np.spacing(abs(center))))
            assert s == 0 if center == 0 and s * s < ulp * ulp * square else (s > 0) == (center > 0), f"{name}: sign"
            assert max(size - ulp, 0) ** 2 * square <= s * s <= (size + ulp) ** 2 * square, (
                f"{name}, weights {kind}: column {j} of cluster {k} is {center}, not within 1 ulp"
            )


# Whole runs.


def lloyd(rows, centers, weights):
    """Labels, objective and whether every cluster had rows all the time, of spherical k-means in float64."""
    x, centers = directions(rows).astype("f8"), directions(centers).astype("f8")
    weights = np.ones(len(x)) if weights is None else weights.astype("f8")
    labels, full = None, True
    while True:
        costs = np.stack([((x - c) ** 2).sum(axis=1) for c in centers], axis=1)
        before, labels = labels, costs.argmin(axis=1)
        if before is not None and (labels == before)[weights > 0].all():
            return labels, (costs.min(axis=1) * weights).sum() / 2, full
        for k in range(len(centers)):
            total = (x[labels == k] * weights[labels == k, None]).sum(axis=0)
            length = np.sqrt((total**2).sum())
            if (weights[labels == k] > 0).any():
                centers[k] = (total / length).astype(np.float32)
            else:
                full = False


def blobs(rows, columns, groups, noise):
    return random.standard_normal((groups, columns))[random.integers(0, groups, rows)] + noise * random.standard_normal((rows, columns))


RUNS = {
    "blobs": (blobs(3000, 32, 12, 0.6), 12),
    "blobs of any length": (blobs(2000, 64, 20, 0.7) * 10.0 ** random.integers(-6, 7, (2000, 1)), 20),
    "noise": (random.standard_normal((1500, 100)), 10),
    "two columns": (random.standard_normal((800, 2)), 5),
    "bytes": (random.integers(0, 256, (1000, 48)).astype(np.uint8), 8),
    "few rows": (random.standard_normal((9, 4)), 7),
}


def check_runs(folder):
    for name, (rows, count) in RUNS.items():
        rows = rows if rows.dtype == np.uint8 else rows.astype(np.float32)
        for weights in [None, random.uniform(0, 3, len(rows)).astype(np.float32)]:
            _, labels, summary = cluster(folder, rows, rows[:count], "--empty", "keep", weights=weights)
            expected, objective, _ = lloyd(rows, rows[:count], weights)
            assert (labels == expected).all(), f"{name}: {(labels != expected).sum()} labels differ"
            assert abs(summary["objective"] - objective) <= 1e-9 * objective, f"{name}: {summary['objective']}, not {objective}"


def check_faiss(folder):
    import faiss

    compared = 0
    for name, (rows, count) in RUNS.items():
        rows = rows.astype(np.float32)
        # FAISS fills empty clusters in its own way.
        if not lloyd(rows, rows[:count], None)[2]:
            continue
        for iterations in [1, 5, 40]:
            *_, summary = cluster(folder, rows, rows[:count], "--max-iterations", iterations)
            unit = directions(rows)
            kmeans = faiss.Kmeans(rows.shape[1], count, niter=iterations, spherical=True, min_points_per_centroid=1,
                                  max_points_per_centroid=len(rows))
            kmeans.train(unit, init_centroids=unit[:count])
            theirs = len(rows) - (unit.astype("f8") @ kmeans.centroids.astype("f8").T).max(axis=1).sum()
            assert abs(summary["objective"] - theirs) <= 1e-5 * theirs, f"{name}: {summary['objective']}, FAISS {theirs}"
        compared += 1
    assert compared >= 4, f"only {compared} sets were compared"
    print(f"N={ranks}: {compared} sets have the objective of FAISS")


with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    for name, rows in CASES.items():
        for kind, weights in WEIGHTS.items():
            check_centers(folder, name, rows, kind, weights)
    check_runs(folder)
    if "--faiss" in sys.argv:
        check_faiss(folder)
count = len(CASES) * len(WEIGHTS)
print(f"N={ranks}: {count} sets of rows, each center of {CLUSTERS} clusters within 1 ulp of the exact direction; "
      f"{2 * len(RUNS)} runs as in NumPy")
