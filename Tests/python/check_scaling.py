"""Checks `dtrain kmeans` and `dtrain kmedians` with --scale against rows that NumPy scales.

Usage: check_scaling.py DTRAIN

The same bytes on 1, 2 and 5 ranks; every label is the nearest center in scaled columns, every center the exact mean
or median of its rows as they are; predict and evaluate find the run's labels and objective again; --init takes centers
in the units of the rows; a row of weight w counts as w rows; what scaling would make infinite is refused.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from exact import mean

program = sys.argv[1]
random = np.random.default_rng(1)
ROWS, CLUSTERS = 2000, 4
wide = random.standard_normal((ROWS, 3)) * [1, 1e4, 1e-3] + [0, 1e5, 3]
SETS = {
    "columns of wild scales": np.column_stack([wide, random.integers(0, 3, ROWS), np.full(ROWS, 7)]).astype(np.float32),
    "a sentinel": np.column_stack([random.integers(20, 80, ROWS), random.standard_normal(ROWS)]).astype(np.float32),
    "bytes": random.integers(0, 256, (ROWS, 5)).astype(np.uint8),
}
SETS["a sentinel"][[5, 17], 0] = 1e30


def dtrain(ranks, *words, code=0):
    command = [str(word) for word in ["mpirun", "-np", ranks, program, *words, "--quiet"]]
    done = subprocess.run(command, timeout=60, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert done.returncode == code, f"{' '.join(command)}: exit code {done.returncode}, {done.stderr}"
    return done.stderr


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
    for ranks in [1, 2, 5]:
        options = ["--clusters", CLUSTERS, "--scale", kind, "--tolerance", 0, "--save-labels", "--out", run, "--overwrite"]
        dtrain(ranks, command, "--data", data, *options)
        found = [(run / name).read_bytes() for name in ["centers.npy", "labels.npy", "config.json"]]
        first = first or found
        assert found == first, f"N={ranks}: other bytes than N=1"
    centers, labels = np.load(run / "centers.npy"), np.load(run / "labels.npy")
    apart = scaled(rows, rows, kind)[:, None] - scaled(centers, rows, kind)
    costs = (apart**2 if command == "kmeans" else np.abs(apart)).sum(axis=2)
    own = costs[np.arange(ROWS), labels]
    assert (own <= costs.min(axis=1) * (1 + 1e-4)).all(), "a label is not the nearest center in scaled columns"
    objective = json.loads((run / "summary.json").read_text())["objective"]
    assert abs(own.sum() / objective - 1) < 1e-5, f"NumPy's objective is {own.sum()}, the run's {objective}"
    for cluster in range(CLUSTERS):
        own = rows[labels == cluster].astype(np.float32)
        if command == "kmeans":
            expected = np.array([mean(column, np.ones(len(own))) for column in own.T])
        else:
            expected = np.median(own, axis=0)
        assert (centers[cluster] == expected).all(), f"cluster {cluster} is {centers[cluster]}, exactly {expected}"
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

with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    rows, counts = SETS["columns of wild scales"][:300], random.integers(0, 4, 300)
    counts[:CLUSTERS] = 1
    np.save(folder / "x.npy", rows)
    np.save(folder / "w.npy", counts.astype(np.float32))
    np.save(folder / "repeated.npy", np.repeat(rows, counts, axis=0))
    np.save(folder / "start.npy", rows[:CLUSTERS])
    for command in ["kmeans", "kmedians"]:
        for kind in ["standard", "unit"]:
            options = ["--clusters", CLUSTERS, "--scale", kind, "--init", folder / "start.npy", "--tolerance", 0]
            weighted = ["--data", folder / "x.npy", "--weights", folder / "w.npy"]
            dtrain(3, command, *weighted, *options, "--out", folder / "weighted", "--overwrite")
            dtrain(2, command, "--data", folder / "repeated.npy", *options, "--out", folder / "plain", "--overwrite")
            found, plain = ((folder / run / "centers.npy").read_bytes() for run in ["weighted", "plain"])
            assert found == plain, f"{command} --scale {kind}: a row of weight w is not what w rows are"
    print("weights: as repeated rows")

    np.save(folder / "tiny.npy", (rows[:, :1] * 1e-30).astype(np.float32))
    far = (rows[:, :1] * 1e-30).astype(np.float32)
    far[3] = 1e10
    np.save(folder / "far.npy", far)
    np.save(folder / "start.npy", far[: CLUSTERS])
    for command in ["kmeans", "kmedians"]:
        options = ["--data", folder / "tiny.npy", "--clusters", CLUSTERS, "--scale", "standard"]
        dtrain(2, command, *options, "--out", folder / "run", "--overwrite")
        for asked in [["predict", "--output", folder / "p.npy"], ["evaluate"]]:
            message = dtrain(2, *asked, "--model", folder / "run", "--data", folder / "far.npy", code=3)
            assert "row 3, column 0" in message and "far.npy" in message, message
        message = dtrain(2, command, *options, "--init", folder / "start.npy", "--out", folder / "new", code=3)
        assert "row 3, column 0" in message and "start.npy" in message, message
        assert not (folder / "new").exists(), "a refused run leaves a directory"
    print("values beyond all bounds: refused")

    (folder / "run" / "config.json").write_text("{")
    asked = ["evaluate", "--model", folder / "run", "--data", folder / "tiny.npy"]
    assert "config.json is damaged" in dtrain(2, *asked, code=3)
    (folder / "run" / "config.json").write_text('{"model_type": "vit", "scale": 0.5}')
    assert "does not say in which metric" in dtrain(2, *asked, code=3)
    (folder / "elsewhere").mkdir()
    for name in ["centers.npy", "config.json"]:
        (folder / "elsewhere" / name).write_bytes((folder / "run" / name).read_bytes())
    asked = ["evaluate", "--model", folder / "elsewhere" / "centers.npy", "--data", folder / "tiny.npy"]
    dtrain(2, *asked)
    assert "--labels" in dtrain(2, *asked, "--labels", folder / "w.npy", code=2)
    print("a config.json that is damaged or of others: refused, left alone")
