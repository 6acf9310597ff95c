"""Whatever is in a file, what reads it returns or raises the project's own errors, with the file's name in them.

`nox -s faults` sets VISGEN_EXAMPLES to more examples than there is time for in the ordinary tests.
"""

import contextlib
import io
import json
import os
import warnings

import numpy as np
import pytest
import sgt_dna
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save
from torch import nn, zeros
from visgen_train.config import load_config
from visgen_train.data import synonyms
from visgen_train.data.feature_files import read_features
from visgen_train.data.image_table import read_image_table
from visgen_train.data.manifest import Item
from visgen_train.data.metadata import with_metadata
from visgen_train.data.sequences import read_sequences
from visgen_train.data.split_files import with_split
from visgen_train.data.trees import read_tree
from visgen_train.errors import VisgenError
from visgen_train.experiment.ablation.cells import read_cell
from visgen_train.experiment.ablation.continuing import continued
from visgen_train.models.weights import load_weights
from visgen_train.training.checkpoint import load_description, load_network
from visgen_train.training.resume import Checkpoints

EXAMPLES = int(os.environ.get("VISGEN_EXAMPLES", "25"))
NASTY = [
    *(b"", b"\0", b"\n", b"\r", b",", b";", b"\t", b'"', b"'", b"(", b")", b"[", b"{", b"}", b":"),
    *(b"&a", b"*a", b"<<: ", b">", b"\xff\xfe", b"\xef\xbb\xbf", b"\xc3", b"\xe2\x80\xae", b"../", b"/"),
    *(b"-1", b"nan", b"1e999", b"9" * 40, b"2001-13-45", b"0x", b"!!python/object/apply:os.system ['false']"),
    *(b"e\xcc\x81", b"null", b"~", b"=", b"\\", b"%s", b"(" * 3000, b"[" * 100_000),
]  # fmt: skip


def npz():
    handle = io.BytesIO()
    np.savez(handle, vectors=np.eye(3, dtype=np.float32), labels=np.array(["Aus a", "Bus b", "Bus b"]))
    return handle.getvalue()


def pth():
    handle = io.BytesIO()
    torch.save({"weight": zeros(2, 2), "bias": zeros(2)}, handle)
    return handle.getvalue()


