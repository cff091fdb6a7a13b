"""One clustering run of a peer: fixed iterations from given centers, float32 rows in memory.

The peers are given their best: what a run costs once (copies, checks, the labels at the end) is taken out
by the difference to a run of one iteration, and the second run of each is the one that counts.

Prints one JSON object: seconds_per_iteration, and objective where the peer tells that of its last centers.
"""

import argparse
import json
import os
import time
from pathlib import Path

import numpy


def read_rows(path):
    """float32 `[rows, columns]` of an NPY file, or of a directory with MNIST."""
    if path.is_dir():
        from cluster_data import read_mnist

        return read_mnist(path).astype(numpy.float32)
    return numpy.load(path)


def seconds_of(run):
    start = time.perf_counter()
    result = run()
    return time.perf_counter() - start, result


def per_iteration(fit, iterations):
    """Seconds an iteration, and the objective of the long run."""
    fit(1)
    short, _ = seconds_of(lambda: fit(1))
    long, (done, objective) = seconds_of(lambda: fit(iterations))
    return (long - short) / (done - 1), objective


def lloyd(rows, start, algorithm):
    from sklearn.cluster import KMeans

    def fit(iterations):
        model = KMeans(len(start), init=start, n_init=1, max_iter=iterations, tol=0, algorithm=algorithm)
        model.fit(rows)
        return model.n_iter_, float(model.inertia_)

    return fit


def onedal(rows, start):
    from sklearnex.cluster import KMeans

    def fit(iterations):
        model = KMeans(len(start), init=start, n_init=1, max_iter=iterations, tol=0, algorithm="lloyd")
        model.fit(rows)
        return model.n_iter_, float(model.inertia_)

    return fit


def faiss_kmeans(rows, start, threads):
    import faiss

    faiss.omp_set_num_threads(threads)

    def fit(iterations):
        model = faiss.Kmeans(
            rows.shape[1],
            len(start),
            niter=iterations,
            min_points_per_centroid=1,
            max_points_per_centroid=len(rows),
        )
        model.train(rows, init_centroids=start)
        return iterations, None

    return fit


def scipy_medians(rows, start):
    from scipy.spatial.distance import cdist

    def fit(iterations):
        centers = start
        for _ in range(iterations):
            labels = numpy.concatenate(
                [
                    cdist(rows[first : first + 4096], centers, "cityblock").argmin(axis=1)
                    for first in range(0, len(rows), 4096)
                ]
            )
            centers = numpy.stack(
                [
                    numpy.median(rows[labels == k], axis=0) if (labels == k).any() else centers[k]
                    for k in range(len(centers))
                ]
            )
        return iterations, None

    return fit


def torch_medians(rows, start, threads):
    import torch

    torch.set_num_threads(threads)
    rows = torch.from_numpy(rows)

    def fit(iterations):
        centers = torch.from_numpy(start)
        for _ in range(iterations):
            labels = torch.cat(
                [torch.cdist(part, centers, p=1).argmin(dim=1) for part in rows.split(4096)]
            )
            medians = []
            for k in range(len(centers)):
                own = rows[labels == k]
                medians.append(own.median(dim=0).values if len(own) else centers[k])
            centers = torch.stack(medians)
        return iterations, None

    return fit


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--system", required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--start", type=Path, required=True)
    parser.add_argument("--iterations", type=int, required=True)
    options = parser.parse_args()
    threads = int(os.environ["OMP_NUM_THREADS"])
    rows, start = read_rows(options.data), numpy.load(options.start)
    fit = {
        "lloyd": lambda: lloyd(rows, start, "lloyd"),
        "elkan": lambda: lloyd(rows, start, "elkan"),
        "onedal": lambda: onedal(rows, start),
        "faiss": lambda: faiss_kmeans(rows, start, threads),
        "scipy": lambda: scipy_medians(rows, start),
        "torch": lambda: torch_medians(rows, start, threads),
    }[options.system]()
    seconds, objective = per_iteration(fit, options.iterations)
    print(json.dumps({"seconds_per_iteration": seconds, "objective": objective}), flush=True)


if __name__ == "__main__":
    main()
