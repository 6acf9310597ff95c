"""Files written whole, and the old one where writing fails."""

import json

import pytest
from visgen_train.io.atomic import replacing, write_json, write_text


def test_text_and_json_arrive_and_nothing_else_stays(tmp_path):
    write_text(tmp_path / "a.txt", "é\n")
    write_json(tmp_path / "b.json", {"x": [1, None]})
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "é\n"
    assert json.loads((tmp_path / "b.json").read_text()) == {"x": [1, None]}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "b.json"]


def test_a_failure_leaves_the_old_file_and_no_temporary_one(tmp_path):
    target = tmp_path / "a.txt"
    write_text(target, "old")
    with pytest.raises(RuntimeError, match="half-way"), replacing(target) as temporary:
        temporary.write_text("new, ha")
        raise RuntimeError("half-way")
    with pytest.raises(ValueError, match="Out of range float"):
        write_json(target, float("nan"))
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]
