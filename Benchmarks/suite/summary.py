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
    """Three digits at most, without zeros at the end; of larger numbers all before the point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


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


def table_below(page, heading):
    """The names of the columns after the first, and the rows, of the table below a heading; empty where there is none."""
    _, _, part = page.partition(f"\n{heading}")
    lines = part.lstrip().partition("\n\n")[2].partition("\n\n")[0].splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return (cells[0][1:], {row[0]: row[1:] for row in cells[2:]}) if cells else ([], {})


def peers_of(names):
    """Which columns of a table hold times of peers, by their names: not dtrain's, no ratios, no second times."""
    outside = ("dtrain", "**dtrain", "times ", "of it ", "with ")
    return {index: name for index, name in enumerate(names) if not name.startswith(outside)}


def weakest_row(page, heading, method, unit):
    """The row of a table that is the weakest by the ratio to the fastest of all peers, with that of the strongest.

    A list of one row; of none where the page has no such table."""
    names, rows = table_below(page, heading)
    columns = [index for index, name in enumerate(names) if name.startswith("times ")]
    ratios = {}
    for task, cells in rows.items():
        found = [cells[index] for index in columns]
        if "-" not in found:
            ratios[task] = min(found, key=median)
    if not ratios:
        return []
    weakest, strongest = (choose(ratios, key=lambda task: median(ratios[task])) for choose in (min, max))
    cells = rows[weakest]
    peers = {name: median(cells[index]) for index, name in peers_of(names).items() if cells[index] != "-"}
    fastest = min(peers, key=peers.get)
    return [
        [
            f"{method}: {weakest.rpartition(' (')[0]}",
            f"{number(median(cells[0]))} {unit}",
            f"{fastest.removesuffix(' (approximate)')}: {number(peers[fastest])} {unit}",
            f"{times(ratios[weakest])} to {times(ratios[strongest])}",
        ]
    ]


def clustering_rows(page):
    """Of each method the weakest task beside its fastest peer."""
    return [
        *weakest_row(page, "k-means, milliseconds", "k-means", "ms"),
        *weakest_row(page, "k-means, whole runs", "k-means, whole run", "s"),
        *weakest_row(page, "k-medians, milliseconds", "k-medians", "ms"),
    ]


def render(page):
    """The table of README.md, from the text of Benchmarks/README.md."""
    rows = network_rows(rows_of(page)) + clustering_rows(page)
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
