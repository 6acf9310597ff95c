"""What is said of an estimate: sums, and what to change where something does not fit."""

import pytest
from visgen_train.report.estimate import advice, lines

GB = 10**9


def part(middle):
    return {"middle": middle, "low": middle, "high": 2 * middle}


@pytest.fixture
def content():
    """A run of a quarter of an hour that fits."""
    seconds = {"reading": 30.0, "images": 600.0, "balance": 0.0, "features": 90.0, "align": 60.0}
    seconds |= {"evaluation": 120.0, "total": 900.0}
    return {
        "pictures": {"train": 7000, "validation": 1000, "test": 2000, "to_decode": 10_000, "image_size": 160},
        "backbone": "resnet50",
        "epochs": {"images": 20, "balance": 0, "align": 5},
        "batch": 64,
        "device": "cpu, 2 threads",
        "seconds": {name: part(value) for name, value in seconds.items()},
        "memory": {"process": 3 * GB, "device": None, "features": GB},
        "disk": {"pictures": GB, "checkpoints": GB // 2, "kept": GB // 4},
        "free": {"memory": 10 * GB, "device": None, "disk": 50 * GB},
        "shorter": [],
    }


def test_the_lines(content):
    text = "\n".join(lines(content))
    assert text.startswith("About 15 min in all (15 min to 30 min), on cpu, 2 threads; it fits.\n")
    assert "7,000 pictures to train on, 1,000 to validate, 2,000 to test, of 160 px" in text
    assert "  stage 1, 20 epochs                10 min (10 min to 20 min)" in text
    assert "classifier again" not in text
    assert "  in all                            15 min (15 min to 30 min)" in text
    assert "Memory: 3.0 GB at the peak; 10.0 GB can be had." in text
    assert text.endswith("It fits; nothing needs to be changed.")


@pytest.mark.parametrize(
    ("features", "remedy"), [(GB, "--set train.batch=32"), (2 * GB, "--set align.views=1")]
)
def test_too_little_memory(content, features, remedy):
    content["memory"]["features"] = features
    content["free"]["memory"] = 2 * GB
    (said,) = advice(content)
    assert "Memory does not suffice: 3.0 GB of 2.0 GB" in said
    assert remedy in said
    content["free"]["memory"] = 3.5 * GB
    assert "Memory is tight" in advice(content)[0]


def test_too_little_memory_of_a_gpu(content):
    content["memory"]["device"], content["free"]["device"] = 30 * GB, 24 * GB
    (said,) = advice(content)
    assert "The GPU's memory does not suffice: 30.0 GB of 24.0 GB" in said


def test_too_little_disk(content):
    content["free"]["disk"] = GB
    (said,) = advice(content)
    assert "1.8 GB of 1.0 GB" in said
    assert "--store" in said


@pytest.mark.parametrize(
    ("there", "said"),
    [
        (4 * GB, "it fits."),
        (3.5 * GB, "it fits, but tightly, see below."),
        (2 * GB, "it does not fit, see below."),
    ],
)
def test_the_first_line_says_whether_it_fits(content, there, said):
    content["free"]["memory"] = there
    assert lines(content)[0].endswith(said)
    content["free"]["disk"] = GB
    assert lines(content)[0].endswith("it does not fit, see below.")


def test_memory_that_the_system_does_not_tell_is_not_said_to_fit(content):
    content["free"]["memory"] = None
    assert lines(content)[0].endswith("it fits if memory suffices.")
    assert advice(content) == ["It fits if memory suffices; nothing needs to be changed."]


def test_a_long_run(content):
    seconds = content["seconds"]
    seconds["images"], seconds["total"] = part(36_000.0), part(36_300.0)
    longer = {"options": "--set data.image_size=96", **part(36_400.0)}  # as measured; then it is no advice
    content["shorter"] = [{"options": "--preset light", **part(4000.0)}, longer]
    light, epochs, gpu = advice(content)
    assert "--preset light, 67 min (67 min to 2.2 h)" in light
    assert "--set train.epochs=10, 5.1 h" in epochs  # 300 s and half of 36,000 s
    assert "GPU" in gpu
    content["device"] = "cuda (some)"
    assert len(advice(content)) == 2


def test_slow_reading(content):
    content["seconds"]["reading"] = part(300.0)
    assert "--store FOLDER" in advice(content)[0]
    content["pictures"]["to_decode"] = 0
    assert "nothing needs to be changed" in advice(content)[0]
