"""One clustering run of a peer on 2 threads, in one of two ways.

With --start, an iteration: fixed iterations from given centers, float32 rows in memory. The peers are given
their best: what a run costs once (copies, checks, the labels at the end) is taken out by the difference to a
run of one iteration, and the second run of each is the one that counts. The two SuperKMeans take no centers:
that of FAISS draws those of the file by itself (cluster_data.py), superkmeans other rows.

With --clusters and --out, a whole run by the clock: load, k-means++, iterations, labels, and centers and
labels written. Imports are left out.

Prints one JSON object: seconds, and of k-means the objective of the last centers; of a whole run also
seconds_objective, which it took to compute that afterwards.
"""

import argparse
import json
import os
import time
from pathlib import Path

import numpy

THREADS = int(os.environ["OMP_NUM_THREADS"])


def read_rows(path):
    """float32 `[rows, columns]` of an NPY file."""
    return numpy.load(path).astype(numpy.float32, copy=False)


def objective_of(rows, centers):
    """The summed squared distances of rows to their nearest centers, those in float64."""
    norms = (centers.astype(numpy.float64) ** 2).sum(axis=1).astype(numpy.float32)
    total = 0.0
    for first in range(0, len(rows), 4096):
        part = rows[first : first + 4096]
        labels = (norms - 2 * (part @ centers.T)).argmin(axis=1)
        total += ((part.astype(numpy.float64) - centers[labels]) ** 2).sum()
    return float(total)


def seconds_of(run):
    start = time.perf_counter()
    result = run()
    return time.perf_counter() - start, result


def per_iteration(fit, iterations):
    """Seconds an iteration, and the centers of the long run."""
    fit(1)
    short, _ = seconds_of(lambda: fit(1))
    long, (done, centers) = seconds_of(lambda: fit(iterations))
    return (long - short) / (done - 1), centers


def scikit_learn(rows, start, algorithm):
    from sklearn.cluster import KMeans

    def fit(iterations):
        model = KMeans(len(start), init=start, n_init=1, max_iter=iterations, tol=0, algorithm=algorithm)
        model.fit(rows)
        return model.n_iter_, model.cluster_centers_

    return fit


def onedal(rows, start):
    from sklearnex.cluster import KMeans

    def fit(iterations):
        model = KMeans(len(start), init=start, n_init=1, max_iter=iterations, tol=0, algorithm="lloyd")
        model.fit(rows)
        return model.n_iter_, model.cluster_centers_

    return fit


def faiss_model(rows, clusters, iterations, **options):
    """FAISS' k-means over all rows, on THREADS threads."""
    import faiss

    faiss.omp_set_num_threads(THREADS)
    return faiss.Kmeans(
        rows.shape[1],
        clusters,
        niter=iterations,
        min_points_per_centroid=1,
        max_points_per_centroid=len(rows),
        **options,
    )


def faiss_kmeans(rows, start):
    def fit(iterations):
        model = faiss_model(rows, len(start), iterations)
        model.train(rows, init_centroids=start)
        return iterations, model.centroids

    return fit


def faiss_super(rows, start):
    import faiss

    faiss.omp_set_num_threads(THREADS)

    def fit(iterations):
        options = faiss.SuperKMeansParameters()
        options.niter, options.max_points_per_centroid = iterations, len(rows)
        model = faiss.SuperKMeans(rows.shape[1], len(start), options)
        model.train(rows)
        return model.iteration_stats.size(), faiss.vector_to_array(model.centroids).reshape(start.shape)

    return fit


def superkmeans(rows, start):
    from superkmeans import SuperKMeans

    def fit(iterations):
        model = SuperKMeans(
            *start.shape,
            hierarchical=False,
            iters=iterations,
            sampling_fraction=1.0,
            max_points_per_cluster=len(rows),
            n_threads=THREADS,
            early_termination=False,
        )
        centers = model.train(rows)
        return len(model.iteration_stats), centers

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
        return iterations, centers

    return fit


def torch_medians(rows, start):
    import torch

    torch.set_num_threads(THREADS)
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
        return iterations, centers

    return fit


FITS = {
    "lloyd": lambda rows, start: scikit_learn(rows, start, "lloyd"),
    "elkan": lambda rows, start: scikit_learn(rows, start, "elkan"),
    "onedal": onedal,
    "faiss": faiss_kmeans,
    "superkmeans": superkmeans,
    "faiss-super": faiss_super,
    "scipy": scipy_medians,
    "torch": torch_medians,
}
MEDIANS = ("scipy", "torch")


def whole_scikit_learn(path, clusters, iterations):
    from sklearn.cluster import KMeans

    def run():
        rows = read_rows(path)
        model = KMeans(clusters, n_init=1, max_iter=iterations, tol=0, random_state=0).fit(rows)
        return rows, model.cluster_centers_, model.labels_

    return run


def whole_faiss(path, clusters, iterations):
    import faiss

    def run():
        rows = read_rows(path)
        seeding = faiss.ClusteringInitMethod_KMEANS_PLUS_PLUS
        model = faiss_model(rows, clusters, iterations, init_method=seeding)
        model.train(rows)
        return rows, model.centroids, model.assign(rows)[1]

    return run


WHOLES = {"lloyd": whole_scikit_learn, "faiss": whole_faiss}


def measure_whole(options):
    """The figures of a whole run; WHOLES have imported their peer when the clock starts."""
    run = WHOLES[options.system](options.data, options.clusters, options.iterations)

    def run_and_write():
        rows, centers, labels = run()
        numpy.save(options.out / "centers.npy", centers)
        numpy.save(options.out / "labels.npy", labels)
        return rows, centers

    seconds, found = seconds_of(run_and_write)
    seconds_objective, objective = seconds_of(lambda: objective_of(*found))
    return {"seconds": seconds, "objective": objective, "seconds_objective": seconds_objective}


def measure_iterations(options):
    """The figures of fixed iterations."""
    rows, start = read_rows(options.data), numpy.load(options.start)
    seconds, centers = per_iteration(FITS[options.system](rows, start), options.iterations)
    objective = None if options.system in MEDIANS else objective_of(rows, centers)
    return {"seconds": seconds, "objective": objective}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--system", required=True, choices=FITS)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--iterations", type=int, required=True)
    parser.add_argument("--start", type=Path, help="the file of the first centers")
    parser.add_argument("--clusters", type=int, help="of a whole run")
    parser.add_argument("--out", type=Path, help="the directory that a whole run writes into")
    options = parser.parse_args()
    measure = measure_iterations if options.start else measure_whole
    print(json.dumps(measure(options)), flush=True)


if __name__ == "__main__":
    main()
