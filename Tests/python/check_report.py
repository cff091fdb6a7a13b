"""Opens reports in headless Chromium and looks at what a reader would see.

    check_report.py [--screenshots FOLDER] PAGE.html FIGURE,FIGURE... [PAGE.html FIGURE,...]...

Each page must show exactly the figures that are named, in that order, at the widths of a desktop and of a phone, light and
dark and on paper: each with a drawing of some extent, with all its images decoded, and nothing beyond the edge of the page.
The console must stay empty, and nothing may be asked of a network. Prints what is wrong, and exits with 1 then.

Talks to Chromium through pipes (the DevTools protocol), with nothing but Python's own library.
"""

import argparse
import base64
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

# What a page is asked once it is loaded.
QUESTION = """(async () => {
  const figures = [...document.querySelectorAll('figure')].map(figure => {
    const drawing = figure.querySelector('svg').getBoundingClientRect();
    return {name: figure.id, width: drawing.width, height: drawing.height,
      right: figure.getBoundingClientRect().right, marks: figure.querySelectorAll('svg *').length};
  });
  const broken = [];
  for (const image of document.querySelectorAll('image')) {
    const copy = new Image();
    copy.src = image.getAttribute('href');
    try { await copy.decode(); } catch (problem) { broken.push(image.textContent); }
  }
  const [root, body] = [document.documentElement, getComputedStyle(document.body)];
  return {figures, broken, overflow: root.scrollWidth - root.clientWidth, width: root.clientWidth,
    ground: body.backgroundColor, ink: body.color,
    resources: performance.getEntriesByType('resource').map(entry => entry.name)};
})()"""

VIEWS = [
    ("desktop-light", 1200, "light", "screen"),
    ("desktop-dark", 1200, "dark", "screen"),
    ("phone-light", 390, "light", "screen"),
    ("phone-dark", 390, "dark", "screen"),
    ("paper", 800, "dark", "print"),
]


class Browser:
    """A Chromium that is spoken to through file descriptors 3 and 4."""

    def __init__(self, program, folder):
        to_browser, self.requests = os.pipe()
        self.answers, from_browser = os.pipe()

        def wire():
            # Both ends may have these numbers already.
            first, second = os.dup(to_browser), os.dup(from_browser)
            os.dup2(first, 3)
            os.dup2(second, 4)

        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--no-first-run", "--disable-background-networking", "--disable-component-update",
             "--disable-default-apps", "--disable-sync", "--force-device-scale-factor=1",
             f"--user-data-dir={folder}", "--remote-debugging-pipe", "about:blank"],
            preexec_fn=wire, close_fds=False, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.last, self.rest, self.events, self.session = 0, b"", [], None
        pages = self.ask("Target.getTargets")["targetInfos"]
        page = next(page for page in pages if page["type"] == "page")
        self.session = self.ask(
            "Target.attachToTarget", targetId=page["targetId"], flatten=True)["sessionId"]

    def message(self):
        while b"\0" not in self.rest:
            piece = os.read(self.answers, 1 << 20)
            if not piece:
                sys.exit("Chromium ended; does it start by itself?")
            self.rest += piece
        text, _, self.rest = self.rest.partition(b"\0")
        return json.loads(text)

    def ask(self, method, **parameters):
        self.last += 1
        request = {"id": self.last, "method": method, "params": parameters}
        if self.session:
            request["sessionId"] = self.session
        os.write(self.requests, json.dumps(request).encode() + b"\0")
        while True:
            message = self.message()
            if message.get("id") == self.last:
                if "error" in message:
                    sys.exit(f"{method}: {message['error']}")
                return message["result"]
            self.events.append(message)

    def wait(self, method):
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self.message())

    def close(self):
        self.ask("Browser.close")
        self.process.wait(timeout=30)


def check(browser, path, expected, screenshots):
    """What is wrong with a page, a line each."""
    problems = []
    address = pathlib.Path(path).resolve().as_uri()
    grounds = {}
    for view, width, scheme, medium in VIEWS:
        browser.ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1,
            mobile=width < 500)
        browser.ask(
            "Emulation.setEmulatedMedia", media=medium,
            features=[{"name": "prefers-color-scheme", "value": scheme}])
        browser.events.clear()
        browser.ask("Page.navigate", url=address)
        browser.wait("Page.loadEventFired")
        answer = browser.ask(
            "Runtime.evaluate", expression=QUESTION, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            problems.append(f"{view}: {answer['exceptionDetails']}")
            continue
        page = answer["result"]["value"]

        def wrong(words):
            problems.append(f"{view}: {words}")

        for event in browser.events:
            kind, facts = event.get("method"), event.get("params", {})
            if kind in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"):
                wrong(f"the console says {json.dumps(facts)[:400]}")
            if kind == "Network.requestWillBeSent":
                url = facts["request"]["url"]
                if url != address and not url.startswith("data:"):
                    wrong(f"the page asks for {url}")
        if page["resources"]:
            outside = [name for name in page["resources"] if not name.startswith("data:")]
            if outside:
                wrong(f"the page loads {outside}")
        names = [figure["name"] for figure in page["figures"]]
        if names != expected:
            wrong(f"figures {names} instead of {expected}")
        for figure in page["figures"]:
            if figure["width"] < 200 or figure["height"] < 40 or figure["marks"] < 4:
                wrong(f"nothing to be seen of {figure}")
            if figure["right"] > page["width"]:
                wrong(f"{figure['name']} reaches beyond the page")
        if page["broken"]:
            wrong(f"images that cannot be shown: {page['broken'][:3]}")
        if page["overflow"] > 0:
            wrong(f"the page is {page['overflow']} pixels too wide")
        grounds[view] = (page["ground"], page["ink"])
        if screenshots:
            size = browser.ask("Page.getLayoutMetrics")["cssContentSize"]
            shot = browser.ask(
                "Page.captureScreenshot", captureBeyondViewport=True,
                clip={"x": 0, "y": 0, "width": width, "height": size["height"], "scale": 1})
            name = f"{pathlib.Path(path).parent.name}-{pathlib.Path(path).stem}-{view}.png"
            (screenshots / name).write_bytes(base64.b64decode(shot["data"]))
    if grounds.get("desktop-light") == grounds.get("desktop-dark"):
        problems.append(f"light and dark look the same: {grounds}")
    if grounds.get("paper") != grounds.get("desktop-light"):
        problems.append(f"paper is not light: {grounds}")
    return [f"{path}, {problem}" for problem in problems]


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--screenshots", type=pathlib.Path)
    parser.add_argument("pages", nargs="+")
    arguments = parser.parse_args()
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if not program:
        sys.exit("there is no chromium; run scripts/setup --long-tests")
    if arguments.screenshots:
        arguments.screenshots.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        browser = Browser(program, folder)
        for domain in ["Page", "Runtime", "Log", "Network"]:
            browser.ask(f"{domain}.enable")
        problems = []
        for path, figures in zip(arguments.pages[::2], arguments.pages[1::2]):
            problems += check(browser, path, figures.split(","), arguments.screenshots)
        browser.close()
    print("\n".join(problems))
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
