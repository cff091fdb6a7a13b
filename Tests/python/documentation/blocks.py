"""The fenced blocks of a page, with the marks above them.

A mark is an HTML comment, or several, directly above the block, which readers do not see:

<!-- not run: REASON -->           the block is not run
<!-- first: COMMAND -->            a command that is run before the block; may have several lines
<!-- output differs: REASON -->    what is printed is not compared with what stands in the block
<!-- prints: TEXT -->              what a block of Python prints
<!-- test: NAME -->                a block of Python that another test takes from the page
"""

import re
from dataclasses import dataclass, field

SHELL = {"", "sh", "bash", "console"}
OTHER = {"text", "json", "swift"}
MARKS = {"not run", "first", "output differs", "prints", "test"}
FENCE = re.compile(
    r"^(?P<marks>(?:<!--(?:(?!-->).)*-->\s*?\n)*)```(?P<language>[\w-]*)\n(?P<body>.*?)^```$", re.M | re.S
)
MARK = re.compile(r"<!--\s*(?P<name>[a-z ]+?):\s*(?P<text>.*?)\s*-->", re.S)


@dataclass
class Command:
    """A command line, and the lines that stand below it as its output."""

    text: str
    output: list = field(default_factory=list)


@dataclass
class Block:
    page: str
    line: int
    language: str
    body: str
    marks: list

    @property
    def place(self):
        return f"{self.page}:{self.line}"

    @property
    def is_shell(self):
        return self.language in SHELL

    def mark(self, name):
        """The text of a mark, or None."""
        found = [text for known, text in self.marks if known == name]
        return "\n".join(found) if found else None

    def commands(self):
        """The commands: after `$ `, each with its output; or, where no line begins so, all lines as one script."""
        lines = self.body.splitlines()
        if not any(line.startswith("$ ") for line in lines):
            return [Command(self.body)]
        commands = []
        continues = False
        for line in lines:
            if line.startswith("$ "):
                commands.append(Command(line[2:]))
            elif continues:
                commands[-1].text += "\n" + line
            elif not commands:
                raise ValueError(f"{self.place}: output before the first command: {line}")
            else:
                commands[-1].output.append(line)
                continue
            continues = line.endswith("\\")
        return commands


def blocks(page, text):
    """The blocks of a page; raises ValueError for a block or mark of unknown kind."""
    found = []
    for match in FENCE.finditer(text):
        line = text.count("\n", 0, match.start("language")) + 1
        marks = [(mark["name"], mark["text"]) for mark in MARK.finditer(match["marks"])]
        block = Block(page, line, match["language"], match["body"], marks)
        for name, _ in marks:
            if name not in MARKS:
                raise ValueError(f"{block.place}: the mark '{name}' is unknown")
        if block.language not in SHELL | OTHER | {"python"}:
            raise ValueError(f"{block.place}: blocks of '{block.language}' are unknown")
        if block.language in OTHER and re.search(r"^(\$|mpirun|dtrain [a-z]+ --?\w)", block.body, re.M):
            raise ValueError(f"{block.place}: a block of {block.language} holds a command, which would not be run")
        found.append(block)
    fences = len(re.findall(r"^```", text, re.M))
    if fences != 2 * len(found):
        raise ValueError(f"{page}: {fences} fences, but {len(found)} blocks: one is not closed or is indented")
    return found
