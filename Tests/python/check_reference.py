"""Checks the accuracies in a summary.json against the reference result on MNIST.

Usage: check_reference.py SUMMARY
"""

import json
import sys

summary = json.load(open(sys.argv[1]))
accuracy, errors = summary["test_accuracy"], summary["train_errors"]
print(f"test accuracy {accuracy:.4f} (at least 0.9716), {errors} training errors (at most 12)")
assert round(accuracy, 4) >= 0.9716, "the test accuracy is below the reference"
assert errors <= 12, "more training errors than allowed"
