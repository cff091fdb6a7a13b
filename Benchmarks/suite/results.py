"""Figures of measurements, kept in a file as they come, so that a run can be continued."""

import json
import statistics
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """Median and range of some rounds."""

    median: float
    low: float
    high: float

    @staticmethod
    def of(values):
        """None of no values."""
        if not values:
            return None
        return Spread(statistics.median(values), min(values), max(values))


class Results:
    """One object a line: first what the run is, then each measurement."""

    def __init__(self, path, header):
        self.path, self.header, self.records = path, header, []

    @staticmethod
    def start(path, header):
        path.parent.mkdir(parents=True, exist_ok=True)
        results = Results(path, header)
        path.write_text(json.dumps(header) + "\n")
        return results

    @staticmethod
    def load(path):
        """Reads a file; a last line that was cut off by a kill is dropped from it."""
        lines = []
        for text in path.read_text().splitlines():
            try:
                lines.append(json.loads(text))
            except json.JSONDecodeError:
                break
        if not lines or "machine" not in lines[0]:
            raise ValueError(f"{path} holds no measurements")
        results = Results(path, lines[0])
        results.records = lines[1:]
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return results

    def add(self, round_number, case, values=None, error=None):
        record = {"round": round_number, "case": case.name}
        record |= {"values": values} if error is None else {"error": error}
        self.records.append(record)
        with open(self.path, "a") as file:
            file.write(json.dumps(record) + "\n")

    def has(self, round_number, case):
        """Whether a measurement succeeded; one that failed is tried again."""
        return round_number in self.by_round(case)

    def by_round(self, case):
        """The figures of a case, by round."""
        return {
            record["round"]: record["values"]
            for record in self.records
            if record["case"] == case.name and "values" in record
        }

    def spread(self, case, key):
        """Over the rounds, of one figure; None where there is none."""
        return Spread.of([values[key] for values in self.by_round(case).values()])

    def ratio(self, above, below, key):
        """Over the rounds that have both, of one case's figure to another's of the same round."""
        tops, bottoms = self.by_round(above), self.by_round(below)
        return Spread.of([tops[r][key] / bottoms[r][key] for r in tops if r in bottoms])

    def failures(self):
        """Those that have not succeeded since: (case, round, why)."""
        found = {}
        for record in self.records:
            key = (record["case"], record["round"])
            if "error" in record:
                found[key] = record["error"]
            else:
                found.pop(key, None)
        return [(name, number, why) for (name, number), why in found.items()]
