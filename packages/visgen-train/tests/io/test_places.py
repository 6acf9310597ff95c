import pytest
from visgen_train.io.places import leaves, relative


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a/1.png", "a/1.png"),
        ("./a//b/../1.png", "a/1.png"),
        ("a/..b.png", "a/..b.png"),
        ("..", None),
        ("../1.png", None),
        ("a/../../1.png", None),
        ("/1.png", None),
    ],
)
def test_paths_of_a_table(text, expected):
    assert relative(text) == expected


def test_links_are_followed(tmp_path):
    for name in ("data/a", "data-of-another"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "link").symlink_to("data")
    (tmp_path / "data" / "inside").symlink_to("a")
    (tmp_path / "data" / "outside").symlink_to("../data-of-another")
    (tmp_path / "data" / "loop").symlink_to("loop")
    for folder in (tmp_path / "data", tmp_path / "link"):
        for name in ("a", "inside", "loop", "a/not-there.png", "inside/not-there.png", "a/../a"):
            assert not leaves(folder, folder / name)
        for name in ("outside", "outside/not-there.png", "..", "../data-of-another", "/etc"):
            assert leaves(folder, folder / name)
