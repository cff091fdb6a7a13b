#!/usr/bin/env python3
"""Trains on ordinary data sets with --data and --seed alone, beside scikit-learn with a scaler, and compares the scores.

  first_try.py DTRAIN [--sets NAME,...] [--write FILE]

Each score is the mean over five random splits, a quarter of the rows held out: accuracy of classes, R² of numbers. A set
fails where dtrain is more than 0.02 (classes) or 0.03 (numbers) below scikit-learn. --write puts the table into a
document, between the lines `<!-- first_try -->` and `<!-- end of first_try -->`. Needs numpy and scikit-learn.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import warnings

import numpy as np
from sklearn import datasets
from sklearn.compose import TransformedTargetRegressor
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

SEEDS = range(5)


def scaled_columns():
    x, y = datasets.make_classification(1000, 15, n_informative=6, random_state=1)
    return x * np.logspace(-3, 5, 15) + np.linspace(0, 1e4, 15), y


def waves():
    draw = np.random.default_rng(0)
    x = draw.uniform(-3, 3, (1000, 3))
    return x, np.sin(x[:, 0] * 2) * 1e4 + x[:, 1] ** 2 * 3e3 + draw.normal(0, 300, 1000)


def products():
    draw = np.random.default_rng(1)
    x = draw.normal(size=(20000, 8))
    y = x[:, 0] * x[:, 1] + np.abs(x[:, 2]) + 0.5 * np.exp(x[:, 3] / 2)
    return x, y + draw.normal(0, 0.1, 20000)


def steps():
    draw = np.random.default_rng(14)
    x = draw.uniform(-1, 1, (2000, 4))
    y = np.where(x[:, 0] > 0, 5.0, 0) + np.where(x[:, 1] * x[:, 2] > 0, 3.0, -3.0)
    return x, y + draw.normal(0, 0.2, 2000)


def long_tails():
    draw = np.random.default_rng(11)
    x = np.exp(draw.normal(size=(2000, 6)) * 1.3)
    return x, np.log1p(x[:, 0]) * 3 + np.sqrt(x[:, 1]) + draw.normal(0, 0.3, 2000)


def lognormal_targets():
    draw = np.random.default_rng(12)
    x = draw.normal(size=(2000, 5))
    return x, np.exp(x[:, 0] + 0.5 * x[:, 1] + 0.3 * draw.normal(size=2000))


def outliers():
    draw = np.random.default_rng(13)
    x = draw.normal(size=(1500, 5))
    return x, 2 * x[:, 0] + np.abs(x[:, 1]) * 3 + draw.standard_t(2, 1500)


def many_idle_columns():
    draw = np.random.default_rng(15)
    x = draw.normal(size=(800, 60))
    return x, x[:, 0] * 2 + np.sin(3 * x[:, 1]) + x[:, 2] ** 2 + draw.normal(0, 0.3, 800)


def ordered_classes():
    draw = np.random.default_rng(5)
    x = draw.normal(size=(3000, 6))
    score = x[:, 0] + 0.7 * x[:, 1] ** 2 + np.sin(2 * x[:, 2]) + 0.15 * draw.normal(size=3000)
    return x, np.digitize(score, np.quantile(score, np.linspace(0, 1, 17)[1:-1]))


def board():
    x = np.random.default_rng(6).uniform(0, 4, (2000, 2))
    return x, (x[:, 0].astype(int) + x[:, 1].astype(int)) % 2


def spirals():
    draw = np.random.default_rng(8)
    radius, arm = np.sqrt(draw.random(1500)) * 3 * np.pi, np.arange(1500) % 3
    angle = radius + arm * 2 * np.pi / 3
    x = np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1)
    return x + draw.normal(0, 0.2, (1500, 2)), arm


def yes_or_no():
    draw = np.random.default_rng(9)
    x = (draw.random((2500, 30)) < 0.3).astype(np.uint8)
    return x, (x @ draw.normal(size=30) + 0.5 * x[:, 0] * x[:, 1] > 0).astype(int)


def classes_of_long_tails():
    x = np.exp(np.random.default_rng(10).normal(size=(2000, 6)) * 1.5)
    return x, (np.log(x[:, 0]) + np.log(x[:, 1]) * np.log(x[:, 2]) > 0).astype(int)


def loaded(load):
    return lambda: load(return_X_y=True)


CLASSES = {
    "iris": loaded(datasets.load_iris),
    "wine": loaded(datasets.load_wine),
    "breast cancer": loaded(datasets.load_breast_cancer),
    "digits": loaded(datasets.load_digits),
    "moons": lambda: datasets.make_moons(500, noise=0.2, random_state=0),
    "circles": lambda: datasets.make_circles(500, noise=0.1, factor=0.5, random_state=0),
    "four classes, 20 columns": lambda: datasets.make_classification(
        1500, 20, n_informative=8, n_classes=4, random_state=0),
    "columns from 1e-3 to 1e5": scaled_columns,
    "nine to one": lambda: datasets.make_classification(2000, 10, weights=[0.9], random_state=2),
    "shells": lambda: datasets.make_gaussian_quantiles(
        n_samples=1000, n_features=5, n_classes=3, random_state=0),
    "20,000 rows, 5 classes": lambda: datasets.make_classification(
        20000, 30, n_informative=15, n_classes=5, random_state=3),
    "16 classes in order": ordered_classes,
    "board of squares": board,
    "three spirals": spirals,
    "30 columns of 0 and 1": yes_or_no,
    "columns with long tails, classes": classes_of_long_tails,
    "a fifth of the labels wrong": lambda: datasets.make_classification(
        1500, 12, n_informative=6, flip_y=0.2, random_state=4),
    "26 classes": lambda: datasets.make_classification(
        5200, 20, n_informative=12, n_classes=26, n_clusters_per_class=1, random_state=5),
    "ten blobs": lambda: datasets.make_blobs(1000, 8, centers=10, cluster_std=3, random_state=1),
    "160 rows, 60 columns": lambda: datasets.make_classification(160, 60, n_informative=8, random_state=25),
}
NUMBERS = {
    "diabetes": loaded(datasets.load_diabetes),
    "friedman1": lambda: datasets.make_friedman1(500, random_state=0),
    "friedman2": lambda: datasets.make_friedman2(600, random_state=0),
    "friedman3": lambda: datasets.make_friedman3(600, random_state=0),
    "linear, 10 columns": lambda: datasets.make_regression(500, 10, n_informative=5, noise=10, random_state=0),
    "linear, 50 columns": lambda: datasets.make_regression(300, 50, n_informative=25, noise=20, random_state=0),
    "waves, in thousands": waves,
    "60 rows": lambda: datasets.make_regression(60, 4, noise=5, random_state=3),
    "products, 20,000 rows": products,
    "columns with long tails": long_tails,
    "targets with a long tail": lognormal_targets,
    "outliers": outliers,
    "steps": steps,
    "57 of 60 columns idle": many_idle_columns,
    "sparse": lambda: datasets.make_sparse_uncorrelated(500, 10, random_state=0),
    "three outputs": lambda: datasets.make_regression(
        800, 12, n_informative=6, n_targets=3, noise=10, random_state=2),
}


def dtrain_score(program, folder, parts, seed, are_numbers):
    x, x_test, y, y_test = parts
    data, run = os.path.join(folder, "data.npz"), os.path.join(folder, "run")
    np.savez(data, x=x, y=y, x_test=x_test, y_test=y_test)
    command = [program, "mlp", "--data", data, "--seed", str(seed), "--out", run, "--overwrite", "--quiet"]
    subprocess.run(command, check=True)
    with open(os.path.join(run, "summary.json")) as file:
        return json.load(file)["test_r2" if are_numbers else "test_accuracy"]


def peer_score(parts, seed, are_numbers):
    x, x_test, y, y_test = parts
    model = MLPClassifier(max_iter=500, random_state=seed)
    if are_numbers:
        model = TransformedTargetRegressor(
            MLPRegressor(max_iter=500, random_state=seed), transformer=StandardScaler())
    return make_pipeline(StandardScaler(), model).fit(x, y).score(x_test, y_test)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("--sets")
    parser.add_argument("--write")
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    chosen = arguments.sets.split(",") if arguments.sets else None
    lines = ["| data | rows, columns | score | dtrain | scikit-learn |", "|---|---|---|---|---|"]
    failed = []
    for are_numbers, sets in [(False, CLASSES), (True, NUMBERS)]:
        for name, make in sets.items():
            if chosen and name not in chosen:
                continue
            own, peer = [], []
            x, y = make()
            for seed in SEEDS:
                parts = train_test_split(x, y, test_size=0.25, random_state=seed)
                with tempfile.TemporaryDirectory() as folder:
                    own.append(dtrain_score(arguments.program, folder, parts, seed, are_numbers))
                peer.append(peer_score(parts, seed, are_numbers))
            own, peer = np.mean(own), np.mean(peer)
            if own < peer - (0.03 if are_numbers else 0.02):
                failed.append(name)
            score = "R²" if are_numbers else "accuracy"
            lines.append(f"| {name} | {x.shape[0]:,}, {x.shape[1]} | {score} | {own:.3f} | {peer:.3f} |")
            print(lines[-1] + ("  BELOW" if name in failed else ""), flush=True)
    if arguments.write:
        with open(arguments.write) as file:
            text = file.read()
        begin, end = "<!-- first_try -->\n", "<!-- end of first_try -->"
        head, rest = text.split(begin)
        tail = rest.split(end)[1]
        with open(arguments.write, "w") as file:
            file.write(head + begin + "\n".join(lines) + "\n" + end + tail)
    if failed:
        sys.exit(f"below scikit-learn: {', '.join(failed)}")


if __name__ == "__main__":
    main()
