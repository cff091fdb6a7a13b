"""Runs clustering cases: dtrain and its peers, from the same centers or from their files to their files."""

import json
import tempfile
from pathlib import Path

from .processes import OtherWork, run_together
from .systems import ROOT, launcher_environment

PEERS = ROOT / "Benchmarks" / "peers"
PREPARATION = 3600  # seconds for making rows; sentences take longest to embed


class ClusterSystems:
    """Runs cases.

    - dtrain: the executable
    - python: the one that has the peers
    - mnist: the directory with MNIST
    - cache: where rows and start centers are kept
    - limit: seconds for one measurement, where the task does not say it
    """

    def __init__(self, dtrain, python, mnist, cache, limit):
        self.dtrain, self.python, self.mnist = dtrain, python, mnist
        self.cache, self.limit = cache, limit

    def rows(self, task):
        return self.cache / f"{task.data.name}.npy"

    def start(self, task):
        return self.cache / f"{task.data.name}-k{task.clusters}.npy"

    def prepare(self, task):
        """Makes the rows of a task and the centers that it starts from, unless they are there."""
        data, whole = task.data, task.kind == "whole"
        if self.rows(task).exists() and (whole or self.start(task).exists()):
            return
        command = [str(self.python), str(PEERS / "cluster_data.py"), str(self.rows(task))]
        command += ["--recipe", data.recipe, "--mnist", str(self.mnist)]
        command += ["--rows", str(data.rows), "--columns", str(data.columns), "--blobs", str(data.blobs)]
        if not whole:
            command += ["--start", str(self.start(task)), "--clusters", str(task.clusters)]
        run_together([command], [{}], PREPARATION)

    def measure(self, case):
        """The figures of one run of a case; raises MeasurementFailed."""
        self.prepare(case.task)
        others = OtherWork()
        values = self.measure_dtrain(case) if case.ranks else self.measure_peer(case)
        values["other_cores"] = others.cores
        return values

    def run(self, task, command, environment):
        """The output of a command, and its seconds from start to end."""
        return run_together([command], [environment], task.limit or self.limit)

    def measure_dtrain(self, case):
        task = case.task
        with tempfile.TemporaryDirectory(prefix="dtrain-benchmark-") as directory:
            out = Path(directory) / "run"
            command = ["mpirun", "-np", str(case.ranks), str(self.dtrain), task.command]
            command += ["--data", str(self.rows(task)), "--clusters", str(task.clusters)]
            command += ["--tolerance", "0", "--max-iterations", str(task.iterations)]
            command += ["--out", str(out), "--quiet"]
            command += ["--save-labels"] if task.kind == "whole" else ["--init", str(self.start(task))]
            _, wall = self.run(task, command, launcher_environment())
            summary = json.loads((out / "summary.json").read_text())
            values = {"objective": summary["objective"], "model": summary["model_sha256"]}
            if task.kind == "whole":
                values |= {"seconds": summary["seconds_total"], "seconds_with_start": wall}
                values["seconds_seeding"] = summary["seconds_init"]
            else:
                values["seconds"] = summary["seconds_per_iteration"]
            return values

    def measure_peer(self, case):
        task = case.task
        with tempfile.TemporaryDirectory(prefix="dtrain-benchmark-") as directory:
            command = [str(self.python), str(PEERS / "clustering.py"), "--system", case.system]
            command += ["--data", str(self.rows(task)), "--iterations", str(task.iterations)]
            if task.kind == "whole":
                command += ["--clusters", str(task.clusters), "--out", directory]
            else:
                command += ["--start", str(self.start(task))]
            output, wall = self.run(task, command, {"OMP_NUM_THREADS": "2"})
            values = json.loads(output.strip().splitlines()[-1])
            if task.kind == "whole":
                # Computing the objective is not part of the run.
                values["seconds_with_start"] = wall - values.pop("seconds_objective")
            return values
