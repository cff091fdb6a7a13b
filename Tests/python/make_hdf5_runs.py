"""Makes the same data set as NPY and as HDF5: make_hdf5_runs.py DIRECTORY

x.npy, y.npy; whole.h5 with x and y; tree.h5 with rows/numbers and rows/labels beside text; part-0.h5 to part-11.h5;
weights.h5; and damaged files.
"""

import os
import sys

import h5py
import numpy as np

os.chdir(sys.argv[1])
random = np.random.default_rng(5)
labels = np.arange(401) % 3
rows = (random.normal(size=(401, 6)) + labels[:, None] * [1, -1, 0, 2, 0, 0]).astype("<f8")
weights = random.integers(1, 5, 401).astype("<f4")
np.save("x.npy", rows)
np.save("y.npy", labels)
np.save("w.npy", weights)
packed = {"compression": "gzip", "shuffle": True, "fletcher32": True}
with h5py.File("whole.h5", "w") as file:
    file.create_dataset("x", data=rows, chunks=(37, 4), **packed)
    file.create_dataset("y", data=labels, chunks=(50,), **packed)
    file["notes"] = "a text"
with h5py.File("tree.h5", "w") as file:
    file.create_dataset("rows/numbers", data=rows.astype(">f8"), chunks=(23, 6), compression="gzip")
    file.create_dataset("rows/labels", data=labels.astype("i1"))
    file["names"] = ["a", "b"]
with h5py.File("weights.h5", "w") as file:
    file["w"] = weights
    file["created"] = 1.5
for part in range(12):
    with h5py.File(f"part-{part}.h5", "w") as file:
        own = slice(part * 36, (part + 1) * 36)
        file.create_dataset("set/x", data=rows[own], chunks=(5, 6), compression="gzip")
        file.create_dataset("set/y", data=labels[own])

with h5py.File("damaged.h5", "w") as file:
    for name, data in (("x", rows), ("y", labels)):
        file.create_dataset(name, data=data, chunks=(20,) + data.shape[1:], fletcher32=True)
    last = file["x"].id.get_chunk_info(20)
with open("damaged.h5", "r+b") as file:
    file.seek(last.byte_offset + 8)
    file.write(b"\xff" * 8)
with open("whole.h5", "rb") as file:
    content = file.read()
with open("cut.h5", "wb") as file:
    file.write(content[: len(content) * 2 // 3])
