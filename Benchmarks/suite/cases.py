"""What is measured, each under a name that says it."""

from dataclasses import dataclass

TARGET_ACCURACY = 0.9716
DECAY = 3e-5
# The rate falls as the batch grows, since the gradient is the sum over the batch.
LEARNING_RATES = {64: 0.006, 256: 0.003, 1024: 0.001}


@dataclass(frozen=True)
class Case:
    """One measurement. `shards` None: dtrain's default for the batch."""

    system: str  # dtrain, ddp or single
    batch: int
    ranks: int = 1
    shards: int | None = None
    to_target: bool = False

    @property
    def name(self):
        words = [self.system]
        if self.system == "dtrain":
            words += [f"N={self.ranks}", "V=default" if self.shards is None else f"V={self.shards}"]
        words.append(f"B={self.batch}")
        if self.to_target:
            words.append("to-target")
        return " ".join(words)


def dtrain(batch, ranks=2, shards=2, to_target=False):
    return Case("dtrain", batch, ranks, shards, to_target)


def ddp(batch, to_target=False):
    return Case("ddp", batch, 2, None, to_target)


def single(batch, to_target=False):
    return Case("single", batch, 1, None, to_target)


def all_cases(batches):
    """Every measurement of a round, neighbours being what is compared."""
    cases = []
    for batch in batches:
        cases += [dtrain(batch), ddp(batch), dtrain(batch, shards=None), single(batch)]
        cases += [dtrain(batch, ranks=1), dtrain(batch, ranks=1, shards=None)]
    for batch in batches[:2]:
        cases += [dtrain(batch, shards=8), dtrain(batch, ranks=8, shards=8)]
    cases += [dtrain(64, to_target=True), ddp(64, to_target=True)]
    cases += [dtrain(64, shards=None, to_target=True), single(64, to_target=True)]
    return cases
