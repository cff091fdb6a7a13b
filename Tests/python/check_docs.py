"""Runs the commands of README.md and docs/*.md as they stand there, and follows the links of all pages.

Usage: check_docs.py PROGRAM [PAGE...]

Each page has a folder of its own, with data made for it; its blocks run from top to bottom. What a command prints
must be what the page shows, but for times and rates, and hashes too. documentation/blocks.py describes the marks for
blocks that are not run.
"""

import re
import sys
import tempfile
import time
from pathlib import Path

from documentation import links
from documentation.blocks import blocks
from documentation.data import prepare
from documentation.session import Session

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Benchmarks"))
from suite import summary  # noqa: E402

README_LINES, README_COLUMNS = 130, 100
HASH = re.compile(r"\b[0-9a-f]{64}\b")
# Blocks of shell and Python that are not run. A new one is a decision: it changes this number, and gives its reason.
NOT_RUN = 10


def pages_of_all_kinds():
    """The Markdown files of the repository, as paths below its root."""
    folders = (".", "docs", "Benchmarks", "Datasets/mnist", "Datasets/penguins")
    return sorted(str(path.relative_to(ROOT)) for folder in folders for path in (ROOT / folder).glob("*.md"))


def check_text(pages):
    """What can be said without running anything."""
    problems = links.broken(ROOT, pages_of_all_kinds())
    for page in links.unreached(ROOT, "README.md", [page for page in pages if page.startswith("docs/")]):
        problems.append(f"{page}: no link leads there from README.md")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = readme.splitlines()
    if len(lines) > README_LINES:
        problems.append(f"README.md has {len(lines)} lines; {README_LINES} are three screens")
    for number, line in enumerate(lines, 1):
        if len(line) > README_COLUMNS:
            problems.append(f"README.md:{number}: {len(line)} columns, more than {README_COLUMNS}")
    measured = (ROOT / "Benchmarks" / "README.md").read_text(encoding="utf-8")
    if summary.insert(readme, measured) != readme:
        problems.append("README.md: the speeds are not those of Benchmarks/README.md: run Benchmarks/summary --write")
    return problems


def run_page(page, found, program):
    """The problems of a page's blocks, run in a new folder."""
    runnable = [block for block in found if is_run(block)]
    if not runnable:
        return []
    with tempfile.TemporaryDirectory(prefix="dtrain-docs-") as folder:
        prepare(Path(folder), ROOT)
        session = Session(Path(folder), program)
        for block in runnable:
            began = time.monotonic()
            session.run(block)
            print(f"{time.monotonic() - began:5.1f} s  {block.place}", flush=True)
    return session.problems


def is_run(block):
    if block.is_shell:
        return block.mark("not run") is None
    return block.language == "python" and block.mark("not run") is None and block.mark("test") is None


def main():
    program, *wanted = sys.argv[1:]
    pages = ["README.md", *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").glob("*.md"))]
    found = {page: blocks(page, (ROOT / page).read_text(encoding="utf-8")) for page in pages}
    problems = check_text(pages)
    shown = [block for page in pages for block in found[page]]
    left = [block for block in shown if block.mark("not run") is not None]
    # What is only shown must be promised where it is run.
    checked = {hash for block in shown if is_run(block) for hash in HASH.findall(block.body)}
    for block in left:
        for hash in set(HASH.findall(block.body)) - checked:
            problems.append(f"{block.place}: the hash {hash} is in no block that is run")
    if not checked:
        problems.append("no hash of a model is promised any more")
    for page in wanted or pages:
        problems += run_page(page, found[page], Path(program).resolve())
    for block in left:
        print(f"not run: {block.place}: {block.mark('not run')}")
    if len(left) != NOT_RUN:
        problems.append(f"{len(left)} blocks are not run, and check_docs.py expects {NOT_RUN}")
    for problem in problems:
        print(problem, file=sys.stderr)
    count = sum(is_run(block) for page in wanted or pages for block in found[page])
    print(f"{count} blocks run, {len(left)} not run, {len(checked)} hashes, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
