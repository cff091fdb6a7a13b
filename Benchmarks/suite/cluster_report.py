"""The figures of `Benchmarks/clustering` as a page of Markdown, and what dtrain is held to."""

from .cluster_cases import (
    APPROXIMATE,
    EXACT,
    PACKAGES,
    PEERS,
    TASKS,
    ClusterCase,
    all_cluster_cases,
    exact_peers,
    ours,
    peers,
    tasks_of,
)
from .report import other_work, show, table
from .results import Spread
from .targets import Target

# Where approximate peers are at their best: at least this many columns and clusters.
WIDE, MANY = 128, 1000
WIDE_AND_MANY = 1.2
MEDIANS = 25
WHOLE, WHOLE_CLUSTERS = 10, 100
SCALING = 1.8
# Of the same start: rounding. Of different random seedings: what they differ by.
SAME_OBJECTIVE, SEEDED_OBJECTIVE = 1 + 1e-4, 1.01


def figures(results, case, key="seconds"):
    """One figure of a case by round; what one round alone measures stands for all of them."""
    found = {number: values[key] for number, values in results.by_round(case).items()}
    if case.once and found:
        return {record["round"]: found[min(found)] for record in results.records}
    return found


def times_faster(results, task, cases):
    """Over the rounds, how many times as fast as the fastest of these peers dtrain is."""
    theirs = [figures(results, case) for case in cases]
    ratios = []
    for number, seconds in figures(results, ours(task)).items():
        if all(number in found for found in theirs):
            ratios.append(min(found[number] for found in theirs) / seconds)
    return Spread.of(ratios)


def objective_ratio(results, above, below):
    """Over the rounds, of one case's objective to another's."""
    tops, bottoms = (figures(results, case, "objective") for case in (above, below))
    return Spread.of([tops[number] / bottoms[number] for number in tops if number in bottoms])


def all_targets(results):
    """The promises, with what was measured."""
    targets = []

    def promise(text, limit, measured, at_least=True, peers=True):
        targets.append(Target(text, limit, at_least, measured, peers))

    for task in tasks_of("kmeans"):
        if task.exact > 1:
            text = f"kmeans, {task.text}: times as fast as the fastest exact peer"
            promise(text, task.exact, times_faster(results, task, exact_peers(task)))
        hard = task.data.columns >= WIDE and task.clusters >= MANY
        text = f"kmeans, {task.text}: times as fast as the fastest of all peers"
        promise(text, WIDE_AND_MANY if hard else 1, times_faster(results, task, peers(task)))
    for task in tasks_of("kmedians"):
        text = f"kmedians, {task.text}: times as fast as the fastest peer"
        promise(text, MEDIANS, times_faster(results, task, peers(task)))
    wholes = [task for task in tasks_of("whole") if task.clusters >= WHOLE_CLUSTERS]
    for task in wholes:
        ratio = times_faster(results, task, [ClusterCase("lloyd", task)])
        promise(f"whole run, {task.text}: times as fast as scikit-learn", WHOLE, ratio)
    for task in tasks_of("kmeans") + tasks_of("kmedians"):
        gain = results.ratio(ours(task, ranks=1), ours(task), "seconds")
        promise(f"{task.kind}, {task.text}: times as fast with N=2 as with N=1", SCALING, gain, peers=False)
    for kind, limit, tasks in (
        ("kmeans", SAME_OBJECTIVE, tasks_of("kmeans")),
        ("whole run", SEEDED_OBJECTIVE, wholes),
    ):
        for task in tasks:
            ratio = objective_ratio(results, ours(task), ClusterCase("lloyd", task))
            promise(f"{kind}, {task.text}: objective to that of scikit-learn", limit, ratio, False, False)
    return targets


