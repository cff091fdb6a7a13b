"""Runs clustering cases: dtrain and its peers, from the same centers, for the same iterations."""

import json
import tempfile
from pathlib import Path

from .processes import OtherWork, run_together
from .systems import ROOT, launcher_environment

PEERS = ROOT / "Benchmarks" / "peers"


class ClusterSystems:
    """Runs cases.

    - dtrain: the executable
    - python: the one that has the peers
    - mnist: the directory with MNIST
    - cache: where made rows and start centers are kept
    - limit: seconds for one measurement
    """

    def __init__(self, dtrain, python, mnist, cache, limit):
        self.dtrain, self.python, self.mnist = dtrain, python, mnist
        self.cache, self.limit = cache, limit

    def rows(self, task):
        return self.cache / f"{task.name}.npy" if task.shape else self.mnist

    def start(self, task):
        return self.cache / f"{task.name}-k{task.clusters}.npy"

    def prepare(self, task):
        """Makes the rows and the start centers of a task, unless they are there."""
        if self.start(task).exists():
            return
        command = [str(self.python), str(PEERS / "cluster_data.py"), str(self.cache)]
        command += ["--name", task.name, "--clusters", str(task.clusters)]
        if task.shape:
            command += ["--rows", str(task.shape[0]), "--columns", str(task.shape[1])]
        else:
            command += ["--mnist", str(self.mnist)]
        run_together([command], [{}], self.limit)

    def measure(self, case):
        """The figures of one run of a case; raises MeasurementFailed."""
        self.prepare(case.task)
        others = OtherWork()
        values = self.measure_dtrain(case) if case.ranks else self.measure_peer(case)
        values["other_cores"] = others.cores
        return values

    def measure_dtrain(self, case):
        task = case.task
        rows = self.rows(task)
        if not task.shape:
            rows = rows / "train-images-idx3-ubyte.gz"
        with tempfile.TemporaryDirectory(prefix="dtrain-benchmark-") as directory:
            out = Path(directory) / "run"
            command = ["mpirun", "-np", str(case.ranks), str(self.dtrain), task.algorithm]
            command += ["--data", str(rows), "--clusters", str(task.clusters)]
            command += ["--init", str(self.start(task)), "--tolerance", "0"]
            command += ["--max-iterations", str(task.iterations), "--out", str(out), "--quiet"]
            run_together([command], [launcher_environment()], self.limit)
            summary = json.loads((out / "summary.json").read_text())
            return {
                "seconds_per_iteration": summary["seconds_per_iteration"],
                "objective": summary["objective"],
                "model": summary["model_sha256"],
            }

    def measure_peer(self, case):
        task = case.task
        command = [str(self.python), str(PEERS / "clustering.py"), "--system", case.system]
        command += ["--data", str(self.rows(task)), "--start", str(self.start(task))]
        command += ["--iterations", str(task.iterations)]
        output, _ = run_together([command], [{"OMP_NUM_THREADS": "2"}], self.limit)
        return json.loads(output.strip().splitlines()[-1])
