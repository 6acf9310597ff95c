"""A split that one run writes and another reads back; pictures listed in a table."""

import csv
import dataclasses
import json
import shutil

import pytest
from visgen_train.errors import DataError, UsageError
from visgen_train.experiment.again import Moved
from visgen_train.experiment.examples import read_pictures
from visgen_train.experiment.inputs import Inputs, read_labels
from visgen_train.experiment.run import evaluate, run


@pytest.fixture
def table(collection):
    """images.csv beside the folder of images: two pictures of each specimen."""
    rows = [
        f"images/{path.parent.name}/{path.name},{path.parent.name},{path.parent.name}-{int(path.stem) // 2}"
        for path in sorted((collection / "images").rglob("*.png"))
    ]
    (collection / "images.csv").write_text("file,species,specimen\n" + "\n".join(rows) + "\n")
    return collection / "images.csv"


def read(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_table_runs_and_its_split_read_back_gives_the_same(collection, table, small):
    """With another seed of the split: the file alone says who is tested, and which pictures are one specimen."""
    sequences = collection / "sequences.fasta"
    metrics = run(Inputs(table, sequences, group="specimen"), collection / "one", small)
    assert metrics["test_units"] < metrics["test_images"]
    published = shutil.copy(collection / "one" / "split.csv", collection / "published.csv")
    again = run(Inputs(table, sequences, split=published), collection / "two", small)
    assert again == metrics
    assert (collection / "two" / "split.csv").read_bytes() == published.read_bytes()
    data = json.loads((collection / "two" / "data.json").read_text())
    assert [
        (row["file"], row["species"], row["group"], row["split"], row["sha256"]) for row in read(published)
    ] == [
        (item["file"], item["species"], item["group"], item["split"], item["sha256"])
        for item in data["items"]
    ]
    assert (data["images"], data["image_table"]) == (str(collection), str(table))
    assert (data["group"], data["split"]) == ("group", str(published))
    assert_evaluated_where_the_pictures_moved(collection, metrics, small)


def assert_evaluated_where_the_pictures_moved(collection, metrics, small):
    (collection / "moved").mkdir()
    for name in ("images", "images.csv"):
        (collection / name).rename(collection / "moved" / name)
    with pytest.raises(DataError, match="24 of 24 images cannot be read"):
        evaluate(collection / "two", small)
    assert evaluate(collection / "two", small, Moved(collection / "moved" / "images.csv")) == metrics
    assert evaluate(collection / "two", small) == metrics  # remembered


def splits(inputs, config, scratch):
    labelled = read_labels(inputs, config)
    examples = read_pictures(labelled, inputs, config, scratch)
    return labelled.items, examples.sides


def test_a_split_is_not_read_from_what_is_replaced_nor_of_changed_pictures(collection, small):
    images, sequences = collection / "images", collection / "sequences.fasta"
    run(Inputs(images, sequences), collection / "run", small)
    inputs = Inputs(images, sequences, split=collection / "run" / "split.csv")
    with pytest.raises(UsageError, match="split.csv is in .*run, whose files are replaced"):
        run(inputs, collection / "run", small, force=True)
    assert (collection / "run" / "metrics.json").is_file()
    items, sides = splits(inputs, small, collection)
    (image,) = [item.file for item, side in zip(items, sides, strict=True) if side == "test"][:1]
    other = next(item.file for item in items if item.file != image)
    shutil.copy(images / other, images / image)
    with pytest.raises(
        DataError, match=f"1 of 24 images are not those it was made of, the first is '{image}'"
    ):
        run(inputs, collection / "other", small)
    assert not (collection / "other").exists()


def test_the_file_of_a_split_that_parts_equal_pictures_is_named(collection, small):
    images = collection / "images"
    run_split = "file,split\n" + "".join(
        f"{path.relative_to(images).as_posix()},{'test' if path.stem == '00' else 'train'}\n"
        for path in sorted(images.rglob("*.png"))
    )
    (collection / "theirs.csv").write_text(run_split)
    shutil.copy(images / "Aus_albus" / "00.png", images / "Aus_albus" / "01.png")
    inputs = Inputs(images, collection / "sequences.fasta", split=collection / "theirs.csv")
    with pytest.raises(DataError, match="'Aus_albus/00.png' .test. and 'Aus_albus/01.png' .train.") as caught:
        splits(inputs, small, collection)
    assert caught.value.__notes__ == [f"The split is that of {collection / 'theirs.csv'}."]


def test_rare_species_and_shared_groups_are_told(collection, small, caplog):
    for path in sorted((collection / "images" / "Bus_ruber").iterdir())[1:]:
        path.unlink()
    rows = ["file,place"]
    for path in sorted((collection / "images").rglob("*.png")):
        place = "shore" if path.parent.name == "Aus_niger" or path.stem == "00" else path.stem
        rows.append(f"images/{path.parent.name}/{path.name},{place}")
    (collection / "meta.csv").write_text("\n".join(rows) + "\n")
    inputs = Inputs(
        collection / "images", collection / "sequences.fasta", None, collection / "meta.csv", "place"
    )
    splits(inputs, small, collection)
    assert (
        "2 species trained on and never tested: Aus niger (its 8 images are one group), Bus ruber (1 image)"
    ) in caplog.text
    assert (
        "1 groups hold images of several species, the first is 'shore' (Aus albus, Aus niger," in caplog.text
    )


def test_equal_files_of_two_specimens_are_kept_together(collection, small):
    content = (collection / "images/Aus_albus/00.png").read_bytes()
    (collection / "images/Aus_albus/11.png").write_bytes(content)
    paths = sorted((collection / "images").rglob("*.png"))
    rows = [f"{path.relative_to(collection)},{path.parent.name}-{int(path.stem) // 2}" for path in paths]
    (collection / "meta.csv").write_text("file,specimen\n" + "\n".join(rows) + "\n")
    inputs = Inputs(
        collection / "images",
        collection / "sequences.fasta",
        metadata=collection / "meta.csv",
        group="specimen",
    )
    for seed in range(3):
        run(inputs, collection / str(seed), dataclasses.replace(small, seed=seed))
        items = json.loads((collection / str(seed) / "data.json").read_text())["items"]
        linked = {item["split"] for item in items if item["group"] in ("Aus_albus-0", "Aus_albus-5")}
        assert len(linked) == 1
