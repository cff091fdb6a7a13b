"""Makes HDF5 files for tests: make_hdf5.py DIRECTORY

DIRECTORY/sound: NAME.h5, whose dataset x is the array in NAME.npy.
DIRECTORY/bad: files that must be refused; bad.json lists how each is named and words of its message.
"""

import gzip
import json
import os
import shutil
import sys

import h5py
import numpy as np

root = sys.argv[1]
sound, bad = os.path.join(root, "sound"), os.path.join(root, "bad")
os.makedirs(sound)
os.makedirs(bad)
random = np.random.default_rng(3)
# The newest forms that all libraries read that dtrain takes.
newest = ("v110", "v110")


def numbers(shape, dtype="<f4"):
    dtype = np.dtype(dtype)
    if dtype.kind == "f":
        return (random.normal(size=shape) * 100).astype(dtype)
    if dtype.kind == "b":
        return random.integers(0, 2, shape).astype(bool)
    limits = np.iinfo(dtype)
    return random.integers(limits.min, limits.max, shape, dtype=dtype.newbyteorder("="), endpoint=True).astype(dtype)


def keep(name, data, file_options={}, **options):
    """A sound file, and what it holds."""
    np.save(os.path.join(sound, name + ".npy"), data.astype(data.dtype.newbyteorder("<")))
    with h5py.File(os.path.join(sound, name + ".h5"), "w", **file_options) as file:
        file.create_dataset("x", data=data, **options)


def compact(name, data):
    keep(name, data)
    path = os.path.join(sound, name + ".h5")
    with h5py.File(path, "w") as file:
        properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        properties.set_layout(h5py.h5d.COMPACT)
        space = h5py.h5s.create_simple(data.shape)
        data_set = h5py.h5d.create(file.id, b"x", h5py.h5t.py_create(data.dtype), space, properties)
        data_set.write(h5py.h5s.ALL, h5py.h5s.ALL, data)


keep("contiguous", numbers((53, 10)))
compact("compact", numbers((31, 4)))
keep("chunked", numbers((53, 10)), chunks=(7, 3))
keep("gzip", numbers((53, 10)), chunks=(8, 10), compression="gzip", compression_opts=9)
keep("shuffle", numbers((53, 10), "<f8"), chunks=(7, 4), compression="gzip", shuffle=True)
keep("fletcher", numbers((53, 10), "<i4"), chunks=(5, 10), fletcher32=True)
keep("all", numbers((53, 10), "<i2"), chunks=(6, 7), compression="gzip", shuffle=True, fletcher32=True)
keep("vector", numbers((101,), "<i8"), chunks=(9,), compression="gzip")
keep("vector-contiguous", numbers((101,), "<u2"))
keep("images", numbers((29, 5, 7), "<u1"), chunks=(4, 2, 3), compression="gzip")
keep("volumes", numbers((17, 3, 4, 5), ">f4"), chunks=(5, 2, 3, 2), shuffle=True)
keep("wide-chunk", numbers((23, 6)), chunks=(64, 64), maxshape=(None, None), compression="gzip")
keep("one-row-chunks", numbers((40, 3)), chunks=(1, 3), compression="gzip")
keep("column-chunks", numbers((40, 6)), chunks=(40, 1), compression="gzip")
keep("latest", numbers((30, 4)), {"libver": newest}, chunks=(4, 4), compression="gzip")
keep("user-block", numbers((30, 4)), {"userblock_size": 512})
keep("large-chunk", random.integers(0, 3, (1300, 900)).astype("<f4"), chunks=(1300, 900), compression="gzip")
keep("scaled", random.integers(-9, 900, (40, 5)).astype("<i4"), chunks=(8, 5), scaleoffset=0)
for kind in "<i1 <u1 <i2 <u2 <i4 <u4 <i8 <u8 <f2 <f4 <f8 >i2 >u2 >i4 >u4 >i8 >u8 >f2 >f4 >f8 ?".split():
    name = kind.replace("<", "little-").replace(">", "big-").replace("?", "bool")
    keep(name, numbers((19, 3), kind), chunks=(4, 2), compression="gzip", shuffle=True)
