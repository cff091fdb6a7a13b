"""Compares what a command prints with what its page shows, but for times, rates and sizes of memory."""

import re

# What differs from run to run or from machine to machine: a number with a unit of time, rate, size
# or share.
MEASURED = re.compile(
    r"(?<![\w.])[\d,.:]+(?= ?(?:samples/s|s|ms|microseconds|seconds|KB|MB|GB|GiB|MiB|KiB)\b| ?%)|\d+:\d\d(?::\d\d)?"
)
LEFT_OUT = "[…]"


def masked(line):
    """The line with measured numbers replaced, and runs of spaces as one."""
    return " ".join(MEASURED.sub("#", line).split())


def missing(shown, printed):
    """The first line that the page shows and the command did not print in this order; None where all are there.

    Lines that the page leaves out stand as `[…]`; without that, lines must follow each other. A shown line that is
    empty is passed over.
    """
    rest = [masked(line) for line in printed if line.strip()]
    may_skip = False
    for line in shown:
        if not line.strip():
            continue
        if line.strip() == LEFT_OUT:
            may_skip = True
            continue
        wanted = masked(line)
        if wanted not in rest or (not may_skip and rest[0] != wanted):
            return line
        rest = rest[rest.index(wanted) + 1 :]
        may_skip = False
    return LEFT_OUT + " (nothing more)" if rest and not may_skip else None
