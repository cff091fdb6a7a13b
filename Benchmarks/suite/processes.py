"""Commands as measurements: each in processes of its own, with a limit of time."""

import os
import resource
import signal
import subprocess
import tempfile
import time
from pathlib import Path


class MeasurementFailed(Exception):
    """A measurement that has no figures, and why."""


class OtherWork:
    """The cores that others kept busy while a measurement ran, lent-away time of a virtual machine
    counted."""

    def __init__(self):
        self.started, self.busy, self.own = time.monotonic(), self.busy_seconds(), self.own_seconds()

    @staticmethod
    def busy_seconds():
        """Of all cores together, since the machine started."""
        words = Path("/proc/stat").read_text().split("\n", 1)[0].split()
        user, nice, system, _, _, irq, softirq, steal = map(int, words[1:9])
        return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")

    @staticmethod
    def own_seconds():
        """Of all processes that this one started and that have ended, and of their own."""
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    @property
    def cores(self):
        others = (self.busy_seconds() - self.busy) - (self.own_seconds() - self.own)
        return max(0.0, others / (time.monotonic() - self.started))


def last_words(text, limit=400):
    """The end of an output, on one line."""
    return " ".join(text.split())[-limit:]


def run_together(commands, environments, limit):
    """Runs commands side by side until all of them end.

    Returns the standard output of the first and the seconds from start to end of all. Raises
    MeasurementFailed when one fails or `limit` seconds have passed; then all are ended.
    """
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as directory:
        outputs = [open(os.path.join(directory, f"output-{i}"), "w+") for i in range(len(commands))]
        errors = [open(os.path.join(directory, f"error-{i}"), "w+") for i in range(len(commands))]
        processes = []
        try:
            for command, environment, output, error in zip(commands, environments, outputs, errors):
                processes.append(
                    subprocess.Popen(
                        command,
                        env=os.environ | environment,
                        stdin=subprocess.DEVNULL,
                        stdout=output,
                        stderr=error,
                        start_new_session=True,
                    )
                )
            wait_for_all(processes, started + limit)
            for process, error in zip(processes, errors):
                if process.returncode != 0:
                    error.seek(0)
                    raise MeasurementFailed(
                        f"exit code {process.returncode}: {last_words(error.read())}"
                    )
            seconds = time.monotonic() - started
            outputs[0].seek(0)
            return outputs[0].read(), seconds
        except OSError as problem:
            raise MeasurementFailed(str(problem)) from problem
        finally:
            end(processes)
            for file in outputs + errors:
                file.close()


def wait_for_all(processes, deadline):
    """Waits until all have ended, one has failed, or the deadline has passed."""
    while True:
        codes = [process.poll() for process in processes]
        if all(code == 0 for code in codes) or any(code for code in codes):
            return
        if time.monotonic() > deadline:
            raise MeasurementFailed("out of time; ended (--limit gives it longer)")
        # A wait would do for one process; of several, any may be the one that fails.
        if len(processes) == 1:
            try:
                processes[0].wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                continue
        else:
            time.sleep(0.02)


def end(processes):
    """Ends what still runs: kindly first, so that mpirun takes its ranks with it."""
    for kind, patience in ((signal.SIGTERM, 10), (signal.SIGKILL, 10)):
        for process in processes:
            if process.poll() is None:
                try:
                    os.killpg(process.pid, kind)
                except ProcessLookupError:
                    continue
        for process in processes:
            try:
                process.wait(patience)
            except subprocess.TimeoutExpired:
                continue
