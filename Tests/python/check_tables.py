"""Compares what dtrain makes of tables with pandas: a made-up table of the kind that competitions give, of 100 columns.

check_tables.py DTRAIN RANKS: DTRAIN is the program, started by mpirun with RANKS ranks.

The table has ids, dates as text, categories with commas, quotes, line ends and blanks around them, whole numbers, and missing
values in both. However pandas writes it, it gives one model, whose tensors are those of the matrix that pandas makes of it.
"""

import csv
import hashlib
import math
import os
import subprocess
import sys
import tempfile

import h5py
import numpy as np
import pandas as pd
from safetensors.numpy import load_file

program, ranks = os.path.abspath(sys.argv[1]), int(sys.argv[2])
start = ["mpirun", "-q", "--oversubscribe", "-np", str(ranks), program] if ranks > 1 else [program]
folder = tempfile.TemporaryDirectory()
os.chdir(folder.name)
random = np.random.default_rng(22)
ROWS = 400


def dtrain(*words):
    done = subprocess.run(start + list(words), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"{' '.join(words)}: {done.stderr}"
    return done.stdout


def train(*words, out="run"):
    dtrain("mlp", *words, "--epochs", "3", "--hidden", "8", "--out", out, "--overwrite", "--quiet")
    return open(f"{out}/model.safetensors", "rb").read()


def competition():
    """70 columns of numbers, 27 of categories, an id, a date and the target."""
    texts = ["plain", "Köln, DE", 'so-called "x"', "two\nlines", " blank before", "blank after ", "#1", "ß", "None", "5 %"]
    columns = {"id": [f"row-{i:05d}" for i in range(ROWS)]}
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(ROWS), unit="D")
    columns["date"] = days.strftime("%Y-%m-%d")
    for i in range(70):
        values = random.integers(-9, 9, ROWS).astype(float) if i % 7 == 0 else random.standard_normal(ROWS) * 10.0 ** (i % 5)
        values[random.random(ROWS) < (0.1 if i % 3 == 0 else 0)] = np.nan
        columns[f"number {i}" if i % 2 else f"n_{i}"] = values
    for i in range(27):
        values = np.array(texts, object)[random.integers(0, 2 + i % 9, ROWS)]
        values[random.random(ROWS) < (0.1 if i % 4 == 0 else 0)] = None
        columns[f"c,{i}" if i % 5 == 0 else f"c_{i}"] = values
    columns["price"] = random.standard_normal(ROWS) * 1000
    frame = pd.DataFrame(columns)
    assert frame.shape == (ROWS, 100)
    return frame


def matrix(frame):
    """The numbers that docs/FORMATS.md says such rows become, with pandas: means for missing numbers, shares for texts."""
    parts = []
    for name in frame.columns.drop(["id", "date", "price"]):
        column = frame[name]
        if column.dtype == object or str(column.dtype).startswith("str"):
            order = sorted(column.dropna().unique(), key=str.encode)
            hot = pd.get_dummies(column, dtype=float)[order].to_numpy(copy=True)
            hot[column.isna()] = [math.fsum(part) / len(part) for part in hot[column.notna()].T]
            parts.append(hot)
        else:
            values = column.to_numpy(float, copy=True)
            known = values[~np.isnan(values)]
            values[np.isnan(values)] = math.fsum(known) / len(known)
            parts.append(values[:, None])
    return np.concatenate(parts, axis=1)


frame = competition()
options = ["--target", "price", "--drop", "id", "date", "--missing", "mean"]
models = {}
for name, words in {
    "t.csv": {}, "all.csv": {"quoting": csv.QUOTE_ALL}, "semicolon.csv": {"sep": ";"}, "t.tsv": {"sep": "\t"},
    "crlf.csv": {"lineterminator": "\r\n"}, "bar.txt": {"sep": "|"}, "missing.csv": {"na_rep": "NA"}, "t.csv.gz": {},
    "bom.csv": {"encoding": "utf-8-sig"},
}.items():
    frame.to_csv(name, index=False, **words)
    if name == "crlf.csv":
        # Ends of lines within quotes are text, and stay what they are.
        assert b"two\nlines" in open(name, "rb").read()
    models[name] = train("--data", name, *options)
