"""A tree that a user brings for a report: its figure, the order of the confusion matrix, and what is refused."""

from dataclasses import replace
from io import StringIO

import pytest
from Bio import Phylo
from visgen_train.errors import DataError
from visgen_train.report.figures import confusion, tree
from visgen_train.report.given_tree import given_tree
from visgen_train.report.run_content import read_run

SPECIES = ("Aus albus", "Aus niger", "Aus ruber", "Bus ater", "Bus viridis")
GIVEN = "(((Bus_ater:1,(Xus_ignotus:1,Aus_ruber:2)40:1)70:1,Aus_niger:4)88:1,Aus_alba:7,Yus_longus:1);"
SYNONYMS = "synonym,accepted\nAus alba,Aus albus\n"


@pytest.fixture
def files(tmp_path):
    (tmp_path / "my.nwk").write_text(GIVEN)
    (tmp_path / "synonyms.csv").write_text(SYNONYMS)
    return tmp_path / "my.nwk", tmp_path / "synonyms.csv"


def test_other_tips_go_and_branches_that_become_one_are_added(files):
    found = given_tree(files[0], SPECIES, files[1])
    wanted = Phylo.read(StringIO("(((Bus:1,ruber:3)70:1,niger:4)88:1,albus:7);"), "newick")
    lengths = {
        tip.name.split()[-1].replace("ater", "Bus"): found.distance(tip) for tip in found.get_terminals()
    }
    assert lengths == {tip.name: wanted.distance(tip) for tip in wanted.get_terminals()}
    assert [one.confidence for one in found.get_nonterminals()] == [None, 88, 70]
    files[0].write_text("((((Bus_ater:1,Aus_ruber:2)40:1,Xus_ignotus:1)90:2,Aus_niger:4):1,Zus_z:1);")
    found = given_tree(
        files[0], SPECIES
    )  # two branches become one of length 3, as well supported as the better
    assert {one.confidence: one.branch_length for one in found.get_nonterminals() if one.confidence} == {
        90: 3
    }


def test_the_figure_and_the_matrix_follow_the_given_tree(made, files):
    content = replace(read_run(made()), tree_file=files[0], synonyms=files[1])
    exhibit = tree.draw(content)
    order = ["Aus albus", "Aus niger", "Bus ater", "Aus ruber"]
    assert sorted((row[0], row[3]) for row in exhibit.rows) == [
        ("Aus albus", 7.0),
        ("Aus niger", 5.0),
        ("Aus ruber", 5.0),
        ("Bus ater", 3.0),
    ]
    assert (
        "The tree of my.nwk, rooted as it is there. Not in it, and not drawn: Bus viridis." in exhibit.caption
    )
    assert "Numbers at forks are the support" in exhibit.caption
    assert {text.get_text() for text in exhibit.figure.axes[0].texts} == {"70", "88"}
    matrix = confusion.draw(content).figure.axes[0]
    assert [text.get_text() for text in matrix.get_yticklabels()] == [
        *(row[0] for row in exhibit.rows),
        "Bus viridis",
    ]
    assert sorted(order) == sorted(row[0] for row in exhibit.rows)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "(Aus_albi:1,Aus_nigra:1,Bus_rubr:1);",
            "0 of the run's 5 species are tips of this tree.*perhaps Aus albi",
        ),
        (GIVEN.replace(":7", ""), "a branch has no length"),
        (GIVEN.replace("Xus_ignotus", "Aus_ruber_2"), "Aus ruber has 2 tips"),
        ("not a tree", "no tree in Newick form"),
    ],
)
def test_what_is_refused_leaves_the_run_as_it_was(made, files, text, message):
    files[0].write_text(text)
    folder = made()
    with pytest.raises(DataError, match=message):
        tree.draw(replace(read_run(folder), tree_file=files[0]))