filled = np.full((40, 4), 7, "<f4")
filled[16:24] = 1
keep("fill", filled)
with h5py.File(os.path.join(sound, "fill.h5"), "w") as file:
    file.create_dataset("x", (40, 4), "<f4", chunks=(8, 4), fillvalue=7)[16:24] = 1

cases = []


def refuse(name, *words, member=None, write=None):
    """A file that must be refused, written by `write` unless it stands already."""
    path = name + ".h5"
    if write:
        with h5py.File(os.path.join(bad, path), "w") as file:
            write(file)
    cases.append({"path": path + (":" + member if member else ""), "words": [path, *words]})


def create(type_id, shape=(4, 2)):
    return lambda file: h5py.h5d.create(file.id, b"x", type_id, h5py.h5s.create_simple(shape))


def put(**arrays):
    def write(file):
        for name, data in arrays.items():
            file[name] = data
    return write


ones = np.ones((6, 2), "<f4")
refuse("text", "text of any length", member="/x", write=put(x=["a", "b"]))
refuse("short-text", "text of 3 bytes", member="/x", write=put(x=np.array([b"abc", b"de"])))
refuse("records", "records (a, b)", member="/x", write=put(x=np.zeros(3, [("a", "f4"), ("b", "i4")])))
refuse("complex", "records (r, i)", member="/x", write=put(x=np.zeros(3, "c8")))
refuse("enumeration", "enumeration of 3 names", member="/x",
       write=lambda file: file.create_dataset("x", (3,), h5py.enum_dtype({"a": 0, "b": 1, "c": 2}, "i1")))
refuse("truth-of-words", "enumeration of 2 names", member="/x",
       write=lambda file: file.create_dataset("x", (3,), h5py.enum_dtype({"NO": 0, "YES": 1}, "i1")))
refuse("references", "references", member="/x", write=lambda file: file.create_dataset("x", (3,), h5py.ref_dtype))
refuse("opaque", "opaque bytes", member="/x", write=put(x=np.zeros(3, "V5")))
refuse("inner", "an array in each element", member="/x",
       write=create(h5py.h5t.array_create(h5py.h5t.NATIVE_FLOAT, (2,))))
refuse("lists", "lists of any length", member="/x",
       write=lambda file: file.create_dataset("x", (3,), h5py.vlen_dtype("i4")))
refuse("bits", "bit fields", member="/x", write=create(h5py.h5t.STD_B8LE))
refuse("long-double", "another format", member="/x", write=create(h5py.h5t.NATIVE_LDOUBLE))
twelve = h5py.h5t.STD_I16LE.copy()
twelve.set_precision(12)
refuse("twelve-bits", "12 bits", member="/x", write=create(twelve))
brain = h5py.h5t.IEEE_F32LE.copy()
brain.set_fields(15, 7, 8, 0, 7)
brain.set_size(2)
brain.set_ebias(127)
refuse("brain-float", "another format", member="/x", write=create(brain))
refuse("scalar", "single number", member="/x", write=put(x=3.5))
refuse("null", "no elements", member="/x", write=lambda file: file.create_dataset("x", data=h5py.Empty("f4")))
refuse("no-columns", "no columns", member="/x", write=put(x=np.zeros((4, 0), "f4")))
refuse("no-rows", "empty", member="/x", write=put(x=np.zeros((0, 4), "f4")))
refuse("nothing", "it has: none", write=lambda file: None)
refuse("unnamed", "it has: a, b", "FILE:a", write=put(a=ones, b=ones))
refuse("no-such", "no dataset '/z'", "a, g/b", member="/z", write=lambda file: put(a=ones, **{"g/b": ones})(file))
refuse("group", "is a group", "/g/b", member="/g", write=lambda file: put(a=ones, **{"g/b": ones})(file))
refuse("both", "both 'x' and 'x_train'", write=put(x=ones, x_train=ones))
refuse("case", "but for their case", write=put(x=ones, X=ones))
refuse("dangling", "no dataset '/x'", member="/x",
       write=lambda file: file.__setitem__("x", h5py.SoftLink("/nowhere")))


def loop(file):
    file.create_group("g")["g"] = file["/"]


refuse("loop", "it has: none", write=loop)
os.makedirs(os.path.join(bad, "inner"))
with h5py.File(os.path.join(bad, "inner/far.h5"), "w") as file:
    file["x"] = ones
