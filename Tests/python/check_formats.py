"""Checks that the same numbers give the same bytes of a model, whatever format they come in.

check_formats.py DTRAIN FOLDER…: DTRAIN is the program, each FOLDER has files named as MNIST's.

scikit-learn's small sets, and rows of the folders, as NPY, NPZ, HDF5, CSV, TSV, LIBSVM and IDX, some gzipped.
"""

import gzip
import hashlib
import pathlib
import struct
import subprocess
import sys
import tempfile

import h5py
import numpy as np
from sklearn import datasets

program, *folders = sys.argv[1], *map(pathlib.Path, sys.argv[2:])
options = ["--epochs", "2", "--hidden", "8", "--quiet", "--overwrite"]


def model(directory, name, data):
    out = directory / "run"
    command = [program, "mlp", "--data", *map(str, data), *options, "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"{name}: {' '.join(command)}: {done.stderr}"
    return hashlib.sha256((out / "model.safetensors").read_bytes()).hexdigest()


def idx(array):
    code = {np.dtype("u1"): 8, np.dtype(">f8"): 14, np.dtype(">i4"): 12}[array.dtype]
    return struct.pack(f">HBB{array.ndim}I", 0, code, array.ndim, *array.shape) + array.tobytes()


def compare(name, files, more=()):
    with tempfile.TemporaryDirectory() as path:
        directory = pathlib.Path(path)
        found = {kind: model(directory, f"{name}, {kind}", [*write(directory), *more]) for kind, write in files.items()}
    assert len(set(found.values())) == 1, f"{name}: {found}"
    print(f"{name}: {', '.join(found)} give one model")


def tables(x, y):
    """Ways to write float64 rows and targets."""
    def npy(at):
        np.save(at / "x.npy", x), np.save(at / "y.npy", y)
        return [at / "x.npy", "--labels", at / "y.npy"]

    def npz(at):
        np.savez_compressed(at / "d.npz", x=x, y=y)
        return [at / "d.npz"]

    def hdf5(at):
        with h5py.File(at / "d.h5", "w") as file:
            file.create_dataset("x", data=x, chunks=(min(50, len(x)), x.shape[1]), compression="gzip")
            file["y"] = y
        return [at / "d.h5"]

    def text(delimiter):
        return "".join(delimiter.join(map(repr, row)) + "\n" for row in np.column_stack([x, y]).tolist())

    def csv(at):
        (at / "t.csv").write_text(text(","))
        return [at / "t.csv", "--target=-1"]

    def tsv(at):
        (at / "t.tsv.gz").write_bytes(gzip.compress(text("\t").encode()))
        return [at / "t.tsv.gz", "--target=-1"]

    def libsvm(at):
        datasets.dump_svmlight_file(x, y, str(at / "d.svm"), zero_based=False)
        # scikit-learn writes 16 digits, which are not always those of the number.
        lines = [
            " ".join([repr(float(label)), *(f"{column + 1}:{value!r}" for column, value in enumerate(row) if value or column == len(row) - 1)])
            for row, label in zip(x.tolist(), y)]
        (at / "d.svm").write_text("\n".join(lines) + "\n")
        return [at / "d.svm"]

    def own(at):
        (at / "x.idx").write_bytes(idx(x.astype(">f8"))), (at / "y.idx").write_bytes(idx(y.astype(">f8")))
        return [at / "x.idx", "--labels", at / "y.idx"]

    return {"NPY": npy, "NPZ": npz, "HDF5": hdf5, "CSV": csv, "TSV gzipped": tsv, "LIBSVM": libsvm, "IDX": own}


def images(x, y):
    """Ways to write images of bytes."""
    def own(at):
        (at / "x.idx").write_bytes(idx(x)), (at / "y.idx").write_bytes(gzip.compress(idx(y)))
        return [at / "x.idx", "--labels", at / "y.idx"]

    def npz(at):
        np.savez(at / "d.npz", x=x, y=y)
        return [at / "d.npz"]

    def hdf5(at):
        with h5py.File(at / "d.h5", "w") as file:
            file["x"], file["y"] = x, y
        return [at / "d.h5"]

    return {"IDX": own, "NPZ": npz, "HDF5": hdf5}


def read_idx(path):
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rb") as file:
        _, _, extents = struct.unpack(">HBB", file.read(4))
        shape = struct.unpack(f">{extents}I", file.read(4 * extents))
        return np.frombuffer(file.read(), "u1").reshape(shape)


for load in (datasets.load_iris, datasets.load_wine, datasets.load_breast_cancer, datasets.load_digits, datasets.load_diabetes):
    x, y = load(return_X_y=True)
    compare(load.__name__.removeprefix("load_"), tables(x.astype(float), y.astype(float)))
for folder in folders:
    x, y = (read_idx(next(folder.glob(f"t10k-{kind}*")))[:2000] for kind in ("images", "labels"))
    compare(folder.name, images(x, y))
    # Bytes and the same numbers as text, where neither is scaled. The labels of a table are classes all the same.
    kinds = tables(x[:300].reshape(300, -1).astype(float), y[:300].astype(float))
    kinds = {kind: kinds[kind] for kind in ["CSV", "TSV gzipped", "LIBSVM"]} | {"IDX of bytes": images(x[:300].reshape(300, -1), y[:300])["IDX"]}
    compare(f"{folder.name}, 300 rows", kinds, ["--scale", "none", "--targets", "classes"])
