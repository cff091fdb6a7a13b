"""Checks what `dtrain export` writes against `dtrain predict`: ONNX by onnx's checker and onnxruntime, NPZ by its own
formula, the file for PyTorch by reading its pickle without PyTorch, or with it.

Usage: check_exports.py DTRAIN [--torch]

Outputs lie within the bound that docs/FORMATS.md derives, and labels are the same wherever the margin exceeds it. The
blocks of Python in docs/FORMATS.md are run as they stand there.
"""

import collections
import json
import pathlib
import pickle
import re
import subprocess
import sys
import tempfile
import zipfile

import numpy as np
import onnx
import onnxruntime

PROGRAM, WITH_TORCH = sys.argv[1], "--torch" in sys.argv
PAGE = (pathlib.Path(__file__).parents[2] / "docs" / "FORMATS.md").read_text()
FORMS = {"onnx": "onnx", "npz": "npz", "pytorch": "pt"}
U = 2.0**-24
random = np.random.default_rng(14)


def dtrain(*words, ranks=None):
    command = [str(word) for word in [PROGRAM, *words]]
    if ranks:
        command = ["mpirun", "--oversubscribe", "-np", str(ranks), *command]
    done = subprocess.run(command, timeout=60, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 0, f"{' '.join(command)}: exit code {done.returncode}, {done.stderr}"
    return done.stdout


def predict(run, data, kind):
    output = run.parent / f"{kind}.npy"
    dtrain("predict", "--model", run, "--data", data, "--predict", kind, "--output", output, "--quiet")
    return np.load(output)


# How far the logits of two programs can lie apart, as docs/FORMATS.md says.


def gamma(count):
    return count * U / (1 - count * U)


def apart(model, rows):
    """For each logit, at most how far two programs' can lie apart."""
    slope = {"sigmoid": 0.25}.get(str(model["activation"]), 1)
    both = 2.0**-20 if str(model["activation"]) in ("tanh", "sigmoid") else 0
    act = {
        "tanh": np.tanh,
        "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
        "relu": lambda z: np.maximum(z, 0),
        "identity": lambda z: z,
    }[str(model["activation"])]
    a = ((rows - model["scaling_offset"]).astype("f4") - model["scaling_shift"]) * model["scaling_factor"]
    a, d = a.astype("f8"), 0.0
    sizes = model["layers"]
    for index, inputs in enumerate(sizes[:-1]):
        weight, bias = model[f"weight_{index}"].T.astype("f8"), model[f"bias_{index}"].astype("f8")
        g = gamma(inputs + 1)
        size = (np.abs(a) + d) @ np.abs(weight) + np.abs(bias)
        d = np.broadcast_to(d, a.shape) @ np.abs(weight) * (1 + g) + 2 * g * size
        a = a @ weight + bias
        if index < len(sizes) - 2:
            a, d = act(a), slope * d + both
    return d


def within(found, expected, bound, name):
    assert found.shape == expected.shape, f"{name}: shape {found.shape} is not {expected.shape}"
    far = np.abs(found.astype("f8") - expected.astype("f8")) - bound
    assert (far <= 0).all(), f"{name}: {far.max()} beyond the bound"


def session(path):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


def run_onnx(path, rows):
    graph = session(path)
    given = graph.get_inputs()[0]
    assert given.name == "rows" and given.shape[1] == rows.shape[1], f"{path}: takes {given.name} {given.shape}"
    rows = rows.astype({"tensor(float)": "f4", "tensor(double)": "f8"}[given.type])
    names = [output.name for output in graph.get_outputs()]
    return given.type, dict(zip(names, graph.run(names, {"rows": rows})))


def check_runtime():
    """What the bound supposes of a runtime's functions."""
    x = np.concatenate([np.linspace(-30, 30, 400_001), np.logspace(-30, 2, 10_000)]).astype("f4")
    for operator, exact in [("Tanh", np.tanh), ("Sigmoid", lambda z: 1 / (1 + np.exp(-z)))]:
        values = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["n"]) for name in "xy"]
        graph = onnx.helper.make_graph([onnx.helper.make_node(operator, ["x"], ["y"])], "g", values[:1], values[1:])
        model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 13)], ir_version=7)
        found = onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"x": x})[0]
        assert np.abs(found - exact(x.astype("f8"))).max() < 2.0**-21, f"{operator} of onnxruntime is too far off"


def run_formula(path, rows):
    with np.load(path, allow_pickle=False) as archive:
        model = dict(archive)
    names = dict(model, np=np, rows=rows)
    with np.errstate(over="ignore"):
        exec(str(model["formula"]), names)
    return model, names


