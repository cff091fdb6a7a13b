"""What `Benchmarks/clustering` measures: rows of data, and the systems that cluster them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Task:
    """Rows, clusters and iterations. `shape` None: MNIST."""

    algorithm: str  # kmeans or kmedians
    name: str
    shape: tuple | None
    clusters: int
    iterations: int

    @property
    def text(self):
        size = f"{self.shape[0]:,}x{self.shape[1]} blobs" if self.shape else "MNIST 60,000x784"
        return f"{size}, k={self.clusters} ({self.iterations} it.)"


def blobs(algorithm, rows, columns, clusters, iterations):
    return Task(algorithm, f"blobs-{rows}x{columns}", (rows, columns), clusters, iterations)


def mnist(algorithm, clusters, iterations):
    return Task(algorithm, "mnist", None, clusters, iterations)


TASKS = [
    mnist("kmeans", 10, 20),
    mnist("kmeans", 100, 20),
    blobs("kmeans", 1_000_000, 16, 100, 20),
    blobs("kmeans", 2_000_000, 4, 50, 20),
    blobs("kmeans", 200_000, 64, 1000, 10),
    blobs("kmedians", 100_000, 16, 10, 5),
    mnist("kmedians", 10, 5),
    blobs("kmedians", 1_000_000, 16, 100, 3),
]
PEERS = {
    "kmeans": {
        "lloyd": "scikit-learn lloyd",
        "elkan": "scikit-learn elkan",
        "onedal": "scikit-learn-intelex",
        "faiss": "FAISS",
    },
    "kmedians": {"scipy": "NumPy + SciPy", "torch": "torch"},
}
PACKAGES = ["numpy", "scipy", "scikit-learn", "scikit-learn-intelex", "faiss-cpu", "torch"]


@dataclass(frozen=True)
class ClusterCase:
    """One measurement; `ranks` of dtrain alone."""

    system: str  # dtrain or a peer
    task: Task
    ranks: int = 0

    @property
    def name(self):
        system = f"dtrain N={self.ranks}" if self.ranks else self.system
        return f"{self.task.algorithm} {self.task.name} k={self.task.clusters} {system}"


def ours(task, ranks=2):
    return ClusterCase("dtrain", task, ranks)


def peers(task):
    return [ClusterCase(system, task) for system in PEERS[task.algorithm]]


def all_cluster_cases():
    """Every measurement of a round, neighbours being what is compared."""
    return [case for task in TASKS for case in [ours(task), *peers(task), ours(task, ranks=1)]]
