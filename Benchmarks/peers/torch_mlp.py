"""The seed network in PyTorch: one process, or one rank of DistributedDataParallel over gloo.

The peer is given its best: rows as float32 in memory, batches by one indexing of a shuffled index
(no DataLoader), the fused optimizer, gradients that live in DDP's buckets. What it computes is what
dtrain computes: 784-200-10 with tanh, the cross-entropy of sigmoids summed over the global batch,
descent at rate L exp(-k t), weights from a normal of deviation 0.01.

Prints one JSON object (rank 0 alone).
"""

import argparse
import gzip
import json
import math
import os
import time
from pathlib import Path

import numpy
import torch
from torch import nn

TARGET_LIMIT_EPOCHS = 40


def read_idx(path, header):
    """The bytes of a gzipped IDX file after its header."""
    with gzip.open(path, "rb") as file:
        return numpy.frombuffer(file.read(), dtype=numpy.uint8, offset=header)


def read_mnist(directory, part):
    """Rows in [0, 1], float32 `[rows, 784]`, and labels `[rows]`."""
    images = read_idx(directory / f"{part}-images-idx3-ubyte.gz", 16)
    labels = read_idx(directory / f"{part}-labels-idx1-ubyte.gz", 8)
    rows = torch.from_numpy(images.reshape(len(labels), 784).astype(numpy.float32)) / 255
    return rows, torch.from_numpy(labels.astype(numpy.int64))


def make_network(generator):
    network = nn.Sequential(nn.Linear(784, 200), nn.Tanh(), nn.Linear(200, 10))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.normal_(0, 0.01, generator=generator)
    return network


class Trainer:
    """Trains the network; under DDP every rank takes its share of each global batch."""

    def __init__(self, options, rank, size):
        self.rank, self.size = rank, size
        self.batch, self.rate, self.decay = options.batch, options.learning_rate, options.decay
        self.X, labels = read_mnist(options.data, "train")
        self.Y = nn.functional.one_hot(labels, 10).to(torch.float32)
        self.test_X, self.test_labels = read_mnist(options.data, "t10k")
        # One seed on all ranks: the same weights, and the same order of rows.
        self.generator = torch.Generator().manual_seed(options.seed)
        self.network = make_network(self.generator)
        self.model = self.network
        if size > 1:
            self.model = nn.parallel.DistributedDataParallel(
                self.network, gradient_as_bucket_view=True
            )
        self.loss = nn.BCEWithLogitsLoss(reduction="sum")
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=self.rate, fused=True)
        self.step = 0

    def train_epoch(self):
        """One pass over the rows; the seconds that it took."""
        if self.size > 1:
            torch.distributed.barrier()
        start = time.perf_counter()
        order = torch.randperm(len(self.X), generator=self.generator)
        group = self.optimizer.param_groups[0]
        for first in range(0, len(order), self.batch):
            batch = order[first : first + self.batch]
            rows = len(batch)
            own = batch[rows * self.rank // self.size : rows * (self.rank + 1) // self.size]
            # DDP averages over ranks what the derivation sums.
            group["lr"] = self.size * self.rate * math.exp(-self.decay * self.step)
            self.optimizer.zero_grad()
            self.loss(self.model(self.X[own]), self.Y[own]).backward()
            self.optimizer.step()
            self.step += 1
        return time.perf_counter() - start

    @torch.no_grad()
    def test_accuracy(self):
        predicted = self.network(self.test_X).argmax(dim=1)
        return (predicted == self.test_labels).float().mean().item()


def measure_speed(trainer):
    """Samples a second over one epoch, after one that warms up."""
    trainer.train_epoch()
    seconds = trainer.train_epoch()
    return {
        "samples_per_second": len(trainer.X) / seconds,
        "seconds_train": seconds,
        "test_accuracy": trainer.test_accuracy(),
    }


def measure_target(trainer, accuracy):
    """Seconds of training until the test accuracy is reached; evaluation is not counted."""
    training = evaluation = 0.0
    for epoch in range(1, TARGET_LIMIT_EPOCHS + 1):
        training += trainer.train_epoch()
        start = time.perf_counter()
        reached = trainer.test_accuracy()
        evaluation += time.perf_counter() - start
        if reached >= accuracy:
            return {
                "seconds_to_target": training,
                "seconds_evaluate": evaluation,
                "epochs": epoch,
                "test_accuracy": reached,
                "finished_at": time.time(),
            }
    raise SystemExit(f"test accuracy {accuracy} not reached in {TARGET_LIMIT_EPOCHS} epochs")


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--batch", type=int, required=True, help="rows of a step, over all ranks")
    parser.add_argument("--threads", type=int, required=True, help="threads of each process")
    parser.add_argument("--learning-rate", type=float, required=True)
    parser.add_argument("--decay", type=float, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--target-accuracy", type=float)
    parser.add_argument("--rendezvous", help="a file's URL; with RANK and WORLD_SIZE: use DDP")
    return parser.parse_args()


def main():
    options = parse_options()
    torch.set_num_threads(options.threads)
    rank, size = 0, 1
    if options.rendezvous:
        rank, size = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
        torch.distributed.init_process_group(
            "gloo", init_method=options.rendezvous, rank=rank, world_size=size
        )
    trainer = Trainer(options, rank, size)
    if options.target_accuracy is None:
        values = measure_speed(trainer)
    else:
        values = measure_target(trainer, options.target_accuracy)
    if rank == 0:
        print(json.dumps(values), flush=True)
    if size > 1:
        torch.distributed.barrier()
        torch.distributed.destroy_process_group()


if __name__ == "__main__":
    main()