class Reader(pickle.Unpickler):
    """Reads a file of PyTorch with the few names that `weights_only` allows, as NumPy's arrays."""

    def __init__(self, archive):
        super().__init__(archive.open("archive/data.pkl"))
        self.archive = archive

    def find_class(self, module, name):
        return {
            ("collections", "OrderedDict"): collections.OrderedDict,
            ("torch", "FloatStorage"): "<f4",
            ("torch", "DoubleStorage"): "<f8",
            ("torch._utils", "_rebuild_tensor_v2"): self.tensor,
        }[module, name]

    def persistent_load(self, words):
        kind, type, key, place, count = words
        assert (kind, place) == ("storage", "cpu")
        values = np.frombuffer(self.archive.read(f"archive/data/{key}"), type)
        assert len(values) == count
        return values

    @staticmethod
    def tensor(storage, offset, shape, strides, requires_grad, hooks):
        assert offset == 0 and not requires_grad and not hooks
        values = storage.reshape(shape)
        assert [stride * values.itemsize for stride in strides] == list(values.strides) or values.size < 2
        return values


def read_pytorch(path):
    if WITH_TORCH:
        import torch

        content = torch.load(path, weights_only=True)
        return {name: value.numpy() if hasattr(value, "numpy") else value for name, value in content.items()}
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return Reader(archive).load()


def snippet(name, **names):
    """Runs the block of docs/FORMATS.md that stands behind a mark, with these variables."""
    text = re.search(rf"<!-- test: {name} -->\n```python\n(.*?)```", PAGE, re.S)
    assert text, f"docs/FORMATS.md has no block {name}"
    with np.errstate(over="ignore"):
        exec(text[1], names)
    return names


def check_network(run, data, rows):
    kind, found = run_onnx(run / "model.onnx", rows)
    model, formula = run_formula(run / "model.npz", rows)
    targets = str(model["targets"])
    assert (kind == "tensor(double)") == bool(model["scaling_offset"].any()), f"takes {kind}"
    expected = {name: predict(run, data, name) for name in ["logits", "outputs", "labels"]}
    if targets != "numbers":
        expected["probabilities"] = predict(run, data, "probabilities")
    d = apart(model, rows)
    bounds = {"logits": d}
    if targets == "numbers":
        size = np.abs(expected["outputs"] - model["target_offset"]) + 1e-30
        bounds["outputs"] = d / model["target_factor"] * (1 + 2**-20) + 4 * U * size
        bounds["outputs"] = bounds["outputs"] + 2**-52 * np.abs(expected["outputs"])
    elif str(model["output"]) == "softmax":
        most = d.max(axis=1, keepdims=True)
        classes = int(model["classes"])
        bounds["outputs"] = expected["outputs"] * np.expm1(np.minimum(2 * most, 99)) + (classes + 8) * 2 * U
        bounds["probabilities"] = 2 * bounds["outputs"] + 2 * U
    else:
        bounds["outputs"] = d / 4 + 8 * U
        part = np.expm1(np.minimum(d.max(axis=1, keepdims=True), 99)) + 8 * U
        bounds["probabilities"] = expected["probabilities"] * 2 * part / np.maximum(1 - part, 1e-9) + 4 * U
        if targets == "labels":
            bounds["probabilities"] = bounds["outputs"]
    doc = snippet("npz", np=np, path=run / "model.npz", rows=rows)
    assert set(found) == set(bounds) | ({"label"} if targets != "numbers" else set()), f"gives {sorted(found)}"
    for name, bound in bounds.items():
        within(found[name], expected[name], bound, f"ONNX {name}")
        assert found[name].dtype == expected[name].dtype, f"{name} is {found[name].dtype}"
        within(formula[name], expected[name], 2 * bound, f"NPZ {name}")
    within(doc["z"], expected["logits"], 2 * d, "NPZ of the page")
    logits = expected["logits"]
    decided = np.ones(len(rows), bool)
    if targets == "class":
        assert (found["label"] == found["logits"].argmax(axis=1)).all()
        if logits.shape[1] > 1:
            # Of the two that lie highest.
            order = np.sort(logits, axis=1)
            decided = order[:, -1] - order[:, -2] > 2 * d.max(axis=1)
    elif targets == "labels":
        decided = np.abs(logits) > d
    if targets != "numbers":
        assert found["label"].dtype == np.int64 and found["label"].shape == expected["labels"].shape
        for label in [found["label"], formula["label"]]:
            assert (label == expected["labels"])[decided].all(), "another label"
        assert decided.mean() > 0.95, f"only {decided.mean()} of the rows have a margin beyond the bound"
    else:
        assert (expected["labels"].ravel() == expected["outputs"].ravel()).all()
    torch = read_pytorch(run / "model.pt")
    for name in ["scaling_offset", "scaling_shift", "scaling_factor"]:
        assert (torch[name] == model[name]).all() and torch[name].dtype == model[name].dtype, name
    step = 1 if torch["activation"] == "identity" else 2
    assert torch["layers"] == model["layers"].tolist() and torch["activation"] == str(model["activation"])
    state = torch["state_dict"]
    assert len(state) == 2 * (len(torch["layers"]) - 1)
    for index in range(len(torch["layers"]) - 1):
        for part in ["weight", "bias"]:
            assert (np.asarray(state[f"{index * step}.{part}"]) == model[f"{part}_{index}"]).all(), part
    doc = snippet("safetensors", np=np, path=run / "model.safetensors", rows=rows)
    within(doc["z"], logits, 2 * d, "safetensors of the page")
    if WITH_TORCH:
        import torch

        doc = snippet("pytorch", torch=torch, path=run / "model.pt", rows=rows)
        within(doc["logits"].numpy(), logits, 2 * d, "PyTorch")
        if targets == "numbers":
            within(doc["numbers"].numpy(), expected["outputs"], 2 * bounds["outputs"], "numbers of PyTorch")
    return float((np.abs(found["logits"] - logits) / np.maximum(d, 1e-300)).max())


