"""The figures as a page of Markdown."""

from .cases import TARGET_ACCURACY, all_cases, ddp, dtrain, single
from .results import Spread
from .targets import all_targets

def number(value):
    """Three digits that count."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def show(spread, scale=1.0):
    """`median (min-max)`."""
    if spread is None:
        return "-"
    median, low, high = (number(x * scale) for x in (spread.median, spread.low, spread.high))
    return f"{median} ({low}-{high})"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]


def speed_tables(results, batches):
    """Samples a second, and dtrain's ratio to each peer."""
    rate = "samples_per_second"
    systems = [
        ("**dtrain, N=2, V=2**", lambda b: dtrain(b)),
        ("**dtrain, N=2, defaults**", lambda b: dtrain(b, shards=None)),
        ("dtrain, N=1, V=2", lambda b: dtrain(b, ranks=1)),
        ("dtrain, N=1, defaults", lambda b: dtrain(b, ranks=1, shards=None)),
        ("PyTorch DDP, gloo, 2 ranks", ddp),
        ("PyTorch, one process, 2 threads", single),
    ]
    columns = [f"B={batch}" for batch in batches]
    lines = ["Thousands of samples a second in training:", ""]
    lines += table(
        ["system", *columns],
        [[name] + [show(results.spread(of(b), rate), 1e-3) for b in batches] for name, of in systems],
    )
    lines += ["", "dtrain with N=2, times as fast as the peer:", ""]
    rows = []
    for shards, name in ((2, "V=2"), (None, "defaults")):
        for peer, of in (("PyTorch DDP", ddp), ("PyTorch, one process", single)):
            ratios = [show(results.ratio(dtrain(b, shards=shards), of(b), rate)) for b in batches]
            rows.append([f"{name}, to {peer}", *ratios])
    return lines + table(["ratio", *columns], rows)


def target_accuracy_table(results):
    """Seconds until the test accuracy is reached."""
    rows = []
    for name, case in (
        ("**dtrain, N=2, V=2** (evaluation counted)", dtrain(64, to_target=True)),
        ("**dtrain, N=2, defaults** (evaluation counted)", dtrain(64, shards=None, to_target=True)),
        ("PyTorch DDP, gloo, 2 ranks (training alone)", ddp(64, to_target=True)),
        ("PyTorch, one process, 2 threads (training alone)", single(64, to_target=True)),
    ):
        epochs = results.spread(case, "epochs")
        rows.append(
            [
                name,
                show(results.spread(case, "seconds_to_target")),
                show(results.spread(case, "seconds_with_start")),
                "-" if epochs is None else f"{epochs.median:g}",
            ]
        )
    head = ["system, B=64", "seconds", "with start-up", "epochs"]
    return [f"To a test accuracy of {TARGET_ACCURACY:.2%}:", ""] + table(head, rows)


def target_table(results):
    """The promises."""
    rows = []
    for target in all_targets(results):
        wanted = f"{'>=' if target.at_least else '<='} {target.limit:g}"
        verdict = "yes" if target.held else "**no**"
        rows.append([target.text, wanted, show(target.measured), verdict])
    return ["What dtrain is held to:", ""] + table(["promise", "wanted", "measured", "held"], rows)


def same_bytes(results, batches):
    """Whether runs that may differ in ranks alone wrote the same model."""
    hashes = {}
    for case in all_cases(batches):
        if case.system == "dtrain":
            run = (case.batch, case.shards, case.to_target)
            models = [values["model"] for values in results.by_round(case).values()]
            hashes.setdefault(run, []).extend(models)
    models = sum(len(found) for found in hashes.values())
    differing = [run for run, found in hashes.items() if len(set(found)) > 1]
    if differing:
        names = ", ".join(f"B={b} V={v or 'default'}" for b, v, _ in differing)
        return f"**Models differ** between ranks or rounds of the same run: {names}."
    if models == 0:
        return "No run of dtrain was measured."
    runs = sum(1 for found in hashes.values() if found)
    return f"The {models} models of these {runs} runs of dtrain: the same bytes for each N and round."


def foot(results, rounds):
    header = results.header
    machine, options = header["machine"], header["options"]
    lines = [
        f"Measured {machine['date']} on {machine['cores']} cores ({machine['processor']}), "
        f"{machine['memory_gib']} GiB; rounds: {rounds}, medians (min-max), ratios within a round; "
        f"dtrain {machine['dtrain']} over {options['epochs']} epochs, OpenBLAS "
        f"{machine['openblas']}, Open MPI {machine['open_mpi']}; torch {machine['torch']}, NumPy "
        f"{machine['numpy']}."
    ]
    return lines + other_work(results)


def other_work(results):
    """What else the cores did meanwhile, if that is known."""
    others = [r["values"]["other_cores"] for r in results.records if "values" in r]
    if not others:
        return []
    busy = Spread.of(others)
    return [
        f"Other work kept {busy.median:.2f} cores busy ({busy.low:.2f}-{busy.high:.2f}) meanwhile"
        + (": these figures are not to be quoted." if busy.median > 0.1 else ".")
    ]


def render(results):
    """The page between the markers."""
    batches = results.header["options"]["batches"]
    rounds = len({record["round"] for record in results.records})
    lines = speed_tables(results, batches) + [""] + target_accuracy_table(results)
    lines += [""] + target_table(results) + ["", same_bytes(results, batches), ""]
    lines += foot(results, rounds)
    failures = results.failures()
    if failures:
        lines += ["", "Failed:", ""]
        lines += [f"- {name}, round {number}: {why}" for name, number, why in failures]
    return "\n".join(lines) + "\n"


def insert(page, text, name="mlp"):
    """The page with what stands between a script's markers replaced; raises ValueError without them."""
    first = f"<!-- {name}: begin, written by Benchmarks/{name} --write -->"
    last = f"<!-- {name}: end -->"
    before, begin, rest = page.partition(first)
    _, end, after = rest.partition(last)
    if not begin or not end:
        raise ValueError(f"the page lacks the markers {first} and {last}")
    return f"{before}{first}\n\n{text}\n{last}{after}"