refuse("link", "link to the file", "far.h5", member="/x",
       write=lambda file: file.__setitem__("x", h5py.ExternalLink("inner/far.h5", "/x")))


def virtual(file):
    layout = h5py.VirtualLayout((6, 2), "f4")
    layout[:] = h5py.VirtualSource("inner/far.h5", "x", (6, 2))
    file.create_virtual_dataset("x", layout)


refuse("virtual", "lie in other files", member="/x", write=virtual)
refuse("external", "lie in other files", member="/x",
       write=lambda file: file.create_dataset("x", (4, 2), "f4", external=[("numbers.bin", 0, 64)]))
refuse("lzf", "filter lzf", "HDF5_PLUGIN_PATH", member="/x",
       write=lambda file: file.create_dataset("x", data=ones, chunks=(2, 2), compression="lzf"))
spoilt = ones.copy()
spoilt[4, 1] = np.nan
refuse("missing-values", "row 4, column 1", "NaN", member="/x", write=put(x=spoilt))
refuse("unwritten", "can hold", member="/x",
       write=lambda file: file.create_dataset("x", (1 << 36, 8), "f8", chunks=(1 << 16, 8)))


def damage(name, *words, change, base=None, member="/x", **options):
    """A file whose bytes were changed after it was written."""
    data = numbers((400, 8), "<i4") if base is None else base
    path = os.path.join(bad, name + ".h5")
    with h5py.File(path, "w", libver=options.pop("libver", None)) as file:
        file.create_dataset("x", data=data, **options)
        if "chunks" in options:
            middle = file["x"].id.get_chunk_info(file["x"].id.get_num_chunks() // 2)
        else:
            middle = None
    with open(path, "rb") as file:
        content = bytearray(file.read())
    changed = change(content, middle)
    with open(path, "wb") as file:
        file.write(content if changed is None else changed)
    refuse(name, *words, member=member)


def flip(place):
    def change(content, middle):
        content[place(content, middle)] ^= 0xFF
    return change


chunked = {"chunks": (16, 8)}
in_chunk = flip(lambda content, middle: middle.byte_offset + middle.size // 2)
damage("checksum", "rows", "hecksum", change=in_chunk, fletcher32=True, **chunked)
damage("checksum-gzip", "rows", change=in_chunk, fletcher32=True, compression="gzip", **chunked)
damage("deflate", "rows", compression="gzip", **chunked,
       change=lambda content, middle: content.__setitem__(slice(middle.byte_offset, middle.byte_offset + 4), b"\xff" * 4))
for name, share in [("half", 0.5), ("most", 0.99), ("start", 0.02)]:
    damage("cut-" + name, "truncated" if share > 0.1 else "cannot be opened", **chunked,
           change=lambda content, middle: content[:int(len(content) * share)])
damage("cut-contiguous", "truncated", change=lambda content, middle: content[:-100])
damage("signature-alone", "cannot be opened", change=lambda content, middle: content[:8])
damage("superblock", "cannot be opened", change=flip(lambda content, middle: 8))
damage("superblock-checksum", "cannot be opened", "hecksum", libver=newest, change=flip(lambda content, middle: 45))
damage("root-checksum", "cannot be", libver=newest, change=flip(lambda content, middle: content.index(b"OHDR") + 20))
damage("text-file", "cannot be opened", "signature",
       change=lambda content, middle: b"1,2,3\n4,5,6\n")
damage("being-written", "cannot be opened", "open for write", libver=newest, change=lambda content, middle: content)
with h5py.File(os.path.join(bad, "being-written.h5"), "r+", libver=newest) as file:
    file.swmr_mode = True
    file.flush()
    shutil.copy(os.path.join(bad, "being-written.h5"), os.path.join(bad, "copy"))
os.replace(os.path.join(bad, "copy"), os.path.join(bad, "being-written.h5"))
damage("empty", "is empty", member=None, change=lambda content, middle: b"")
with open(os.path.join(sound, "gzip.h5"), "rb") as file:
    with gzip.open(os.path.join(bad, "gzipped.h5"), "wb") as packed:
        packed.write(file.read())
refuse("gzipped", "gunzip it first", member="/x")
with open(os.path.join(root, "bad.json"), "w") as file:
    json.dump(cases, file)
