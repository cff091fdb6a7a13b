"""Rows to cluster, and the centers that the systems start from: K different rows. Both are NPY files, made once.

The K rows are those that faiss.SuperKMeans draws, which takes no start from its caller.

The recipes:
- mnist, mnist-float32: the training images, as bytes and as float32
- blobs: centers uniform in [-10, 10], rows normal around them with standard deviation 1
- spectrum, spectrum-uint8: normal rows in a random rotation, of variance 1 / i along the i-th axis, as
  embeddings have it; as bytes, magnitudes of up to 4 standard deviations
- normal, uniform: independent columns, standard normal or in [0, 1): no clusters
- sentences: see sentences.py
"""

import argparse
import gzip
import os
from pathlib import Path

import numpy

FAISS_SEED = 1234 + 1  # of its first permutation, by default


def read_mnist(directory):
    """The training images, uint8 `[60000, 784]`."""
    with gzip.open(directory / "train-images-idx3-ubyte.gz", "rb") as file:
        return numpy.frombuffer(file.read(), dtype=numpy.uint8, offset=16).reshape(-1, 784)


def make_blobs(rows, columns, clusters, generator):
    """float32 `[rows, columns]`."""
    centers = generator.uniform(-10, 10, (clusters, columns)).astype(numpy.float32)
    labels = generator.integers(clusters, size=rows)
    values = generator.standard_normal((rows, columns), dtype=numpy.float32)
    values += centers[labels]
    return values


def make_spectrum(rows, columns, generator):
    """float32 `[rows, columns]`."""
    rotation, _ = numpy.linalg.qr(generator.standard_normal((columns, columns)))
    axes = rotation / numpy.sqrt(numpy.arange(1, columns + 1))[:, None]
    return generator.standard_normal((rows, columns), dtype=numpy.float32) @ axes.astype(numpy.float32)


def make_rows(options):
    """`[rows, columns]` by the recipe."""
    size = (options.rows, options.columns)
    generator = numpy.random.default_rng(0)
    match options.recipe:
        case "mnist":
            return read_mnist(options.mnist)[: options.rows]
        case "mnist-float32":
            return read_mnist(options.mnist)[: options.rows].astype(numpy.float32)
        case "blobs":
            return make_blobs(*size, options.blobs, generator)
        case "spectrum":
            return make_spectrum(*size, generator)
        case "spectrum-uint8":
            values = numpy.abs(make_spectrum(*size, generator))
            return numpy.clip(values / values.std() * 64, 0, 255).astype(numpy.uint8)
        case "normal":
            return generator.standard_normal(size, dtype=numpy.float32)
        case "uniform":
            return generator.random(size, dtype=numpy.float32)
        case "sentences":
            from sentences import embed

            return embed(options.rows)
    raise SystemExit(f"cluster_data.py: no recipe is called {options.recipe}")


def drawn_by_faiss(rows, count):
    """The numbers of the rows that FAISS' k-means starts from by default, int32 `[count]`."""
    import faiss

    permutation = numpy.empty(rows, numpy.int32)
    faiss.rand_perm(faiss.swig_ptr(permutation), rows, FAISS_SEED)
    return permutation[:count]


def save(path, values):
    """All or nothing: a file of this name is whole."""
    partial = path.with_suffix(".partial")
    with open(partial, "wb") as file:
        numpy.save(file, values)
    os.replace(partial, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="of the rows; one that is there is kept")
    parser.add_argument("--recipe", required=True)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--columns", type=int, required=True)
    parser.add_argument("--blobs", type=int, help="number of blobs")
    parser.add_argument("--mnist", type=Path, help="the directory with MNIST")
    parser.add_argument("--start", type=Path, help="the file of the first centers")
    parser.add_argument("--clusters", type=int, help="their number")
    options = parser.parse_args()
    options.file.parent.mkdir(parents=True, exist_ok=True)
    if not options.file.exists():
        save(options.file, make_rows(options))
    if options.start:
        values = numpy.load(options.file, mmap_mode="r")
        save(options.start, values[drawn_by_faiss(len(values), options.clusters)].astype(numpy.float32))


if __name__ == "__main__":
    main()
