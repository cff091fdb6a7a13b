"""Checks a safetensors file that dtrain wrote against Python's `safetensors` package.

Usage: check_safetensors.py FILE...

Each file must load, hold only finite numbers under contiguous offsets, and come out of the
package's own writer as the same bytes (with several metadata entries, whose order is the package's
own choice: as the same header and the same data).
"""

import json
import struct
import sys

import numpy as np
from safetensors import safe_open
from safetensors.numpy import load, save


def header_and_data(content):
    (count,) = struct.unpack("<Q", content[:8])
    return json.loads(content[8 : 8 + count]), content[8 + count :]


def check(path):
    with open(path, "rb") as file:
        content = file.read()
    with safe_open(path, framework="np") as file:
        metadata = file.metadata()
        names = list(file.keys())
    tensors = load(content)
    assert tensors, f"{path}: no tensors"
    assert sorted(tensors) == sorted(names), f"{path}: {sorted(tensors)} is not {sorted(names)}"
    for name, tensor in tensors.items():
        assert np.isfinite(tensor).all(), f"{path}: {name} is not finite"

    again = save(tensors, metadata)
    header, data = header_and_data(content)
    assert (header, data) == header_and_data(again), f"{path}: the package writes other content"
    assert list(k for k in header if k != "__metadata__") == list(
        k for k in header_and_data(again)[0] if k != "__metadata__"
    ), f"{path}: the package orders the tensors otherwise"
    assert len(content) == len(again), f"{path}: the package pads otherwise"
    if metadata is None or len(metadata) < 2:
        assert content == again, f"{path}: the package writes other bytes"

    keys = list(header.get("__metadata__", {}))
    assert keys == sorted(keys, key=lambda key: key.encode()), f"{path}: metadata is not sorted"
    print(f"{path}: {len(tensors)} tensors, {len(keys)} metadata entries: as the package writes it")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for argument in sys.argv[1:]:
        check(argument)
