"""The files that the pages' commands read, made for them."""

import gzip

import h5py
import numpy as np
from safetensors.numpy import save_file


def blobs(generator, rows, columns, classes):
    """Rows around one point for each class, and their classes."""
    labels = generator.integers(0, classes, rows)
    centers = generator.normal(0, 3, (classes, columns))
    return centers[labels] + generator.normal(0, 1, (rows, columns)), labels


def write_houses(folder, generator):
    """A table with a number to predict, a column of texts, missing values and row names; and new rows of it."""
    places = ["coast", "hills", "town"]
    for name, rows in (("houses.csv", 400), ("new.csv", 20)):
        with open(folder / name, "w", encoding="utf-8") as file:
            print("id,area,rooms,place,price", file=file)
            for row in range(rows):
                area, rooms = generator.uniform(30, 200), generator.integers(1, 7)
                place = generator.integers(0, 3)
                price = 1000 * (area + 10 * rooms + 30 * place) + generator.normal(0, 5000)
                shown = "" if row % 50 == 7 else f"{area:.1f}"
                print(f"h{row},{shown},{rooms},{places[place]},{price:.0f}", file=file)


def write_libsvm(path, rows, labels):
    with open(path, "w", encoding="utf-8") as file:
        for row, label in zip(rows, labels):
            print(label, *(f"{index}:{value:.4f}" for index, value in enumerate(row, 1)), file=file)


def write_tables(folder, generator):
    write_houses(folder, generator)
    rows, labels = blobs(generator, 300, 4, 3)
    with gzip.open(folder / "table.csv.gz", "wt", encoding="utf-8") as file:
        print("a,b,c,d,species", file=file)
        for row, label in zip(rows, labels):
            print(*(f"{value:.3f}" for value in row), f"kind{label}", sep=",", file=file)
    for part in range(3):
        with open(folder / f"part-{part}.tsv", "w", encoding="utf-8") as file:
            print("name", "u", "v", sep="\t", file=file)
            for row in range(60):
                print(f"row{part}-{row}", *(f"{x:.3f}" for x in generator.normal(part, 1, 2)), sep="\t", file=file)
    rows, labels = blobs(generator, 450, 6, 3)
    write_libsvm(folder / "train.svm", rows[:300], labels[:300])
    write_libsvm(folder / "test.svm", rows[300:], labels[300:])
    for part in range(3):
        write_libsvm(folder / f"part-{part}.svm", rows[part::3], labels[part::3])


def write_embeddings(folder):
    rows, _ = blobs(np.random.default_rng(1), 5000, 64, 20)
    np.save(folder / "embeddings.npy", rows.astype(np.float32))


def write_arrays(folder, generator):
    rows, labels = blobs(generator, 600, 5, 3)
    np.save(folder / "x.npy", rows)
    with h5py.File(folder / "rows.h5", "w") as file:
        file["group/x"], file["group/y"] = rows, labels
    # The Linear layers of a PyTorch model, as safetensors.torch.save_file writes them.
    layers = {}
    for number, (inputs, outputs) in {0: (784, 128), 2: (128, 10)}.items():
        weight = generator.normal(0, inputs**-0.5, (outputs, inputs))
        layers[f"{number}.weight"] = weight.astype(np.float32)
        layers[f"{number}.bias"] = np.zeros(outputs, np.float32)
    save_file(layers, folder / "linear.safetensors")


def prepare(folder, root):
    """Fills an empty folder: what stands in the repository is linked, the rest is made."""
    for name in ("Datasets", "hostfiles", "docs"):
        (folder / name).symlink_to(root / name)
    (folder / "mnist").symlink_to("Datasets/mnist")
    generator = np.random.default_rng(0)
    write_tables(folder, generator)
    write_arrays(folder, generator)
    write_embeddings(folder)
    (folder / "options.json").write_text('{"clusters": 3, "restarts": 2}\n')
