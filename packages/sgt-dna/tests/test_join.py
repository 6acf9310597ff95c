"""Shards put together: in their order, all of them, and only what belongs together."""

import json
from dataclasses import replace

import pytest
import sgt_dna
from sgt_dna import Embedding, FormatError, ParameterError
from sgt_dna.shards import Shard, embed_shard, join

SIX = "".join(f">r{i}\nACGTTGCA{'GATTACA' * i}\n" for i in range(6))


@pytest.fixture
def shards(fasta, tmp_path):
    """Files of the three shards of an input, the last first."""
    names = [tmp_path / f"{i}.npz" for i in (3, 2, 1)]
    for name in names:
        embed_shard(fasta(SIX), Shard(int(name.stem), 3)).save(name)
    return names


def test_joining_on_the_command_line(same, run, capsys, fasta, tmp_path):
    path = fasta(SIX)
    for i in (1, 2, 3):
        capsys.readouterr()
        assert run("embed", path, "-o", tmp_path / f"{i}.csv", "--shard", f"{i}-of-3", "--kappa", 5) == 0
    last = capsys.readouterr().err.splitlines()[-1]
    assert last == f"next, with all of them: sgt-dna join {tmp_path}/3.csv SHARDS... -o vectors.npz"
    assert run("info", tmp_path / "3.csv") == 0
    assert f"sgt-dna join {tmp_path}/3.csv SHARDS..." in capsys.readouterr().err
    out = tmp_path / "all.npz"
    assert run("join", *(tmp_path / f"{i}.csv" for i in (2, 3, 1)), "-o", out, "--json") == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["sequences"], figures["features"], figures["params"]["kappa"]) == (6, 256, 5)
    assert same(Embedding.load(out), sgt_dna.embed(path, kappa=5))
    assert run("embed", path, "-o", tmp_path / "1.npz", "--shard", "1/3", "--json") == 0
    assert json.loads(capsys.readouterr().out)["shard"] == "1/3"


def test_shards_of_half_the_size(run, same, fasta, tmp_path):
    path, parts = fasta(SIX), [tmp_path / f"{i}.sgt" for i in (1, 2)]
    for part in parts:
        assert run("embed", path, "-o", part, "--shard", f"{part.stem}/2", "--dtype", "float32") == 0
    assert run("join", *parts, "-o", tmp_path / "all.sgt") == 0
    whole = sgt_dna.embed(path)
    rounded = replace(whole, vectors=whole.vectors.astype("float32"))
    assert rounded.vectors.dtype == "float32"
    assert same(Embedding.load(tmp_path / "all.sgt"), rounded)


def test_whole_inputs_are_joined_in_the_order_given(same, tmp_path):
    for name, sequence in {"a": "ACGTTGCA", "b": "TTGACCAN"}.items():
        sgt_dna.embed({name: sequence}).save(tmp_path / f"{name}.npz")
    found = join([tmp_path / "b.npz", tmp_path / "a.npz"])
    assert same(found, sgt_dna.embed({"b": "TTGACCAN", "a": "ACGTTGCA"}))


def test_a_missing_shard_is_named(run, error_line, shards, tmp_path):
    assert run("join", *shards[:1], "-o", tmp_path / "all.npz") == 2
    assert error_line() == "of 3 shards 2 are missing, the first: 1/3, 2/3; embed them with --shard"


def test_a_forged_number_of_shards_takes_no_memory(shards, tmp_path):
    forged = replace(Embedding.load(shards[0]), kind=f"sequences (shard 2 of {10**17})")
    forged.save(tmp_path / "forged.npz")
    with pytest.raises(
        ParameterError, match=f"of {10**17} shards {10**17 - 1} are missing, the first: 1/10+, 3/"
    ):
        join([tmp_path / "forged.npz"])


def test_what_does_not_belong_together(shards, fasta, tmp_path):
    def saved(name, embedding):
        embedding.save(tmp_path / name)
        return tmp_path / name

    path = fasta(SIX)
    for others, message in [
        ([], "nothing to join"),
        ([*shards, shards[0]], "3.npz' is given more than once"),
        (
            [*shards, saved("again.npz", Embedding.load(shards[0]))],
            "'.*3.npz' and '.*again.npz' are both shard 3/3",
        ),
        (
            [*shards[1:], saved("x1.npz", embed_shard(path, Shard(3, 4)))],
            "'.*2.npz' is shard 2/3, others are of 4",
        ),
        (
            [*shards[1:], saved("x2.npz", embed_shard(path, Shard(3, 3), kappa=5))],
            "made with kappa=1.0, '.*x2.npz' with kappa=5.0",
        ),
        (
            [*shards[1:], saved("x3.npz", sgt_dna.embed(path))],
            "x3.npz' is of a whole input and others are of shards; join shards of one input, or whole inputs",
        ),
        (
            [
                tmp_path / "x3.npz",
                saved("x4.npz", sgt_dna.anchors(sgt_dna.embed(["ACGT", "ACCA"]), ["s", "s"])),
            ],
            r"x4.npz' holds anchors \(median, none\)",
        ),
    ]:
        with pytest.raises(ParameterError, match=message):
            join(others)


def test_an_id_in_two_shards_is_refused(run, error_line, fasta, tmp_path):
    path = fasta(SIX + ">r0\nACGT\n")
    for i in (1, 2):
        assert run("embed", path, "-o", tmp_path / f"{i}.npz", "--shard", f"{i}/2", "--json") == 0
    with pytest.raises(
        FormatError, match="2.npz: the id 'r0' stands in '.*1.npz' as well; ids must be unique"
    ):
        join([tmp_path / "2.npz", tmp_path / "1.npz"])
