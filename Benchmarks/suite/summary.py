"""The speeds in README.md: a few of the figures that stand in Benchmarks/README.md, in the same words every time."""

import re

from .report import insert as insert_between, table

NAME = "summary"


def rows_of(page):
    """The rows of all tables of a page, by their first cell without emphasis; each row is its other cells."""
    rows = {}
    for line in page.splitlines():
        if line.startswith("| "):
            first, *others = (cell.strip() for cell in line.strip("|").split("|"))
            rows.setdefault(first.replace("*", ""), []).append(others)
    return rows


def median(cell):
    """The number before the range: `151 (108-155)` is 151."""
    return float(re.match(r"[\d.,]+", cell)[0].replace(",", ""))


def times(cell):
    """How many times as fast, as people say it."""
    ratio = median(cell)
    return f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.1f}"


def number(value):
    """Three digits at most, without zeros at the end."""
    return f"{value:.3g}"


def network_rows(rows):
    """Training, with batches of 64, and the time to a test accuracy: the first columns of tables of `mlp`."""
    ours, ddp, single = (
        rows[name][0][0]
        for name in ("dtrain, N=2, defaults", "PyTorch DDP, gloo, 2 ranks", "PyTorch, one process, 2 threads")
    )
    task = "network on MNIST, batches of 64"
    rate = f"{median(ours):.0f},000 rows/s"
    found = []
    for peer, value, ratio in (
        ("PyTorch DDP, 2 ranks", ddp, "defaults, to PyTorch DDP"),
        ("PyTorch, 1 process", single, "defaults, to PyTorch, one process"),
    ):
        shown = f"{peer}: {median(value) * 1000:,.0f} rows/s"
        found.append([task, rate, shown, times(rows[ratio][0][0])])
        task = "the same"
    return found


def clustering_rows(rows, page):
    """Two tasks of k-means and one of k-medians beside the fastest peer of each."""
    found = []
    for method, heading, task in (
        ("k-means", "k-means, milliseconds", "MNIST 60,000x784, k=10 (20 it.)"),
        ("k-means", "k-means, milliseconds", "200,000x64 blobs, k=1000 (10 it.)"),
        ("k-medians", "k-medians, milliseconds", "MNIST 60,000x784, k=10 (5 it.)"),
    ):
        part = page[page.index(heading) :]
        head = next(line for line in part.splitlines() if line.startswith("| "))
        names = [cell.strip() for cell in head.strip("|").split("|")][1:]
        cells = rows_of(part)[task][0]
        # Behind dtrain with two ranks and with one come the peers, and last the ratio.
        peers = dict(zip(names[2:-1], cells[2:-1]))
        fastest = min(peers, key=lambda name: median(peers[name]))
        found.append(
            [
                f"{method}, {task.rpartition(' (')[0]}",
                f"{number(median(cells[0]))} ms an iteration",
                f"{fastest}: {number(median(peers[fastest]))} ms",
                times(cells[-1]),
            ]
        )
    return found


def render(page):
    """The table of README.md, from the text of Benchmarks/README.md."""
    rows = network_rows(rows_of(page)) + clustering_rows(rows_of(page), page)
    lines = table(["task, on 2 cores", "dtrain", "the other", "times as fast"], rows)
    return "\n".join(lines) + "\n"


def insert(readme, page):
    """README.md with the table between its markers; raises ValueError without them."""
    return insert_between(readme, render(page), NAME)


def write(root):
    """Writes the table into README.md."""
    readme = root / "README.md"
    page = root / "Benchmarks" / "README.md"
    readme.write_text(insert(readme.read_text(encoding="utf-8"), page.read_text(encoding="utf-8")), encoding="utf-8")
