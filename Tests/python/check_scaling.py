"""Checks `dtrain kmeans` and `dtrain kmedians` with --scale against rows that NumPy scales.

Usage: check_scaling.py DTRAIN

The same bytes on 1, 2, 3 and 5 ranks; every label is the nearest centre in scaled columns; predict and evaluate find
the run's labels and objective again; --init takes centres in the units of the rows.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

program = sys.argv[1]
random = np.random.default_rng(1)
ROWS, CLUSTERS = 2000, 4
wide = random.standard_normal((ROWS, 3)) * [1, 1e4, 1e-3] + [0, 1e5, 3]
SETS = {
    "columns of wild scales": np.column_stack([wide, random.integers(0, 3, ROWS), np.full(ROWS, 7)]).astype(np.float32),
    "bytes": random.integers(0, 256, (ROWS, 5)).astype(np.uint8),
}


def dtrain(ranks, *words):
    command = ["mpirun", "-np", ranks, program, *words, "--quiet"]
    subprocess.run([str(word) for word in command], check=True, timeout=60, stdout=subprocess.DEVNULL)


def scaled(points, rows, kind):
    if kind == "unit":
        return points / (255 if rows.dtype == np.uint8 else np.abs(rows.astype(np.float64)).max(axis=0))
    rows, points = rows.astype(np.float64), points.astype(np.float64)
    deviation = rows.std(axis=0)
    return (points - rows.mean(axis=0)) / np.where(deviation == 0, 1, deviation)


def check(folder, rows, kind, command):
    data, run = folder / "x.npy", folder / "run"
    np.save(data, rows)
    first = None
    for ranks in [1, 2, 3, 5]:
        options = ["--clusters", CLUSTERS, "--scale", kind, "--save-labels", "--out", run, "--overwrite"]
        dtrain(ranks, command, "--data", data, *options)
        found = [(run / name).read_bytes() for name in ["centers.npy", "labels.npy", "config.json"]]
        first = first or found
        assert found == first, f"N={ranks}: other bytes than N=1"
    centers, labels = np.load(run / "centers.npy"), np.load(run / "labels.npy")
    apart = scaled(rows, rows, kind)[:, None] - scaled(centers, rows, kind)
    costs = (apart**2 if command == "kmeans" else np.abs(apart)).sum(axis=2)
    own = costs[np.arange(ROWS), labels]
    assert (own <= costs.min(axis=1) * (1 + 1e-4)).all(), "a label is not the nearest centre in scaled columns"
    objective = json.loads((run / "summary.json").read_text())["objective"]
    assert abs(own.sum() / objective - 1) < 1e-5, f"NumPy's objective is {own.sum()}, the run's {objective}"
    for cluster in range(CLUSTERS):
        middle = np.mean if command == "kmeans" else np.median
        expected = middle(scaled(rows, rows, kind)[labels == cluster], axis=0)
        error = np.abs(scaled(centers, rows, kind)[cluster] - expected).max()
        assert error < 1e-2, f"cluster {cluster} is off by {error}"
    dtrain(2, "predict", "--model", run, "--data", data, "--output", folder / "p.npy")
    assert (np.load(folder / "p.npy") == labels).all(), "predict finds other labels"
    dtrain(2, "evaluate", "--model", run, "--data", data, "--output", folder / "e.json")
    report = json.loads((folder / "e.json").read_text())
    assert (report["objective"], report["scale"]) == (objective, kind), f"evaluate says {report}"
    again = folder / "again"
    options = ["--clusters", CLUSTERS, "--scale", kind, "--init", run / "centers.npy", "--save-labels"]
    dtrain(2, command, "--data", data, *options, "--max-iterations", 1, "--out", again)
    assert (np.load(again / "labels.npy") == labels).mean() > 0.99, "--init does not go on from where a run ended"


for name, rows in SETS.items():
    for kind in ["standard", "unit"]:
        for command in ["kmeans", "kmedians"]:
            with tempfile.TemporaryDirectory() as folder:
                check(pathlib.Path(folder), rows, kind, command)
                print(f"{command} --scale {kind}, {name}: as NumPy scales them")
