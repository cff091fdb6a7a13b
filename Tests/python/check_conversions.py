"""Compares what dtrain reads of LIBSVM text, and what it converts, with scikit-learn and NumPy.

check_conversions.py DTRAIN RANKS: DTRAIN is the program, started by mpirun with RANKS ranks.
"""

import gzip
import hashlib
import os
import subprocess
import sys
import tempfile

import numpy as np
from sklearn.datasets import (
    dump_svmlight_file,
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_iris,
    load_svmlight_file,
    load_svmlight_files,
)

program, ranks = os.path.abspath(sys.argv[1]), int(sys.argv[2])
start = ["mpirun", "-q", "--oversubscribe", "-np", str(ranks), program] if ranks > 1 else [program]
folder = tempfile.TemporaryDirectory()
os.chdir(folder.name)


def convert(*arguments):
    subprocess.run(start + ["convert", *arguments, "--overwrite", "--quiet"], check=True)


def digest(path):
    return hashlib.sha256(open(path, "rb").read()).hexdigest()


def same(found, wanted, name):
    assert found.shape == wanted.shape, (name, found.shape, wanted.shape)
    assert np.array_equal(found, wanted), name
    assert np.array_equal(np.signbit(found), np.signbit(wanted)), name


# What scikit-learn writes is read, and what it reads is the same.
for name, (x, y) in {
    "iris": load_iris(return_X_y=True),
    "cancer": load_breast_cancer(return_X_y=True),
    "digits": load_digits(return_X_y=True),
    "diabetes": load_diabetes(return_X_y=True),
}.items():
    for base in [0, 1]:
        dump_svmlight_file(x, y, "a.svm", zero_based=base == 0, comment="made\nby hand", query_id=None)
        convert("a.svm", "--to", "a.npz")
        wanted, labels = load_svmlight_file("a.svm")
        found = np.load("a.npz")
        same(found["x"], wanted.toarray(), name)
        same(found["y"], labels, name)
    # And back: numbers and labels are equal to the last bit.
    np.savez("b.npz", x=x, y=y)
    for first, second in [("b.svm", "c.npz"), ("b.csv", "c.npz"), ("b.tsv", "c.npz")]:
        convert("b.npz", "--to", first)
        options = [] if first == "b.svm" else ["--target", "label"]
        convert(first, *options, "--to", second)
        found = np.load(second)
        same(found["x"], x, (name, first))
        same(found["y"], y.astype(float), (name, first))
    wanted, labels = load_svmlight_file("b.svm", zero_based=False)
    same(wanted.toarray(), x, name)
    same(labels, y.astype(float), name)
    table = np.loadtxt("b.csv", delimiter=",", skiprows=1)
    same(table, np.c_[x, y], name)

# Groups of rows are passed over; files of fewer columns are read beside others.
rng = np.random.default_rng(7)
x = rng.normal(size=(300, 9))
x[rng.random(x.shape) < 0.6] = 0
x[:, 8] = 0
x[7, 8] = 5e-324
x[0, 0] = -0.0
y = rng.integers(-2, 3, 300) / 2
dump_svmlight_file(x[:100], y[:100], "p0.svm", zero_based=False, query_id=np.arange(100))
dump_svmlight_file(x[100:], y[100:], "p1.svm", zero_based=False)
with gzip.open("p1.svm.gz", "wb") as packed:
    packed.write(open("p1.svm", "rb").read())
convert("p0.svm", "p1.svm.gz", "--to", "p.npz")
parts = load_svmlight_files(["p0.svm", "p1.svm"])
same(np.load("p.npz")["x"], np.r_[parts[0].toarray(), parts[2].toarray()], "parts")
same(np.load("p.npz")["y"], np.r_[parts[1], parts[3]], "parts")