def check_centers(run, data, rows):
    kind, found = run_onnx(run / "centers.onnx", rows)
    model, formula = run_formula(run / "centers.npz", rows)
    assert (kind == "tensor(double)") == bool(model["scaling_offset"].any()), f"takes {kind}"
    labels, distances = predict(run, data, "labels"), predict(run, data, "distances")
    doc = snippet("centers", np=np, path=run / "centers.npz", rows=rows)
    exact = formula["distances"]
    # A length that is added up in another order can round each coordinate of a direction another way.
    turned = (lambda x: 2 * U * np.sqrt(2 * x) + 2.0**-46) if str(model["metric"]) == "cosine" else np.zeros_like
    costs = np.sort(exact, axis=1) ** (2 if str(model["metric"]) == "l2" else 1)
    decided = np.ones(len(rows), bool)
    if costs.shape[1] > 1:
        decided = costs[:, 1] - costs[:, 0] > 4 * (rows.shape[1] + 3) * 2.0**-53 * costs[:, 1] + 2 * turned(costs[:, 1])
    for label, far in [(found["label"], found["distances"]), (formula["label"], exact), (doc["label"], doc["distances"])]:
        assert label.dtype == np.int64 and (label == labels)[decided].all(), "another label"
        within(far, distances, 4 * U * distances + 1e-37 + turned(distances), "distances")
    assert found["distances"].dtype == np.float32 and decided.mean() > 0.95
    torch = read_pytorch(run / "centers.pt")
    for name in ["centers", "scaling_offset", "scaling_shift", "scaling_factor"]:
        assert (torch[name] == model[name]).all(), name
    assert torch["metric"] == str(model["metric"])


def check(folder, name, command, rows, options, targets=None):
    data, run = folder / "x.npy", folder / "run"
    np.save(data, rows)
    if targets is not None:
        np.save(folder / "y.npy", targets)
        options = ["--labels", folder / "y.npy", "--epochs", 3, *options]
    words = [command, "--data", data, *options, "--out", run, "--overwrite", "--quiet"]
    dtrain(*words, "--export", "onnx,npz,pytorch")
    check = check_centers if command != "mlp" else check_network
    share = check(run, data, rows)
    # A finished run is exported as the run does itself, whatever the number of ranks.
    stem = "model" if command == "mlp" else "centers"
    first = {form: (run / f"{stem}.{end}").read_bytes() for form, end in FORMS.items()}
    (folder / "again").mkdir(exist_ok=True)
    dtrain("export", run, "--to", "pytorch,onnx,npz", "--output", folder / "again")
    for form, end in FORMS.items():
        assert (folder / "again" / f"{stem}.{end}").read_bytes() == first[form], f"{form}: export writes other bytes"
    if "ranks" in name:
        dtrain(*words, "--export", "npz,onnx", ranks=3)
        assert not (run / f"{stem}.pt").exists(), "an export of the run before is still there"
        dtrain("export", run, "--to", "pytorch", ranks=3)
        for form, end in FORMS.items():
            assert (run / f"{stem}.{end}").read_bytes() == first[form], f"{form}: N=3 writes other bytes than N=1"
        summary = json.loads((run / "summary.json").read_text())
        assert summary["exported"] == [f"{stem}.npz", f"{stem}.onnx"], summary["exported"]
    print(f"{command} {name}: as predict" + (f", at most {share:.2g} of the bound apart" if share else ""))


