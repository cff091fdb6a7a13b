"""Runs the Python block of README.md that follows `<!-- test: snippet -->` on a run directory.

Usage: check_readme_snippet.py README RUN_DIRECTORY

The block reads `RUN/model.safetensors`, RUN being its first line's value, and must print the test
accuracy that summary.json holds, to four digits.
"""

import contextlib
import io
import json
import os
import re
import sys

readme, run = sys.argv[1:]
text = open(readme, encoding="utf-8").read()
blocks = re.findall(r"<!-- test: snippet -->\n+```python\n(.*?)```", text, re.DOTALL)
assert len(blocks) == 1, f"{readme}: {len(blocks)} marked blocks of Python, expected one"
source, replaced = re.subn(r'^run = ".*"$', f"run = {run!r}", blocks[0], count=1, flags=re.MULTILINE)
assert replaced == 1, "the block does not set 'run'"
os.chdir(os.path.dirname(os.path.abspath(readme)))
printed = io.StringIO()
with contextlib.redirect_stdout(printed):
    exec(compile(source, "README.md", "exec"), {"__name__": "__main__"})
expected = json.load(open(os.path.join(run, "summary.json")))["test_accuracy"]
print(f"the block prints {printed.getvalue().strip()!r}; summary.json says {expected:.4f}")
assert f"{expected:.4f}" in printed.getvalue(), "another accuracy than dtrain's"
