"""The figures of `Benchmarks/clustering` as a page of Markdown, and what dtrain is held to."""

from .cluster_cases import PACKAGES, PEERS, TASKS, ClusterCase, all_cluster_cases, ours, peers
from .report import other_work, show, table
from .results import Spread
from .targets import Target

TIME = "seconds_per_iteration"
# At least this many times as fast as the fastest peer; of k-means, four tasks of five twice as fast.
WANTED = {"kmeans": 1, "kmedians": 20}
SCALING = 1.7


def fastest_peer(results, task):
    """Over the rounds, how many times as fast as the fastest peer of that round dtrain is."""
    mine = results.by_round(ours(task))
    ratios = []
    for number, values in mine.items():
        found = [results.by_round(case).get(number) for case in peers(task)]
        if all(found):
            ratios.append(min(peer[TIME] for peer in found) / values[TIME])
    return Spread.of(ratios)


def all_targets(results):
    """The promises, with what was measured."""
    targets = []
    for task in TASKS:
        text = f"{task.algorithm}, {task.text}: times as fast as the fastest peer"
        targets.append(
            Target(text, WANTED[task.algorithm], True, fastest_peer(results, task), True)
        )
    ratios = [fastest_peer(results, task) for task in TASKS if task.algorithm == "kmeans"]
    twice = sum(1 for ratio in ratios if ratio and ratio.median >= 2)
    text = "k-means: tasks of five at least twice as fast as the fastest peer"
    targets.append(Target(text, 4, True, Spread(twice, twice, twice), True))
    for task in TASKS:
        gain = results.ratio(ours(task, ranks=1), ours(task), TIME)
        text = f"{task.algorithm}, {task.text}: times as fast with N=2 as with N=1"
        targets.append(Target(text, SCALING, True, gain))
    for task in TASKS:
        if task.algorithm == "kmeans":
            same = results.ratio(ours(task), ClusterCase("lloyd", task), "objective")
            text = f"kmeans, {task.text}: objective to that of scikit-learn"
            targets.append(Target(text, 1 + 1e-4, False, same))
    return targets


def speed_table(results, algorithm):
    """Milliseconds an iteration."""
    systems = PEERS[algorithm]
    head = ["data", "**dtrain, N=2**", "dtrain, N=1", *systems.values(), "times the fastest peer"]
    rows = []
    for task in TASKS:
        if task.algorithm == algorithm:
            cases = [ours(task), ours(task, ranks=1), *peers(task)]
            times = [show(results.spread(case, TIME), 1e3) for case in cases]
            rows.append([task.text, *times, show(fastest_peer(results, task))])
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
    lines += ["k-medians, milliseconds an iteration:", "", *speed_table(results, "kmedians"), ""]
    lines += [*target_table(results), "", same_bytes(results), "", *foot(results)]
    failures = results.failures()
    if failures:
        lines += ["", "Failed:", ""]
        lines += [f"- {name}, round {number}: {why}" for name, number, why in failures]
    return "\n".join(lines) + "\n"
