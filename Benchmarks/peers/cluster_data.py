"""Rows to cluster and the centers that every system starts from, made once.

Blobs: centers uniform in [-10, 10], rows normal around them with deviation 1, float32. The start is K
different rows, as an NPY file that all systems read. Prints nothing; writes DIRECTORY/NAME.npy (not of
MNIST, which is read from where it is) and DIRECTORY/NAME-k{K}.npy.
"""

import argparse
import gzip
import os
from pathlib import Path

import numpy


def read_mnist(directory):
    """The training images, uint8 `[60000, 784]`."""
    with gzip.open(directory / "train-images-idx3-ubyte.gz", "rb") as file:
        return numpy.frombuffer(file.read(), dtype=numpy.uint8, offset=16).reshape(-1, 784)


def make_blobs(rows, columns, clusters, generator):
    """float32 `[rows, columns]`."""
    centers = generator.uniform(-10, 10, (clusters, columns))
    labels = generator.integers(clusters, size=rows)
    values = generator.standard_normal((rows, columns), dtype=numpy.float32)
    return values + centers.astype(numpy.float32)[labels]


def save(path, values):
    """All or nothing: a file of this name is whole."""
    partial = path.with_suffix(".partial")
    with open(partial, "wb") as file:
        numpy.save(file, values)
    os.replace(partial, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--mnist", type=Path, help="the directory with MNIST; or of blobs:")
    parser.add_argument("--name", required=True)
    parser.add_argument("--rows", type=int)
    parser.add_argument("--columns", type=int)
    parser.add_argument("--clusters", type=int, required=True)
    options = parser.parse_args()
    options.directory.mkdir(parents=True, exist_ok=True)
    generator = numpy.random.default_rng(0)
    if options.mnist:
        values = read_mnist(options.mnist)
    else:
        values = make_blobs(options.rows, options.columns, options.clusters, generator)
        save(options.directory / f"{options.name}.npy", values)
    chosen = generator.choice(len(values), options.clusters, replace=False)
    start = options.directory / f"{options.name}-k{options.clusters}.npy"
    save(start, values[numpy.sort(chosen)].astype(numpy.float32))


if __name__ == "__main__":
    main()
