"""Trees that users bring, in Newick or Nexus, with species spelt as everywhere."""

import pytest
from visgen_train.data.trees import read_tree
from visgen_train.errors import DataError


def tips(path, text):
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return [tip.name for tip in read_tree(path).get_terminals()]


def test_tips_are_spelt_as_species_are_everywhere(tmp_path):
    text = (
        "(((Aus_albus:1,'AUS niger Smith, 1900':1)0.97:1,Bus_ruber_7:1,Bus_ruber_8:1):1,MK499771:1,seq_1:1);"
    )
    expected = ["Aus albus", "Aus niger", "Bus ruber", "Bus ruber", "MK499771", "seq_1"]
    assert tips(tmp_path / "tree.nwk", "\ufeff" + text.replace(",Bus", ",\r\nBus")) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds 0 trees"),
        ("(a:1,b:1);\n(a:2,b:2);\n", "holds 2 trees"),
        ("(a:1,(b:1);", "no tree in Newick form"),
        (">MK1 Aus albus", "no tree in Newick form"),
        (b"\xff\xfe\x00", "no tree in Newick form"),
    ],
)
def test_what_is_no_tree(tmp_path, text, message):
    with pytest.raises(DataError, match=f"tree.nwk: .*{message}"):
        tips(tmp_path / "tree.nwk", text)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        read_tree(tmp_path / "none.nwk")


@pytest.mark.parametrize("text", ["[" + "\\a" * 60, "[\\]" + "\\a" * 60, "'" + "\\a" * 60, "[" * 200_000])
def test_a_tree_that_would_take_hours_to_refuse_is_refused_at_once(tmp_path, text):
    """Found by spoilt files: Biopython's expression for comments backtracks, 2 ** 60 times for the first three."""
    (tmp_path / "t.nwk").write_text(text)
    with pytest.raises(DataError, match=r"t\.nwk: no tree in Newick form \((it holds a backslash|a comment)"):
        read_tree(tmp_path / "t.nwk")


NEXUS = """#NEXUS
begin trees;
  translate 1 Aus_albus, 2 Aus_niger, 3 Bus_ruber;
  tree one = [&R] ((1:1,2:2)0.9:1,3:3);
end;
"""


def test_nexus_and_synonyms(tmp_path):
    path = tmp_path / "tree.nex"
    path.write_text(NEXUS)
    tree = read_tree(path, {"Bus ruber": "Cus ruber"})
    found = {tip.name: tree.distance(tip) for tip in tree.get_terminals()}
    assert found == {"Aus albus": 2, "Aus niger": 3, "Cus ruber": 3}


def test_nexus_without_lengths_has_none(tmp_path):
    path = tmp_path / "tree.nex"
    path.write_text(NEXUS.replace("((1:1,2:2)0.9:1,3:3)", "((1,2),3)"))
    assert all(node.branch_length is None for node in read_tree(path).find_clades())
    path.write_text(NEXUS.replace(";", "", 3).replace("((1", "(1"))
    with pytest.raises(DataError, match="tree.nex: "):
        read_tree(path)