def newick(path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return read_tree(path)


def from_checkpoint(path):
    run = path.parent.parent
    return Checkpoints(run, {}, 0, resume=True).newest("images")


def anew(read):
    """Read a config; the values of a good one are checked, too."""
    return lambda path: read(file=path)


ITEMS = [Item("a/1.png", "Aus albus"), Item("b/1.png", "Bus ruber")]
SEQUENCES = b">A1 Aus albus isolate 1\nACGTACGT\n>B1 Bus ruber\nACGTTTTT\n"
TENSORS = save({"weight": zeros(2, 2), "bias": zeros(2)}, {"visgen": "{}", "sha256": "0"})
PLAN = {"version": 1, "items_sha256": "a", "sequences_sha256": "b", "features_sha256": None}
PLAN |= {"primary_recipe": None, "seeds_told": [], "recipes": {"naive": {"train": {"lr": 1}}}}
TABLES = {
    "images.csv": (
        read_image_table,
        "file,species,group,split\na.png,Aus albus,x,train\nb.png,Bus ruber,y,test\n",
    ),
    "metadata.csv": (
        lambda path: with_metadata(ITEMS, path.parent, path, "specimen"),
        "file,specimen,split\na/1.png,s1,train\nb/1.png,s2,test\n",
    ),
    "split.csv": (
        lambda path: with_split(ITEMS, ["a/1.png", "b/1.png"], path),
        "file,split\na/1.png,train\nb/1.png,test\n",
    ),
    "synonyms.csv": (synonyms.load, "synonym,accepted\nAus albus,Bus albus\nCus d,Dus d\n"),
    "sequences.csv": (read_sequences, "id,species,sequence\nA1,Aus albus,ACGTACGT\nB1,Bus ruber,ACGTTT\n"),
}
PARSERS = {
    **{name: (parse, text.encode()) for name, (parse, text) in TABLES.items()},
    "config.yaml": (anew(load_config), b"train:\n  lr: 0.1\n  batch: 8\nseed: 3\nmodel: {hidden: 5}\n"),
    "sequences.fasta": (read_sequences, SEQUENCES),
    "features.npz": (read_features, npz()),
    "tree.nwk": (newick, b"((Aus_albus:0.1,Bus_ruber:0.2)0.9:1,'Cus d':3)root;"),
    "weights.safetensors": (lambda path: load_weights(nn.Linear(2, 2), "linear", path, ()), TENSORS),
    "weights.pth": (lambda path: load_weights(nn.Linear(2, 2), "linear", path, ()), pth()),
    "network.safetensors": (
        lambda path: (load_description(path), load_network(path, nn.Linear(2, 2))),
        TENSORS,
    ),
    "cell.npz": (read_cell, npz()),
    "plan.json": (lambda path: continued(path, PLAN), json.dumps(PLAN).encode()),
    "checkpoints/images.resume-0.safetensors": (from_checkpoint, TENSORS),
}


@st.composite
def spoilt(draw, good):
    """A good file with a few edits, or anything at all."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=200))
    content = good
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(content)))
        end = start + draw(st.sampled_from([0, 0, 1, 2, 8, len(content)]))
        content = content[:start] + draw(st.sampled_from(NASTY) | st.binary(max_size=6)) + content[end:]
    return content


@pytest.mark.parametrize("name", PARSERS)
def test_it_is_read_or_refused(tmp_path, name):
    parse, good = PARSERS[name]
    path, told = tmp_path / name, []
    path.parent.mkdir(exist_ok=True)

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(spoilt(good))
    def read_or_refused(content):
        path.write_bytes(content)
        try:
            parse(path)
        except (VisgenError, sgt_dna.SgtError) as error:
            told.append(str(error))

    read_or_refused()
    assert all(path.name in message or name == "config.yaml" for message in told)  # there settings are named


@pytest.mark.parametrize("name", [name for name in PARSERS if name not in ("cell.npz", "images.csv")])
def test_the_files_to_be_spoilt_are_good(tmp_path, name):
    parse, good = PARSERS[name]
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(
        good if "network" not in name else save({"weight": zeros(2, 2), "bias": zeros(2)}, {"visgen": "{}"})
    )
    parse(path)


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x, x, x, x, x, x, x, x, x]\n"
        + "".join(
            f"{b}: &{b} [{', '.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefghi", "bcdefghij", strict=True)
        )
        + "train: {lr: *j}\n",
        "train: &t\n  lr: *t\n",
        "train: {<<: &a {lr: 1}, batch: 8, <<: *a}\n",
        "[" * 5000,
        "seed: 2001-13-45\n",
        "seed: 0x\n",
        "seed: !!python/object/apply:os.system ['false']\n",
    ],
    ids=["bomb of aliases", "recursive", "merged", "deep", "no date", "no number", "object"],
)
def test_yaml_that_does_harm_is_refused(tmp_path, text):
    (tmp_path / "bad.yaml").write_text(text)
    with pytest.raises(VisgenError) as refused:
        load_config(file=tmp_path / "bad.yaml")
    assert len(str(refused.value)) < 2000


@settings(max_examples=EXAMPLES * 4, deadline=None)
@given(
    st.text(max_size=30)
    | st.sampled_from(["*a", "&a [1", "{", "9" * 5000, "2001-13-45", "0x", "[[[", "!x y"])
)
def test_any_value_of_a_setting_is_taken_or_refused(text):
    for name in ("train.lr", "train.batch", "model.freeze", "train.schedule", "train", "device", "x.y"):
        with contextlib.suppress(VisgenError):
            load_config(settings=[f"{name}={text}"])