def speed_table(results, kind):
    """Milliseconds an iteration."""
    ratios = {"times the fastest peer": peers}
    if kind == "kmeans":
        ratios = {"times the fastest exact peer": exact_peers, "times the fastest of all": peers}
    head = ["data", "**dtrain, N=2**", "dtrain, N=1", *PEERS[kind].values(), *ratios]
    rows = []
    for task in tasks_of(kind):
        cases = [ours(task), ours(task, ranks=1), *(ClusterCase(system, task) for system in PEERS[kind])]
        times = [show(results.spread(case, "seconds"), 1e3) for case in cases]
        rows.append([task.text, *times, *(show(times_faster(results, task, of(task))) for of in ratios.values())])
    return table(head, rows)


def whole_table(results):
    """Seconds by the clock."""
    systems = PEERS["whole"]
    head = ["data", "**dtrain, N=2**", "of it seeding", "with start", "dtrain, N=1"]
    head += [column for name in systems.values() for column in (name, "with start")]
    head += [f"times {name}" for name in systems.values()]
    rows = []
    for task in tasks_of("whole"):
        row = [results.spread(ours(task), key) for key in ("seconds", "seconds_seeding", "seconds_with_start")]
        row.append(results.spread(ours(task, ranks=1), "seconds"))
        row += [results.spread(case, key) for case in peers(task) for key in ("seconds", "seconds_with_start")]
        row += [times_faster(results, task, [case]) for case in peers(task)]
        rows.append([task.text, *map(show, row)])
    return table(head, rows)


def objective_table(results):
    """Objectives of the peers, dtrain's being 1: of the same iterations, then of whole runs."""
    head = ["data", *(EXACT | APPROXIMATE).values()]
    rows = []
    for kind, name in (("kmeans", ""), ("whole", "whole run, ")):
        for task in tasks_of(kind):
            ratios = {
                case.system: objective_ratio(results, case, ours(task)) for case in peers(task)
            }
            cells = [ratios.get(system) for system in EXACT | APPROXIMATE]
            rows.append([name + task.text, *(f"{ratio.median:.5f}" if ratio else "-" for ratio in cells)])
    return table(head, rows)


def target_table(results):
    rows = []
    for target in all_targets(results):
        wanted = f"{'>=' if target.at_least else '<='} {target.limit:g}"
        verdict = "yes" if target.held else "**no**"
        rows.append([target.text, wanted, show(target.measured), verdict])
    return ["What dtrain is held to:", ""] + table(["promise", "wanted", "measured", "held"], rows)


def same_bytes(results):
    """Whether runs that may differ in ranks alone wrote the same centers."""
    models = {}
    for case in all_cluster_cases():
        if case.ranks:
            found = [values["model"] for values in results.by_round(case).values()]
            models.setdefault(case.task, []).extend(found)
    differing = [task.text for task, found in models.items() if len(set(found)) > 1]
    if differing:
        return f"**Centers differ** between ranks or rounds: {', '.join(differing)}."
    count = sum(len(found) for found in models.values())
    return f"The {count} files of centers of dtrain: for each task the same bytes for each N and round."


def foot(results):
    machine = results.header["machine"]
    rounds = len({record["round"] for record in results.records})
    versions = ", ".join(f"{package} {machine[package]}" for package in PACKAGES)
    return [
        f"Measured {machine['date']} on {machine['cores']} cores ({machine['processor']}), "
        f"{machine['memory_gib']} GiB; rounds: {rounds}, medians (min-max), ratios within a round; "
        f"dtrain {machine['dtrain']}, Open MPI {machine['open_mpi']}; {versions}.",
        *other_work(results),
    ]


def render(results):
    """The page between the markers."""
    lines = ["k-means, milliseconds an iteration:", "", *speed_table(results, "kmeans"), ""]
    lines += ["k-means, whole runs, seconds:", "", *whole_table(results), ""]
    lines += ["k-means, objectives of the peers, times dtrain's:", "", *objective_table(results), ""]
    lines += ["k-medians, milliseconds an iteration:", "", *speed_table(results, "kmedians"), ""]
    lines += [*target_table(results), "", same_bytes(results), "", *foot(results)]
    failures = results.failures()
    if failures:
        lines += ["", "Failed:", ""]
        lines += [f"- {name}, round {number}: {why}" for name, number, why in failures]
    return "\n".join(lines) + "\n"
