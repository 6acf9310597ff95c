"""`visgen prepare`: an archive of Endless Forams, whole or spoilt, to crops and their table."""

import csv
import os
import shutil
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner
from visgen_train.cli.main import app
from visgen_train.data import prepare
from visgen_train.data.manifest import scan
from visgen_train.data.prepare import prepare_endless_forams
from visgen_train.errors import DataError
from visgen_train.io.images import read


def table_of(out):
    with (out / "metadata.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_crops_in_class_folders_and_where_they_came_from(archive, tmp_path):
    made = prepare_endless_forams(archive, tmp_path / "out")
    assert (made.crops, made.species, made.earlier, made.left_out, made.strays) == (4, 2, 0, [], [])
    assert len(made.missing) == 30
    rows = table_of(tmp_path / "out")
    assert [row["file"] for row in rows] == [
        "images/Globigerina_bulloides/obj0.png",
        "images/Globigerina_bulloides/obj1.png",
        "images/Globigerinoides_sacculifer/obj0.png",
        "images/Globigerinoides_sacculifer/obj1.png",
    ]
    assert rows[2]["source"] == "Dataset/12 - Globigerinoides sacculifer /images/obj0.jpg"
    assert (rows[2]["species"], rows[2]["name_in_sequences"]) == (
        "Globigerinoides sacculifer",
        "Trilobatus sacculifer",
    )
    assert [row["paper_number"] for row in rows] == ["2", "2", "11", "11"]
    for row in rows:
        whole = np.asarray(read((archive / row["source"]).read_bytes()).rgb)
        left, top, right, bottom = (int(row[side]) for side in ("left", "top", "right", "bottom"))
        crop = np.asarray(Image.open(tmp_path / "out" / row["file"]).convert("RGB"))
        assert (crop == whole[top:bottom, left:right]).all()
        assert abs(crop.shape[0] - 130) <= 8  # 150 less ten at each side: its own aspect, no square
        assert abs(crop.shape[1] - (180 if "obj0" in row["file"] else 200)) <= 8
    assert [item.species for item in scan(tmp_path / "out" / "images")][::2] == [
        "Globigerina bulloides",
        "Globigerinoides sacculifer",
    ]


def test_all_has_the_species_without_sequences(archive, tmp_path):
    made = prepare_endless_forams(archive, tmp_path / "out", everything=True)
    assert (made.crops, made.species, len(made.missing)) == (6, 3, 32)
    assert [row["paper_number"] for row in table_of(tmp_path / "out")] == ["2", "2", "", "", "11", "11"]


def test_a_zip_file_gives_the_same(archive, tmp_path):
    shutil.make_archive(str(tmp_path / "packed"), "zip", archive)
    prepare_endless_forams(archive, tmp_path / "one")
    prepare_endless_forams(tmp_path / "packed.zip", tmp_path / "two")
    assert table_of(tmp_path / "one") == table_of(tmp_path / "two")
    for row in table_of(tmp_path / "one"):
        assert (tmp_path / "one" / row["file"]).read_bytes() == (tmp_path / "two" / row["file"]).read_bytes()


def test_a_zip_file_writes_only_where_crops_go(tmp_path, framed):
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as packed:
        packed.writestr("../2 - Globigerina bulloides/evil.jpg", framed()[0])
        packed.writestr("2 - Globigerina bulloides/good.jpg", framed()[0])
    prepare_endless_forams(tmp_path / "bad.zip", tmp_path / "deep" / "out")
    written = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert written == {"bad.zip", "prepare.json", "metadata.csv", "good.png"}


def test_what_is_done_is_not_done_again(archive, tmp_path, monkeypatch):
    cropped = []
    original = prepare.crop_box

    def interrupted(pixels):
        cropped.append(1)
        if len(cropped) > 2:
            raise KeyboardInterrupt
        return original(pixels)

    monkeypatch.setattr(prepare.os, "cpu_count", lambda: 1)
    monkeypatch.setattr(prepare, "crop_box", interrupted)
    with pytest.raises(KeyboardInterrupt):
        prepare_endless_forams(archive, tmp_path / "out")
    assert not (tmp_path / "out" / "metadata.csv").exists()
    monkeypatch.setattr(prepare, "crop_box", original)
    made = prepare_endless_forams(archive, tmp_path / "out")
    assert (made.crops, made.earlier) == (4, 2)
    other = tmp_path / "whole"
    prepare_endless_forams(archive, other)
    assert table_of(tmp_path / "out") == table_of(other)


def test_a_source_that_changed_is_cropped_again(archive, tmp_path, framed):
    prepare_endless_forams(archive, tmp_path / "out")
    changed = archive / "Dataset" / "2 - Globigerina bulloides" / "images" / "obj0.jpg"
    changed.write_bytes(framed(width=400, height=300, seed=99)[0])
    assert prepare_endless_forams(archive, tmp_path / "out").earlier == 3
    with Image.open(tmp_path / "out" / "images" / "Globigerina_bulloides" / "obj0.png") as crop:
        assert abs(crop.width - 380) <= 8


def test_a_source_that_changed_at_equal_size_and_time_is_cropped_again(archive, tmp_path):
    prepare_endless_forams(archive, tmp_path / "out")
    changed = archive / "Dataset" / "2 - Globigerina bulloides" / "images" / "obj0.jpg"
    before, content = changed.stat(), bytearray(changed.read_bytes())
    content[len(content) // 3] ^= 1  # in the shell
    changed.write_bytes(content)
    os.utime(changed, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert prepare_endless_forams(archive, tmp_path / "out").earlier == 3
    prepare_endless_forams(archive, tmp_path / "anew")
    for row in table_of(tmp_path / "anew"):
        assert (tmp_path / "out" / row["file"]).read_bytes() == (tmp_path / "anew" / row["file"]).read_bytes()


def test_damaged_members_of_a_zip_file_do_not_stop_the_others(tmp_path, framed):
    """One whose compressed bytes are no such (zlib), one that holds other bytes than it says (CRC-32)."""
    content = framed()[0]
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        for name, kind in (
            ("good", zipfile.ZIP_STORED),
            ("crc", zipfile.ZIP_STORED),
            ("zlib", zipfile.ZIP_DEFLATED),
        ):
            packed.writestr(f"2 - Globigerina bulloides/{name}.jpg", content, kind)
        starts = {
            Path(info.filename).stem: info.header_offset + 30 + len(info.filename)
            for info in packed.infolist()
        }
    damaged = bytearray((tmp_path / "a.zip").read_bytes())
    damaged[starts["crc"] + 100] ^= 1
    damaged[starts["zlib"]] = 0b111  # a block of a kind that there is not
    (tmp_path / "a.zip").write_bytes(damaged)
    made = prepare_endless_forams(tmp_path / "a.zip", tmp_path / "out")
    told = {Path(source).stem: problem for source, problem in made.left_out}
    assert made.crops == 1
    assert told.keys() == {"crc", "zlib"}
    assert "Bad CRC-32" in told["crc"]
    assert "invalid block type" in told["zlib"]


def test_no_cell_is_run_by_a_spreadsheet(tmp_path, framed):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr("=cmd/2 - Globigerina bulloides/one.jpg", framed()[0])
    prepare_endless_forams(tmp_path / "a.zip", tmp_path / "out")
    assert table_of(tmp_path / "out")[0]["source"] == "'=cmd/2 - Globigerina bulloides/one.jpg"


def test_a_zip_file_of_windows_has_backslashes(tmp_path, framed):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr("Dataset\\2 - Globigerina bulloides\\images\\one.jpg", framed()[0])
        packed.writestr("Dataset/2 - Globigerina bulloides/folder.jpg/", b"")
    prepare_endless_forams(tmp_path / "a.zip", tmp_path / "out")
    (row,) = table_of(tmp_path / "out")
    assert (row["file"], row["source"]) == (
        "images/Globigerina_bulloides/one.png",
        "Dataset/2 - Globigerina bulloides/images/one.jpg",
    )


@pytest.mark.skipif(sys.platform == "win32", reason="has no named pipes in folders, and names as Unicode")
def test_what_is_no_picture_in_a_folder_is_listed_or_refused(archive, tmp_path):
    images = archive / "Dataset" / "2 - Globigerina bulloides" / "images"
    os.mkfifo(images / "pipe.jpg")
    (images / "link.jpg").symlink_to("nowhere.jpg")
    told = dict(prepare_endless_forams(archive, tmp_path / "out").left_out)
    assert {Path(source).name: problem for source, problem in told.items()} == {
        "pipe.jpg": "is not a regular file",
        "link.jpg": "No such file or directory",
    }
    Path(os.fsdecode(os.fsencode(images) + b"/\xff.jpg")).touch()
    with pytest.raises(DataError, match=r"udcff.jpg' is not valid UTF-8. Rename"):
        prepare_endless_forams(archive, tmp_path / "out")


def spoil(archive):
    """A white picture and a cut one; what is left to crop is two pictures."""
    bulloides = archive / "Dataset" / "2 - Globigerina bulloides" / "images"
    Image.new("RGB", (640, 400), "white").save(bulloides / "obj0.jpg")
    content = (bulloides / "obj1.jpg").read_bytes()
    (bulloides / "obj1.jpg").write_bytes(content[: len(content) // 2])


def test_pictures_without_a_crop_are_listed(archive, tmp_path):
    spoil(archive)
    made = prepare_endless_forams(archive, tmp_path / "out")
    assert made.crops == 2
    found, cut = (problem for _, problem in made.left_out)
    assert found == "nothing found in it"
    assert cut.startswith("cannot be decoded")
    with (tmp_path / "out" / "left_out.csv").open() as file:
        assert [row["source"].rpartition("/")[2] for row in csv.DictReader(file)] == ["obj0.jpg", "obj1.jpg"]


def test_the_verb(archive, tmp_path):
    words = ["prepare", "endless-forams", str(archive), str(tmp_path / "out")]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    first, _, last = result.stdout.splitlines()
    assert first == f"4 crops of 2 species (the paper: 34,532 of 32): {tmp_path / 'out' / 'images'}"
    assert last.startswith("Next: visgen run ")
    assert "no pictures of 0 - Beella digitata, " in result.stderr
    spoil(archive)
    (tmp_path / "out" / "images" / "Globigerina_bulloides" / "mine.png").touch()
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 1
    assert "2 pictures have no crop:" in result.stderr
    assert "obj0.jpg: nothing found in it" in result.stderr
    assert "3 files in" in result.stderr  # mine, and the crops of the two as they were