frame.to_csv("index.csv")
models["index.csv"] = train("--data", "index.csv", *options)
assert len(set(models.values())) == 1, {name: hashlib.sha256(model).hexdigest() for name, model in models.items()}
print(f"competition table, {ROWS} rows of 100 columns: {', '.join(models)} give one model")

x, y = matrix(frame), frame["price"].to_numpy()
np.savez("twin.npz", x=x, y=y)
with h5py.File("twin.h5", "w") as file:
    file.create_dataset("x", data=x, chunks=(50, x.shape[1]), compression="gzip")
    file["y"] = y
pd.DataFrame(np.c_[x, y]).to_csv("twin.csv", index=False, header=False)
pd.DataFrame(np.c_[x, y]).to_csv("twin-numbered.csv", index=False)
twins = {
    "twin.npz": train("--data", "twin.npz", out="twin"), "twin.h5": train("--data", "twin.h5", out="twin"),
    "twin.csv": train("--data", "twin.csv", "--target=-1", out="twin"),
}
assert len(set(twins.values())) == 1, "the matrix gives several models"
own, twin = load_file("run/model.safetensors"), load_file("twin/model.safetensors")
assert own.keys() == twin.keys()
for name in own:
    assert own[name].tobytes() == twin[name].tobytes(), f"{name} differs from that of the matrix of pandas"
print(f"its {x.shape[1]} columns of numbers: {', '.join(twins)} give one model, of the same tensors")

# Columns that pandas numbers have names that are numbers.
header = dtrain("predict", "--model", "run", "--data", "index.csv", "--id", "id", "--output", "-").splitlines()
assert header[0] == "id,prediction" and header[1].startswith("row-00000,"), header[:2]
train("--data", "twin-numbered.csv", "--target", str(x.shape[1]), out="numbered")
numbered = load_file("numbered/model.safetensors")
assert all(numbered[name].tobytes() == twin[name].tobytes() for name in twin), "numbers as names make another model"

# Predictions of the table are those of the matrix.
for run, data in [("run", "t.csv"), ("twin", "twin.npz")]:
    dtrain("predict", "--model", run, "--data", data, *(["--member", "x"] if data == "twin.npz" else []), "--output", f"{run}.npy",
           "--quiet")
assert np.array_equal(np.load("run.npy"), np.load("twin.npy")), "predictions differ"

# What convert writes, pandas reads as it reads the original. Whole numbers lose their point.
def converted(name, target):
    dtrain("convert", name, "--to", target, "--overwrite", "--quiet")
    return pd.read_csv(target, sep="\t" if target.endswith(".tsv") else ",")


for name, target in [("t.tsv", "c.csv"), ("semicolon.csv", "c.tsv"), ("t.csv.gz", "c.csv")]:
    pd.testing.assert_frame_equal(converted(name, target), pd.read_csv("t.csv"), check_exact=True, check_dtype=False)
# Texts of any number are passed on.
many = pd.DataFrame({"key": [f'k{i}, "{i}"' for i in range(30_000)], "x": np.arange(30_000) / 7})
many.loc[::11, "key"] = None
many.to_csv("many.csv", index=False)
pd.testing.assert_frame_equal(converted("many.csv", "many.tsv"), pd.read_csv("many.csv"), check_exact=True, check_dtype=False)
print("tables that are converted: as pandas reads them")

# A model has room for many long texts.
if ranks == 1:
    long = pd.DataFrame({name: [f"{name}{i // 2:080d}" for i in range(16_000)] for name in "ab"})
    long["y"] = np.arange(16_000) % 2
    long.to_csv("long.csv", index=False)
    dtrain("mlp", "--data", "long.csv", "--target", "y", "--epochs", "1", "--hidden", "2", "--learning-rate", "1e-6",
           "--out", "long", "--quiet")
    assert os.path.getsize("long/model.safetensors") > 1 << 20
    dtrain("evaluate", "--model", "long", "--data", "long.csv")
    print("16,000 texts of 81 bytes: a model")