ROWS = 500
table = random.standard_normal((ROWS, 7)) * [1, 1e4, 1e-3, 1, 1, 1, 1] + [0, 1e5, 3, 0, 0, 0, 0]
table[:, 5] = 7
classes = (table[:, 0] > 0) + (table[:, 3] > 0.5).astype(int)
several = np.stack([table[:, 0] > 0, table[:, 3] > 0, table[:, 4] > 1], axis=1).astype("f4")
numbers = 50 + 3 * table[:, 0] - table[:, 3] ** 2
seconds = table.copy()
seconds[:, 1] = 1.7e9 + np.round(table[:, 3] * 50)
images = (random.integers(0, 256, (ROWS, 64)) * (random.random((ROWS, 64)) < 0.2)).astype(np.uint8)
far = 1.7e9 + np.round(100 * numbers)
unit = ["--scale", "unit"]
deep = ["--hidden", "40,30,20"]

CASES = [
    ("sigmoid-ce, tanh, bytes, ranks", "mlp", images, unit + ["--loss", "sigmoid-ce", "--activation", "tanh"], classes),
    ("softmax-ce, relu, ranks", "mlp", table, ["--loss", "softmax-ce"], classes),
    ("softmax-ce, relu, deep, float32", "mlp", table.astype("f4"), deep, classes),
    ("softmax-ce, sigmoid", "mlp", table, deep + ["--activation", "sigmoid"], classes),
    ("softmax-ce, identity", "mlp", table, deep + ["--activation", "identity"], classes),
    ("softmax-ce, no hidden layer", "mlp", table, ["--hidden", "none"], classes),
    ("softmax-ce, offsets", "mlp", seconds, [], classes),
    ("sigmoid-ce, one class, no scaling", "mlp", table.astype("f4"), ["--scale", "none", "--loss", "sigmoid-ce"], 0 * classes),
    ("softmax-ce, one class", "mlp", table, [], 0 * classes),
    ("sigmoid-ce, several labels", "mlp", table, ["--activation", "tanh"], several),
    ("sigmoid-ce, several labels, offsets", "mlp", seconds, [], several),
    ("squared", "mlp", table, deep, numbers),
    ("squared, two outputs, offsets of one target", "mlp", table, [], np.stack([far, numbers], axis=1)),
    ("squared, unscaled targets", "mlp", table, ["--target-scale", "none"], numbers),
    ("huber, offsets of rows and targets, ranks", "mlp", seconds, ["--loss", "huber", "--activation", "tanh"], far),
    ("L2, ranks", "kmeans", table, [], None),
    ("L2, bytes", "kmeans", images, [], None),
    ("L2, standard", "kmeans", table, ["--scale", "standard"], None),
    ("L2, unit, bytes", "kmeans", images, unit, None),
    ("L2, offsets", "kmeans", seconds, [], None),
    ("L2, standard, offsets, ranks", "kmeans", seconds, ["--scale", "standard"], None),
    ("cosine, ranks", "kmeans", table, ["--metric", "cosine"], None),
    ("cosine, bytes", "kmeans", images, ["--metric", "cosine"], None),
    ("cosine, float32, one cluster", "kmeans", table.astype("f4"), ["--metric", "cosine", "--clusters", "1"], None),
    ("L1", "kmedians", table.astype("f4"), [], None),
    ("L1, standard, offsets, ranks", "kmedians", seconds, ["--scale", "standard"], None),
    ("L1, one cluster", "kmedians", table, ["--clusters", "1"], None),
]


# Names of columns that are those of outputs, or of values that graphs have had inside.
HOSTILE = [
    "class", "label", "rows", "logits", "outputs", "probabilities", "distances", "class_", "rows_", "weight_0", "bias_0",
    "layer_0", "axis_0", "encoded_1", "known_1", "sum_1", "share_1", "all_columns", "scaling_shift", "missing", "zero", "centers",
    "center", "costs", "cost", "squares", "make_logits", "dtrain/bias_0", "column_0_text", "a b", "Zoë, \"x\"",
]


