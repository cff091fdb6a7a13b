"""Runs a shell command on a terminal of its own, and says as JSON what a person saw there.

    watch_terminal.py OUT.json COLUMNS COMMAND [--resize COLUMNS TEXT] [--interrupt TEXT]

Once TEXT is on the terminal it is resized, or ctrl-C is pressed. The terminal does what this program needs: it wraps
lines, also anew where it is resized, and erases to the end of a line or of the screen.

lines     what is left, line by line, as it was before wrapping
moved     lines above the cursor's that were seen, but are not what is left there
bars      different texts of the cursor's line that a program left with the cursor at its beginning
wrapped   such texts that took more than a row
draws     how often the screen was erased from some place on
colors    whether any color was chosen
status    the exit code
seconds   from the first bar to the end
"""

import argparse
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

CONTROL = re.compile(rb"\x1b\[([0-9;]*)([A-Za-z])")


class Screen:
    """The text of a terminal, all that has scrolled away included."""

    def __init__(self, columns):
        self.columns = columns
        self.rows = [[]]
        self.continues = [False]
        self.row = self.column = 0
        self.draws = 0
        self.colors = False
        self.pending = b""

    def feed(self, data):
        data = self.pending + data
        self.pending = b""
        place = 0
        while place < len(data):
            byte = data[place]
            if byte == 0x1B:
                match = CONTROL.match(data, place)
                if not match:
                    self.pending = data[place:]
                    return
                self.command(match[2], match[1])
                place = match.end()
                continue
            if byte == 0x0D:
                self.column = 0
            elif byte == 0x0A:
                self.down(False)
            elif byte == 0x08:
                self.column = max(0, self.column - 1)
            elif byte >= 0x20:
                self.put(chr(byte))
            place += 1

    def down(self, continues):
        self.row += 1
        if self.row == len(self.rows):
            self.rows.append([])
            self.continues.append(continues)

    def put(self, letter):
        if self.column == self.columns:
            self.down(True)
            self.column = 0
        row = self.rows[self.row]
        row.extend(" " * (self.column + 1 - len(row)))
        row[self.column] = letter
        self.column += 1

    def command(self, letter, argument):
        if letter in b"JK":
            del self.rows[self.row][self.column :]
            if letter == b"J":
                del self.rows[self.row + 1 :]
                del self.continues[self.row + 1 :]
                self.draws += 1
        elif letter == b"m":
            self.colors = True
        else:
            raise SystemExit(f"unknown command {argument} {letter}")

    def lines(self):
        """Lines before wrapping; which of them has the cursor, and in how many rows."""
        lines, own, heights = [], 0, []
        for number, row in enumerate(self.rows):
            if self.continues[number]:
                lines[-1] += row
                heights[-1] += 1
            else:
                lines.append(list(row))
                heights.append(1)
            if number == self.row:
                own = len(lines) - 1
        return ["".join(line).rstrip() for line in lines], own, heights[own]

    def resize(self, columns):
        lines, own, _ = self.lines()
        start = self.row
        while self.continues[start]:
            start -= 1
        offset = (self.row - start) * self.columns + self.column
        self.columns = columns
        self.rows, self.continues = [], []
        for number, line in enumerate(lines):
            if number == own:
                self.row = len(self.rows) + offset // columns
                self.column = offset % columns
            for place in range(0, max(1, len(line)), columns):
                self.rows.append(list(line[place : place + columns]))
                self.continues.append(place > 0)


def set_size(terminal, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("columns", type=int)
    parser.add_argument("command")
    parser.add_argument("--resize", nargs=2)
    parser.add_argument("--interrupt")
    options = parser.parse_args()

    child, terminal = pty.fork()
    if child == 0:
        # The parent sets the size first.
        signal.sigwait([signal.SIGCONT])
        os.execvp("bash", ["bash", "-c", options.command])
    set_size(terminal, options.columns)
    os.kill(child, signal.SIGCONT)

    screen = Screen(options.columns)
    seen, bars, wrapped = [], [], []
    first = None
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 0.5)[0]:
            continue
        try:
            data = os.read(terminal, 65536)
        except OSError:
            break
        if not data:
            break
        screen.feed(data)
        lines, own, height = screen.lines()
        if not seen or seen[-1] != lines[:own]:
            seen.append(lines[:own])
        if screen.column == 0 and lines[own]:
            first = first or time.monotonic()
            if lines[own] not in bars:
                bars.append(lines[own])
            # What a bar was when the terminal became narrower it may stay until it is drawn anew.
            if height > 1 and not options.resize:
                wrapped.append(lines[own])
        text = "\n".join(lines)
        if options.resize and options.resize[1] in text:
            screen.resize(int(options.resize[0]))
            set_size(terminal, screen.columns)
            options.resize = None
        if options.interrupt and options.interrupt in text:
            os.write(terminal, b"\x03")
            options.interrupt = None
    else:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    lines = screen.lines()[0]
    while lines and not lines[-1]:
        lines.pop()
    moved = [part for part in seen if part != lines[: len(part)]]
    found = {
        "lines": lines,
        "moved": moved[:3],
        "bars": bars,
        "wrapped": wrapped,
        "draws": screen.draws,
        "colors": screen.colors,
        "status": os.waitstatus_to_exitcode(status),
        "seconds": time.monotonic() - (first or time.monotonic()),
    }
    with open(options.out, "w", encoding="utf-8") as file:
        json.dump(found, file)


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCONT])
    sys.exit(main())
