"""Runs the blocks of one page from top to bottom in a folder of their own, as a reader would."""

import os
import re
import signal
import subprocess
import sys
import time

from .output import missing

SECONDS = 200
INTERRUPT = "^C"


class Session:
    def __init__(self, folder, program):
        """A session in the folder, in which `dtrain` is the program."""
        self.folder = folder
        self.environment = os.environ | {"PATH": f"{program.parent}:{os.environ['PATH']}", "HOME": str(folder)}
        self.problems = []

    def run(self, block):
        """Runs a block of shell or Python; problems are noted with the place of the block."""
        first = block.mark("first")
        if first is not None:
            code, printed = self.shell(first)
            if code != 0:
                self.problem(block, first, f"exit code {code}", printed)
                return
        if block.language == "python":
            self.run_python(block)
            return
        for command in block.commands():
            # Where a page shows ctrl-C, it is pressed; the exit code is then that of the launcher.
            presses = INTERRUPT in (line.strip() for line in command.output)
            code, printed = self.shell(command.text, presses)
            if presses == (code == 0):
                self.problem(block, command.text, f"exit code {code}", printed)
                return
            if block.mark("output differs") is None and any(line.strip() for line in command.output):
                line = missing(command.output, printed.splitlines())
                if line is not None:
                    self.problem(block, command.text, f"did not print, in its place: {line}", printed)

    def run_python(self, block):
        result = subprocess.run(
            [sys.executable, "-c", block.body], cwd=self.folder, env=self.environment, timeout=SECONDS,
            capture_output=True, text=True,
        )
        wanted = block.mark("prints") or ""
        if result.returncode != 0 or result.stdout.strip() != wanted:
            self.problem(block, "Python", f"expected {wanted!r}", result.stdout + result.stderr)

    def shell(self, script, presses=False):
        """The exit code of a script and all that it printed; with `presses`, ctrl-C comes after the first epoch."""
        process = subprocess.Popen(
            ["bash", "-e", "-o", "pipefail", "-c", script], cwd=self.folder, env=self.environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )
        printed, end = b"", time.monotonic() + SECONDS
        os.set_blocking(process.stdout.fileno(), False)
        try:
            while process.poll() is None:
                printed += process.stdout.read() or b""
                if presses and re.search(rb"^epoch +\d", printed, re.M):
                    os.killpg(process.pid, signal.SIGINT)
                    presses = False
                if time.monotonic() > end:
                    raise subprocess.TimeoutExpired(script, SECONDS, printed)
                time.sleep(0.01)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return -1, printed.decode() + f"\nstopped after {SECONDS} s"
        printed += process.stdout.read() or b""
        return process.returncode, printed.decode()

    def problem(self, block, what, why, printed):
        tail = "\n    ".join(printed.strip().splitlines()[-25:])
        self.problems.append(f"{block.place}: {what.strip()}\n  {why}; it printed:\n    {tail}")