def inputs_of(columns, outputs):
    """What docs/FORMATS.md says the inputs for these columns of texts are called."""
    names, taken = {name: name for name in columns}, {"rows", *outputs, *columns}
    for column in columns:
        if column in {"rows", *outputs}:
            while names[column] in taken:
                names[column] += "_"
            taken.add(names[column])
    return names


def quoted(text):
    return '"' + text.replace('"', '""') + '"' if set(text) & set(',"\n') else text


def write_table(folder, columns):
    """A table of texts, some missing, and of numbers, some missing: what of each goes into the graph."""
    cities = ["Köln, DE", 'New "York"', " Paris", "Paris ", ""]
    frame = {name: [cities[i] for i in random.integers(0, 5, 300)] for name in columns}
    a, b = (random.standard_normal(300).astype("f4").astype("f8") for _ in range(2))
    kind = [["none", "some", "all"][int(x > 0) + int(y > 0.5)] for x, y in zip(a, b)]
    a[4::9] = np.nan
    lines = [",".join(map(quoted, [*columns, "a", "b", "kind"]))]
    for row in range(300):
        texts = [quoted(frame[name][row]) for name in columns]
        lines.append(",".join([*texts, "NA" if np.isnan(a[row]) else repr(float(a[row])), repr(float(b[row])), kind[row]]))
    (folder / "t.csv").write_text("\n".join(lines) + "\n")
    feed = {name: np.array([[text] for text in frame[name]], object) for name in columns}
    numbers = np.stack([a, b], axis=1)
    hot = np.concatenate(
        [np.where(feed[name] == "", np.nan, feed[name] == np.array(sorted(cities[:4]), object)).astype("f8") for name in columns]
        + [numbers], axis=1)
    names = [f"{name}={city}" for name in columns for city in sorted(cities[:4])] + ["a", "b"]
    return feed, numbers, hot, names


def check_table(folder, columns):
    """A table with texts, missing values and names of classes: ONNX takes its columns as they are."""
    feed, numbers, hot, names = write_table(folder, columns)
    run = folder / "table"
    dtrain("mlp", "--data", folder / "t.csv", "--target", "kind", "--missing", "mean", "--epochs", 20, "--out", run,
           "--export", "onnx,npz,pytorch", "--quiet", "--overwrite")
    dtrain("predict", "--model", run, "--data", folder / "t.csv", "--output", folder / "t.out.csv", "--quiet")
    expected = np.array((folder / "t.out.csv").read_text().split()[1:])
    logits = predict(run, folder / "t.csv", "logits")
    inputs = inputs_of(columns, ["logits", "outputs", "probabilities", "class", "label"])
    given = {inputs[name]: value for name, value in feed.items()} | {"rows": numbers.astype("f4")}
    label, number, found = session(run / "model.onnx").run(["label", "class", "logits"], given)
    model, formula = run_formula(run / "model.npz", hot)
    assert model["column_names"].tolist() == names, model["column_names"]
    d = apart(model, np.where(np.isnan(hot), model["missing"], hot))
    within(found, logits, d, "logits of a table")
    within(formula["logits"], logits, 2 * d, "logits of a table by the formula")
    order = np.sort(logits, axis=1)
    decided = order[:, -1] - order[:, -2] > 2 * d.max(axis=1)
    assert decided.mean() > 0.95 and (label == expected)[decided].all(), "table: labels differ"
    assert (model["class_names"][number] == label).all(), "table: names and numbers differ"
    # The same of centers.
    dtrain("kmeans", "--data", folder / "t.csv", "--drop", "kind", "--missing", "mean", "--clusters", 3, "--out", run,
           "--export", "onnx", "--quiet", "--overwrite")
    inputs = inputs_of(columns, ["label", "distances"])
    given = {inputs[name]: value for name, value in feed.items()} | {"rows": numbers.astype("f4")}
    label, found = session(run / "centers.onnx").run(["label", "distances"], given)
    distances = predict(run, folder / "t.csv", "distances")
    within(found, distances, 4 * U * distances + 1e-37, "distances of a table")
    assert (label == predict(run, folder / "t.csv", "labels")).all(), "table: clusters differ"
    print(f"table with {len(columns)} columns of texts and missing values: as predict")


check_runtime()
with tempfile.TemporaryDirectory() as folder:
    for name, command, rows, options, targets in CASES:
        if targets is None and "--clusters" not in options:
            options = options + ["--clusters", 6]
        check(pathlib.Path(folder), name, command, rows, options, targets)
    check_table(pathlib.Path(folder), ["city"])
    check_table(pathlib.Path(folder), HOSTILE)
