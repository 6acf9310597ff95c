"""`visgen prepare`: what it refuses to read, and places it will not write to."""

import json
import os

import pytest
from visgen_train.data.manifest import scan
from visgen_train.data.prepare import prepare_endless_forams
from visgen_train.errors import DataError, UsageError


def test_other_folders_are_not_touched(archive, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").touch()
    with pytest.raises(UsageError, match="holds other things"):
        prepare_endless_forams(archive, tmp_path / "mine")
    with pytest.raises(UsageError, match="lies in the archive"):
        prepare_endless_forams(archive, archive / "out")
    prepare_endless_forams(archive, tmp_path / "out")
    with pytest.raises(UsageError, match="was prepared otherwise .all was False, now True"):
        prepare_endless_forams(archive, tmp_path / "out", everything=True)
    assert json.loads((tmp_path / "out" / "prepare.json").read_text())["all"] is False


@pytest.mark.parametrize("mark", ["[]", "7", '"text"', "null", "{", ""])
def test_a_mark_of_another_form_is_named(archive, tmp_path, mark):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "prepare.json").write_text(mark)
    with pytest.raises(UsageError, match=r"is not of this program|holds other things"):
        prepare_endless_forams(archive, tmp_path / "out")
    assert (tmp_path / "out" / "prepare.json").read_text() == mark


def test_places_that_cannot_be_are_named(archive, tmp_path):
    (tmp_path / "file").touch()
    for place in (tmp_path / "file" / "out", tmp_path / ("a" * 300)):
        with pytest.raises(UsageError, match="cannot be made or written to .*Choose another DST"):
            prepare_endless_forams(archive, place)
    (tmp_path / "link").symlink_to(archive)
    for place in (archive, tmp_path / "link", tmp_path / "link" / "out", archive / ".." / "archive" / "out"):
        with pytest.raises(UsageError, match="lies in the archive"):
            prepare_endless_forams(archive, place)
    for place in (tmp_path / "file" / "a.zip", tmp_path / ("a" * 300)):
        with pytest.raises(DataError, match=r"cannot be read \(|no such folder"):
            prepare_endless_forams(place, tmp_path / "out")


def test_what_is_no_archive_is_named(tmp_path):
    with pytest.raises(DataError, match="no such folder or zip file"):
        prepare_endless_forams(tmp_path / "nowhere", tmp_path / "out")
    (tmp_path / "text.zip").write_text("no zip")
    with pytest.raises(DataError, match="no folder and no zip file"):
        prepare_endless_forams(tmp_path / "text.zip", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_listed_is_not_passed_over(archive, tmp_path, monkeypatch):
    listed = os.scandir

    def refusing(path):
        if str(path).endswith("images") and "bulloides" in str(path):
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", refusing)
    told = r"bulloides/images: cannot be read \(Permission denied\)"
    with pytest.raises(DataError, match=told):
        prepare_endless_forams(archive, tmp_path / "out")
    with pytest.raises(DataError, match=told):
        scan(archive / "Dataset")
