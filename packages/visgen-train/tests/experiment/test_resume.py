"""Faults 23 to 29 of whole runs, in this process: what is stopped goes on, what is finished is not done again."""

import signal

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file
from typer.testing import CliRunner
from visgen_train.cli import main as entry
from visgen_train.config import load_config, to_yaml
from visgen_train.errors import DataError, TrainingError, UsageError, WeightsError
from visgen_train.experiment.inputs import Inputs
from visgen_train.experiment.run import align, run, train
from visgen_train.training.loop import Optimiser
from visgen_train.training.memory import memory_told

SETTINGS = (
    *("data.image_size=32", "model.backbone=shufflenet_v2_x0_5", "model.weights=none", "model.hidden=32"),
    *("train.epochs=1", "train.batch=6", "train.lr=0.02", "align.epochs=1", "align.views=1"),
    *("evaluate.bootstrap=100", "device=cpu", "checkpoint_minutes=0"),
)
VISUAL, ALIGNED = "checkpoints/visual.safetensors", "checkpoints/aligned.safetensors"


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch):
    monkeypatch.setattr("os.fsync", lambda handle: None)


@pytest.fixture
def config():
    return load_config("light", settings=SETTINGS)


@pytest.fixture
def inputs(collection):
    return Inputs(collection / "images", collection / "sequences.fasta")


@pytest.fixture
def break_at(monkeypatch):
    """Have the k-th step of an optimiser do something first."""
    step = Optimiser.step

    def break_at(k, what):
        done = []

        def broken(self, loss):
            done.append(loss)
            if len(done) == k:
                what()
            return step(self, loss)

        monkeypatch.setattr(Optimiser, "step", broken)
        return lambda: monkeypatch.setattr(Optimiser, "step", step)

    return break_at


def died():
    raise RuntimeError("died")


def changed(config, *settings):
    return load_config("light", settings=[*SETTINGS, *settings])


def files_of(folder):
    return {
        path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "log.txt"
    }


def test_from_stop_to_stop_to_the_end(collection, inputs, config, break_at, monkeypatch, caplog):
    """Stage 1, stopped; its rest, and stage 2, stopped; the rest of that; then the whole, of which nothing is done."""
    out, whole = collection / "out", run(inputs, collection / "whole", config, resume=True)
    for k in (3, 4):  # of 4 steps a stage: the second time in stage 2
        mend = break_at(k, died)
        with pytest.raises(RuntimeError, match="died"):
            run(inputs, out, config, resume=True)
        mend()
    assert (out / VISUAL).exists()
    assert not (out / ALIGNED).exists()
    monkeypatch.setattr("visgen_train.experiment.session.pretrain", None)
    assert run(inputs, out, config, resume=True) == whole
    assert "going on with stage images from its checkpoint after batch 2 of epoch 1" in caplog.text
    assert "going on with stage align from its checkpoint after batch 1 of epoch 1" in caplog.text
    for name in (VISUAL, ALIGNED, "model.safetensors"):
        one, two = load_file(out / name), load_file(collection / "whole" / name)
        assert all(torch.equal(one[key], two[key]) for key in one)
    stages = [line.split(",")[:2] for line in (out / "metrics.csv").read_text().splitlines()]
    assert stages == [["stage", "epoch"], ["images", "1"], ["align", "1"]]
    names = sorted(path.name for path in (out / "checkpoints").iterdir())
    assert names == ["aligned.safetensors", "visual.safetensors"]
    monkeypatch.setattr("visgen_train.experiment.session.write_results", None)
    before = files_of(out)
    assert run(inputs, out, config, resume=True) == whole
    align(out, config, resume=True)
    assert files_of(out) == before
    other = changed(config, "evaluate.tail_below=5")
    monkeypatch.undo()
    assert run(inputs, out, other, resume=True)["tail_below"] == 5  # evaluated anew, and no more


def test_other_settings_or_data_are_refused_and_nothing_is_touched(
    collection, inputs, config, break_at, caplog
):
    out = collection / "out"
    mend = break_at(8, died)
    with pytest.raises(RuntimeError, match="died"):
        run(inputs, out, config)  # in stage 2
    mend()
    before = files_of(out)

    def refused(kind, message, config=config):
        with pytest.raises(kind, match=message):
            run(inputs, out, config, resume=True)

    refused(
        UsageError,
        r"visual\.safetensors: made with other settings \(train\.lr was 0\.02, now 0\.5\)",
        changed(config, "train.lr=0.5"),
    )
    refused(UsageError, r"precision was auto, now bfloat16", changed(config, "precision=bfloat16"))
    assert files_of(out) == before
    refused(
        UsageError,
        r"resume-\d\.safetensors: .*align\.margin was 0\.5, now 0\.1",
        changed(config, "align.margin=0.1"),
    )
    fasta, picture = inputs.sequences, inputs.images / "Aus_niger/00.png"
    text, content = fasta.read_text(), picture.read_bytes()
    fasta.write_text(text.replace("ACG", "ACC", 1))
    refused(UsageError, r"data\.json: made of other sequences")
    fasta.write_text(text)
    Image.new("RGB", (40, 30)).save(picture)
    refused(
        UsageError, r"data\.json: made of other images: 1 are new, gone or changed, first 'Aus_niger/00\.png'"
    )
    picture.write_bytes(content)
    assert files_of(out) == before
    (out / "data.json").write_text("{")
    refused(DataError, r"data\.json: cannot be read as the data\.json of a run")
    (out / "data.json").write_bytes(before[out / "data.json"])
    other = changed(config, "evaluate.tail_below=5")
    assert run(inputs, out, other, resume=True)["tail_below"] == 5  # no weights depend on it
    assert "going on with stage align from its checkpoint" in caplog.text