# Every type of NPY and IDX, compressed or not, in either order of memory and of bytes.
wild = rng.integers(0, 1 << 63, size=(70, 6)).astype(np.uint64)
for kind in ["?", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"]:
    if kind[0] == "f":
        bits = wild.astype("u" + kind[1])
        values = bits.view(kind) if kind != "f8" else wild.view("f8")
        values = np.where(np.isnan(values), np.array(1, kind), values)
        values[0, :3] = [np.inf, -np.inf, -0.0]
    else:
        values = wild.astype(kind)
        if kind != "?":
            values[0, :2] = [np.iinfo(kind).min, np.iinfo(kind).max]
    swapped = values.astype(values.dtype.newbyteorder(">"))
    for array, source in [
        (swapped, "v.npy"), (swapped, "v.npy.gz"), (np.asfortranarray(values), "v.npz"), (values, "v.npy"),
    ]:
        np.save("v.npy", array)
        with gzip.open("v.npy.gz", "wb") as packed:
            packed.write(open("v.npy", "rb").read())
        np.savez_compressed("v.npz", x=array)
        convert(source, "--to", "w.npy")
        found = np.load("w.npy")
        assert found.dtype == values.dtype and found.tobytes() == values.tobytes(), kind
    convert("v.npy", "--to", "w.csv")
    text = np.loadtxt("w.csv", delimiter=",", skiprows=1, dtype=values.dtype if kind != "?" else "u1")
    same(text.astype(values.dtype), values, kind)
    if kind in ["u1", "i1", "i2", "i4", "f4", "f8"]:
        convert("v.npy", "--to", "w.idx")
        convert("w.idx", "--to", "w2.npy")
        assert np.load("w2.npy").tobytes() == values.tobytes(), kind
        assert digest("w2.npy") == digest("w.npy"), kind

# Shapes stay, labels go to a file of their own, and rows to test on to an archive.
images = rng.integers(0, 256, size=(50, 4, 5)).astype(np.uint8)
classes = rng.integers(0, 3, 50).astype(np.uint8)
np.savez("i.npz", x_train=images, y_train=classes, x_test=images[:9], y_test=classes[:9])
convert("i.npz", "--to", "j.npz")
assert {n: np.load("j.npz")[n].tobytes() for n in np.load("j.npz")} == {
    n: np.load("i.npz")[n].tobytes() for n in np.load("i.npz")
}
convert("i.npz", "--to", "t-images.idx", "--labels-to", "t-labels.idx", "--part", "train")
convert("t-images.idx", "--labels", "t-labels.idx", "--to", "k.npz")
same(np.load("k.npz")["x"], images, "images")
same(np.load("k.npz")["y"], classes, "classes")
convert("i.npz", "--to", "test.npy", "--part", "test")
same(np.load("test.npy"), images[:9], "test")
same(np.load("test-labels.npy"), classes[:9], "test labels")

# Texts stay texts in tables; as labels they become the numbers of classes.
lines = ['id,name,"a ""b""",kind', '1,"Ann, ""A""",0.1,x', '2,"two\nlines",1e300,"#y"', "3,plain,-0,x"]
open("t.csv", "w").write("\n".join(lines))
convert("t.csv", "--to", "t.tsv")
assert open("t.tsv").read() == (
    'id\tname\t"a ""b"""\tkind\n1\t"Ann, ""A"""\t0.1\tx\n2\t"two\nlines"\t1e+300\t"#y"\n3\tplain\t-0\tx\n'
), open("t.tsv").read()
convert("t.tsv", "--to", "t2.csv")
convert("t2.csv", "--to", "t3.csv")
assert digest("t2.csv") == digest("t3.csv")
open("s.csv", "w").write("x,kind\n1,b\n2,a\n3,b\n")
convert("s.csv", "--target", "kind", "--to", "s.npz")
same(np.load("s.npz")["y"], np.array([1.0, 0, 1]), "classes")

# The bytes do not depend on the number of ranks: a digest that the caller compares.
big = rng.normal(size=(40_000, 60)).astype("f4")
np.savez("big.npz", x=big, y=np.arange(40_000) % 7)
for name in ["big.csv", "big2.npz", "big.svm", "big.npy"]:
    convert("big.npz", "--to", name)
    print(name, digest(name))
same(np.load("big2.npz")["x"], big, "big")
same(load_svmlight_file("big.svm", zero_based=False)[0].toarray().astype("f4"), big, "big")
