"""What dtrain promises, and whether the figures hold it."""

from dataclasses import dataclass

from .cases import ddp, dtrain, single


@dataclass(frozen=True)
class Target:
    """A promise about a median. `peers`: it names a peer."""

    text: str
    limit: float
    at_least: bool
    measured: object  # Spread or None
    peers: bool = False

    @property
    def held(self):
        """False also where there is no figure."""
        if self.measured is None:
            return False
        if self.at_least:
            return self.measured.median >= self.limit
        return self.measured.median <= self.limit


def all_targets(results):
    """The promises, with what was measured."""
    rate = "samples_per_second"
    targets = [
        Target("times PyTorch DDP, B=64", 10, True, results.ratio(dtrain(64), ddp(64), rate), True),
        Target(
            "times PyTorch, one process of 2 threads, B=64",
            2.5,
            True,
            results.ratio(dtrain(64), single(64), rate),
            True,
        ),
    ]
    for batch, shards, limit in ((64, 2, 0.70), (256, 2, 0.80), (64, None, 0.60), (256, None, 0.75)):
        name = "defaults" if shards is None else f"V={shards}"
        fraction = results.spread(dtrain(batch, shards=shards), "products_fraction")
        text = f"matrix products' share of the step, N=2, B={batch}, {name}"
        targets.append(Target(text, limit, True, fraction))
    for batch in (64, 256):
        gain = results.ratio(dtrain(batch), dtrain(batch, ranks=1), rate)
        targets.append(Target(f"times as fast with N=2 as with N=1, B={batch}, V=2", 1.6, True, gain))
    for batch in (64, 256):
        cost = results.ratio(dtrain(batch, ranks=8, shards=8), dtrain(batch, shards=8), "seconds_train")
        text = f"8 ranks' time to that of 2 on 2 cores, B={batch}, V=8"
        targets.append(Target(text, 3, False, cost))
    start = results.spread(dtrain(64), "seconds_to_first_step")
    targets.append(Target("seconds from start to the first step, N=2", 1.5, False, start))
    return targets
