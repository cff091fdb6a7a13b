"""How each system is run, and what is read from it."""

import json
import os
import tempfile
import time
from pathlib import Path

from .cases import DECAY, LEARNING_RATES, TARGET_ACCURACY
from .processes import MeasurementFailed, OtherWork, run_together

ROOT = Path(__file__).resolve().parents[2]
PEER = ROOT / "Benchmarks" / "peers" / "torch_mlp.py"
NEVER = 1000  # epochs between evaluations where speed alone is measured


class Systems:
    """Runs cases.

    - dtrain: the executable
    - python: the one that has torch
    - data: the directory with MNIST
    - epochs: of dtrain's runs for speed
    - limit: seconds for one measurement
    """

    def __init__(self, dtrain, python, data, epochs, limit):
        self.dtrain, self.python, self.data = dtrain, python, data
        self.epochs, self.limit = epochs, limit

    def measure(self, case):
        """The figures of one run of a case; raises MeasurementFailed."""
        others = OtherWork()
        run = self.measure_dtrain if case.system == "dtrain" else self.measure_torch
        values = run(case)
        values["other_cores"] = others.cores
        return values

    def measure_dtrain(self, case):
        with tempfile.TemporaryDirectory(prefix="dtrain-benchmark-") as directory:
            out = Path(directory) / "run"
            command = ["mpirun", "-np", str(case.ranks)]
            if case.ranks > (os.cpu_count() or 1):
                command.append("--oversubscribe")
            command += [str(self.dtrain), "mlp", "--data", str(self.data), "--out", str(out)]
            command += ["--quiet", "--batch", str(case.batch), "--decay", str(DECAY)]
            command += ["--gradient", "sum"]
            command += ["--learning-rate", str(LEARNING_RATES[case.batch])]
            if case.shards is not None:
                command += ["--shards", str(case.shards)]
            if case.to_target:
                command += ["--target-accuracy", str(TARGET_ACCURACY)]
            else:
                command += ["--epochs", str(self.epochs), "--evaluate-every", str(NEVER)]
                command += ["--measure-products"]
            started = time.time()
            _, seconds = run_together([command], [launcher_environment()], self.limit)
            summary = json.loads((out / "summary.json").read_text())
            values = {"seconds_wall": seconds, "epochs": summary["epochs"]}
            values["model"] = summary["model_sha256"]
            values["test_accuracy"] = summary["test_accuracy"]
            if case.to_target:
                if summary["seconds_to_target"] is None:
                    raise MeasurementFailed(
                        f"test accuracy {TARGET_ACCURACY} not reached in {summary['epochs']} epochs"
                    )
                values["seconds_to_target"] = summary["seconds_to_target"]
                # The whole command: its end is later than the target by writing the run.
                values["seconds_with_start"] = seconds
            else:
                values["samples_per_second"] = summary["samples_per_second"]
                values["seconds_train"] = summary["seconds_train"]
                values["products_fraction"] = summary["products_fraction"]
                # config.json is written when all is ready for the first step.
                values["seconds_to_first_step"] = (out / "config.json").stat().st_mtime - started
            return values

    def measure_torch(self, case):
        ranks = case.ranks
        threads = 1 if case.system == "ddp" else 2
        with tempfile.TemporaryDirectory(prefix="dtrain-benchmark-") as directory:
            command = [str(self.python), str(PEER), "--data", str(self.data)]
            command += ["--batch", str(case.batch), "--threads", str(threads)]
            command += ["--learning-rate", str(LEARNING_RATES[case.batch]), "--decay", str(DECAY)]
            if case.to_target:
                command += ["--target-accuracy", str(TARGET_ACCURACY)]
            if case.system == "ddp":
                command += ["--rendezvous", f"file://{directory}/rendezvous"]
            started = time.time()
            output, seconds = run_together(
                [command] * ranks,
                [torch_environment(rank, ranks, threads) for rank in range(ranks)],
                self.limit,
            )
            values = json.loads(output.strip().splitlines()[-1])
            values["seconds_wall"] = seconds
            if case.to_target:
                # In the peers' favour: neither evaluation nor the end of the processes counts.
                values["seconds_with_start"] = (
                    values.pop("finished_at") - started - values["seconds_evaluate"]
                )
            return values


def launcher_environment():
    """mpirun without its own lines on failure; in a container it may find itself root."""
    environment = {"OMPI_MCA_orte_execute_quiet": "1"}
    if os.geteuid() == 0:
        environment |= {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    return environment


def torch_environment(rank, ranks, threads):
    """One rank of torch: started directly, without torchrun's own seconds, on the loopback."""
    return {
        "RANK": str(rank),
        "WORLD_SIZE": str(ranks),
        "OMP_NUM_THREADS": str(threads),
        "MKL_NUM_THREADS": str(threads),
        "GLOO_SOCKET_IFNAME": "lo",
        "CUDA_VISIBLE_DEVICES": "",
    }
