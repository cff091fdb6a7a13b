"""Links from page to page, and to headings within pages."""

import re

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)|(?:src|srcset|href)=\"([^\"]+)\"")


def anchors(text):
    """The names by which the headings of a page are reached, as GitHub makes them."""
    found = {}
    names = set()
    for heading in re.findall(r"^#{1,6} +(.*?) *$", without_blocks(text), re.M):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
        name = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        count = found.get(name, 0)
        found[name] = count + 1
        names.add(f"{name}-{count}" if count else name)
    return names


def links_of(text):
    """Where the links and pictures of a page lead to, outside of its blocks."""
    return [next(group for group in match.groups() if group) for match in LINK.finditer(without_blocks(text))]


def without_blocks(text):
    return re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)


def broken(root, pages):
    """The links of the pages that lead nowhere, as texts."""
    problems = []
    for page in pages:
        for link in links_of((root / page).read_text(encoding="utf-8")):
            if re.match(r"[a-z]+:", link):
                continue
            path, _, anchor = link.partition("#")
            target = (root / page).parent / path if path else root / page
            if not target.exists():
                problems.append(f"{page}: {link}: there is no such file")
            elif anchor and target.suffix == ".md":
                if anchor not in anchors(target.read_text(encoding="utf-8")):
                    problems.append(f"{page}: {link}: there is no such heading")
    return problems


def unreached(root, start, pages):
    """Those of the pages that no chain of links from the start leads to."""
    reached, waiting = set(), [start]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        for link in links_of((root / page).read_text(encoding="utf-8")):
            link = link.partition("#")[0]
            target = ((root / page).parent / link).resolve()
            if link.endswith(".md") and target.exists() and target.is_relative_to(root):
                waiting.append(str(target.relative_to(root)))
    return [page for page in pages if page not in reached]
