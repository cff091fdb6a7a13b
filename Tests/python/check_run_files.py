"""Compares docs/RUN-FILES.md with what runs really write: their files, and the members of the JSON files.

Usage: check_run_files.py PROGRAM

Runs of every command, with all options that make files or members, are made in a folder of their own. What they write
must be on the page, for that kind of run; and all that is on the page must have been written.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from documentation.data import prepare

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "RUN-FILES.md"
NETWORKS, CLUSTERINGS = "networks", "clusterings"
SHARED = ["--checkpoint-every", "1", "--export", "onnx,npz,pytorch"]
PENGUINS = ["--data", "Datasets/penguins/penguins.csv", "--target", "species", "--missing", "mean"]
IMAGES = ["--data", "Datasets/mnist/t10k-images-idx3-ubyte.gz", "--max-iterations", "2"]
RUNS = {
    "classes": ["mlp", *PENGUINS, *SHARED, "--epochs", "3", "--validation", "0.2", "--target-accuracy", "0.5",
                "--test-data", "Datasets/penguins/penguins.csv", "--class-weights", "balanced", "--early-stop", "2"],
    "numbers": ["mlp", "--data", "houses.csv", "--target", "price", "--drop", "id", "--missing", "mean", *SHARED,
                "--epochs", "3", "--validation", "0.2", "--test-data", "houses.csv", "--measure-products"],
    "images": ["mlp", "--data", "Datasets/mnist", "--hidden", "4", "--epochs", "1", "--batch", "1024"],
    "labels": ["mlp", "--data", "x.npy", "--labels", "several.npy", "--epochs", "1"],
    "begun": ["mlp", "--data", "Datasets/mnist", "--hidden", "4", "--epochs", "1", "--batch", "1024",
              "--init-model", "runs/images"],
    "means": ["kmeans", "--data", "x.npy", "--weights", "weights.npy", "--clusters", "3", "--restarts", "2",
              "--scale", "standard", "--save-labels", *SHARED],
    "seconds": ["kmeans", "--data", "seconds.npy", "--clusters", "3", *SHARED],
    "pixels": ["kmeans", *IMAGES, "--clusters", "3"],
    "table": ["kmedians", "--data", "houses.csv", "--drop", "id", "--missing", "mean", "--clusters", "3",
              "--restarts", "2", "--save-labels", *SHARED],
    "range": ["kmedians", "--data", "x.npy", "--clusters", "2:4", "--save-labels", *SHARED],
}
# Runs that do not finish, by exit code.
DIVERGES = ["mlp", *PENGUINS, "--epochs", "50", "--optimizer", "sgd", "--learning-rate", "1e6"]
LONG = ["mlp", *PENGUINS, "--epochs", "1000000", "--evaluate-every", "1000"]


class Table:
    """The tables of a section: names in the first column; of three columns, the second says which runs have them."""

    def __init__(self, section):
        self.kinds = {}
        self.found = set()
        for line in section.splitlines():
            cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("| `") else []
            for name in re.findall(r"`([^`]+)`", cells[0]) if cells else []:
                self.kinds[name] = {NETWORKS, CLUSTERINGS}
                if len(cells) == 3 and cells[1] != "all":
                    self.kinds[name] = {CLUSTERINGS if cells[1].startswith(("clusterings", "ranges")) else NETWORKS}

    def has(self, name, kind):
        """Notes that a run of a kind wrote it; False if the page does not say so."""
        known = kind in self.kinds.get(name, ())
        if known:
            self.found.add((name, kind))
        return known

    def unseen(self):
        return sorted(f"{name} of {kind}" for name in self.kinds for kind in self.kinds[name]
                      if (name, kind) not in self.found)


def sections():
    parts = re.split(r"^## +", PAGE.read_text(encoding="utf-8"), flags=re.M)
    return {part.partition("\n")[0].strip() if number else "": Table(part) for number, part in enumerate(parts)}


def file_of_page(name):
    """The name of a file as the page has it."""
    name = re.sub(r"^checkpoints/(step|iteration)-\d+/", "checkpoints/UNIT-N/", name)
    return re.sub(r"^clusterings/\d+/.*", "clusterings/K/", name)


def options(program, command):
    """The options of a command, as config.json spells them."""
    text = subprocess.run([program, "help", command], capture_output=True, text=True, check=True).stdout
    return {name.replace("-", "_") for name in re.findall(r"--([a-z][a-z0-9-]+)", text)}


class Comparison:
    def __init__(self, program):
        self.program = program
        self.tables = sections()
        self.problems = set()

    def directory(self, path, kind):
        """Looks at a run directory, and at those of its range."""
        for file in path.rglob("*"):
            name = file_of_page(str(file.relative_to(path)))
            if file.is_file() and not self.tables[""].has(name, kind):
                self.problems.add(f"{path.name}: the file {name} is not on the page for {kind}")
        for file in ("config.json", "inputs.json", "metrics.jsonl", "summary.json", "stopped.json",
                     "evaluation.json"):
            if (path / file).exists():
                self.members(path / file, kind)
        for part in path.glob("clusterings/*"):
            self.directory(part, kind)

    def members(self, file, kind):
        table, text = self.tables[file.name], file.read_text(encoding="utf-8")
        objects = [json.loads(line) for line in text.splitlines()] if file.suffix == ".jsonl" else [json.loads(text)]
        allowed = set()
        if file.name == "config.json":
            allowed = options(self.program, objects[0]["command"])
        for name in {name for found in objects for name in found}:
            scores = file.name == "summary.json" and self.tables["metrics.jsonl"].has(name, kind)
            if not table.has(name, kind) and name not in allowed and not scores:
                self.problems.add(f"{file.name}: the member {name} is not on the page for {kind}")

    def unseen(self):
        for title, table in self.tables.items():
            for name in table.unseen():
                self.problems.add(f"{title or 'files'}: no run wrote {name}, which is on the page")


def make_runs(program, folder):
    """The names of the runs, all made below `runs` in the folder."""
    np.save(folder / "weights.npy", np.linspace(0.5, 2, 600))
    generator = np.random.default_rng(1)
    np.save(folder / "several.npy", generator.integers(0, 2, (600, 3)).astype("f4"))
    np.save(folder / "seconds.npy", 1.7e9 + 1e3 * generator.normal(generator.integers(0, 3, 300)[:, None] * 9, 1))
    for name, arguments in RUNS.items():
        subprocess.run([program, *arguments, "--out", f"runs/{name}"], cwd=folder, check=True, timeout=120,
                       stdout=subprocess.DEVNULL)
    subprocess.run([program, "report", "runs/classes"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    subprocess.run([program, "report", "runs/means"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    code = subprocess.run([program, *DIVERGES, "--quiet", "--out", "runs/diverged"], cwd=folder,
                          stderr=subprocess.DEVNULL, timeout=120).returncode
    assert code == 5, f"a run with a learning rate of 1e6 ended with {code}"
    stop(program, folder, LONG, "stopped")
    stop(program, folder, ["kmeans", *IMAGES[:2], "--clusters", "200", "--restarts", "1000", "--tolerance", "0"],
         "stopped-clustering")
    return [*RUNS, "diverged", "stopped", "stopped-clustering"]


def stop(program, folder, arguments, name):
    """Asks a run to stop once it has begun."""
    run = subprocess.Popen([program, *arguments, "--quiet", "--out", f"runs/{name}"], cwd=folder,
                           stderr=subprocess.DEVNULL)
    end = time.monotonic() + 60
    while not (folder / "runs" / name / "metrics.jsonl").exists() and time.monotonic() < end:
        time.sleep(0.02)
    os.kill(run.pid, signal.SIGUSR1)
    assert run.wait(60) == 75, f"{name}: a run that was asked to stop ended with {run.returncode}"


def main():
    program = str(Path(sys.argv[1]).resolve())
    comparison = Comparison(program)
    with tempfile.TemporaryDirectory(prefix="dtrain-files-") as name:
        folder = Path(name)
        prepare(folder, ROOT)
        names = make_runs(program, folder)
        for name in names:
            command = json.loads((folder / "runs" / name / "config.json").read_text())["command"]
            comparison.directory(folder / "runs" / name, NETWORKS if command == "mlp" else CLUSTERINGS)
    comparison.unseen()
    for problem in sorted(comparison.problems):
        print(problem, file=sys.stderr)
    count = sum(len(table.kinds) for table in comparison.tables.values())
    print(f"{len(names)} runs, {count} files and members on the page, {len(comparison.problems)} problems")
    return 1 if comparison.problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