def test_pictures_of_another_size_are_refused_while_stage_1_is_under_way(
    collection, inputs, config, break_at
):
    mend = break_at(3, died)
    with pytest.raises(RuntimeError, match="died"):
        run(inputs, collection / "out", config)
    mend()
    with pytest.raises(UsageError, match=r"data\.image_size was 32, now 48"):
        run(inputs, collection / "out", changed(config, "data.image_size=48"), resume=True)


def test_align_alone_goes_on_and_a_damaged_network_is_named(collection, inputs, config, break_at):
    out = collection / "out"
    train(inputs, out, config)
    mend = break_at(3, died)
    with pytest.raises(RuntimeError, match="died"):
        align(out, config)
    mend()
    align(out, config, resume=True)
    kept = load_file(out / ALIGNED)
    align(out, config)
    again = load_file(out / ALIGNED)
    assert all(torch.equal(kept[key], again[key]) for key in kept)
    with pytest.raises(UsageError, match=r"aligned\.safetensors: made with other .*align\.lr was"):
        align(out, changed(config, "align.lr=0.5"), resume=True)
    content = bytearray((out / VISUAL).read_bytes())
    content[-1] ^= 1  # one bit of one weight
    (out / VISUAL).write_bytes(content)
    with pytest.raises(WeightsError, match="its numbers are not those that were written") as raised:
        run(inputs, out, config, resume=True)
    assert raised.value.__notes__ == [f"Or delete {out / VISUAL}; --resume trains it again."]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_command_with_a_checkpoint_and_its_exit_code(
    collection, config, break_at, number, code
):
    (collection / "own.yaml").write_text(to_yaml(config, ""))
    words = [collection / "images", collection / "sequences.fasta", "--config", collection / "own.yaml"]
    call = ["run", *map(str, words), "--out", str(collection / "out"), "--resume"]
    before = signal.signal(signal.SIGTERM, entry._terminated)
    mend = break_at(2, lambda: signal.raise_signal(number))
    try:
        ended = CliRunner().invoke(entry.app, call)
    finally:
        signal.signal(signal.SIGTERM, before)
    mend()
    assert ended.exit_code == code
    assert "visgen: stopped with a checkpoint after batch 2 of epoch 1; go on by --resume" in ended.stderr
    again = CliRunner().invoke(entry.app, call)
    assert again.exit_code == 0
    assert "going on with stage images from its checkpoint after batch 2 of epoch 1" in again.stderr
    assert (collection / "out" / "report.html").exists()


LACKS = {
    "torch": torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
    "cpu": RuntimeError(
        "[enforce fail at alloc_cpu.cpp:98] DefaultCPUAllocator: not enough memory: you tried"
    ),
    "python": MemoryError(),
}


@pytest.mark.parametrize("lack", LACKS)
def test_a_lack_of_memory_is_told_whoever_says_so(config, lack):
    with pytest.raises(TrainingError) as told, memory_told(config):
        raise LACKS[lack]
    text = str(told.value)
    assert text.startswith("Out of memory (")
    assert "train.batch=6 and pictures of 32 px" in text
    assert text.endswith("for instance --set data.image_size=16 --force.")  # 3 are too few for a triplet
    wider = changed(config, "train.batch=8")
    with pytest.raises(TrainingError, match=r"--set train\.batch=4 --force\."), memory_told(wider):
        raise LACKS[lack]
    less = r"programs, or try less, .* --set train\.batch=4\.$"  # of an estimate there is no run to resume or replace
    with pytest.raises(TrainingError, match=less), memory_told(wider, begun=False):
        raise LACKS[lack]
    with pytest.raises(RuntimeError, match="of another kind"), memory_told(config):
        raise RuntimeError("of another kind")


def test_out_of_memory_leaves_the_checkpoint(collection, inputs, config, break_at):
    """Fault 27."""

    def short():
        raise LACKS["torch"]

    mend = break_at(3, short)
    with pytest.raises(TrainingError, match="Out of memory"):
        train(inputs, collection / "out", config)
    mend()
    text, before = inputs.sequences.read_text(), files_of(collection / "out")
    inputs.sequences.write_text(text.replace("ACG", "ACC", 1))
    with pytest.raises(UsageError, match=r"data\.json: made of other sequences"):
        train(inputs, collection / "out", config, resume=True)
    inputs.sequences.write_text(text)
    with pytest.raises(UsageError, match=r"resume-\d\.safetensors: .*train\.lr was 0\.02, now 0\.5"):
        train(inputs, collection / "out", changed(config, "train.lr=0.5"), resume=True)
    assert files_of(collection / "out") == before
    train(inputs, collection / "out", config, resume=True)
    assert (collection / "out" / VISUAL).exists()
