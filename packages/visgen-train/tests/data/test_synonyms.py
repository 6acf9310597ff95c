"""Tables of synonyms: the shipped one, the user's over it, chains, and those that contradict themselves."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from visgen_train.audit.names import synonym_table
from visgen_train.data.matching import Suggestion, match
from visgen_train.data.sequences import read_sequences
from visgen_train.data.species import canonical
from visgen_train.data.synonyms import load, readings
from visgen_train.errors import DataError

FOLDERS = """Beella digitata, Candeina nitida, Globigerina bulloides, Globigerina falconensis, Globigerinella adamsi,
Globigerinella calida, Globigerinella siphonifera, Globigerinita glutinata, Globigerinita uvula,
Globigerinoides conglobatus, Globigerinoides elongatus, Globigerinoides ruber, Globigerinoides sacculifer,
Globoquadrina conglomerata,
Globorotalia crassaformis, Globorotalia hirsuta, Globorotalia inflata, Globorotalia menardii, Globorotalia scitula,
Globorotalia truncatulinoides, Globorotalia tumida, Globorotalia ungulata, Globorotaloides hexagonus,
Globoturborotalita rubescens, Globoturborotalita tenella, Hastigerina pelagica, Neogloboquadrina dutertrei,
Neogloboquadrina incompta, Neogloboquadrina pachyderma, Orbulina universa, Pulleniatina obliquiloculata,
Sphaeroidinella dehiscens, Tenuitella iota, Turborotalita humilis, Turborotalita quinqueloba"""
FOLDERS = re.split(r",\s+", FOLDERS)
"""The species of EndlessForams, as its folders are called."""


def table(tmp_path, text):
    (tmp_path / "own.csv").write_text("synonym,accepted\n" + text, encoding="utf-8")
    return {name: row.accepted for name, row in load(tmp_path / "own.csv").items()}


def test_the_shipped_table_is_of_names_as_they_are_compared():
    shipped = load()
    assert len(shipped) > 60
    for name, row in shipped.items():
        assert canonical(name) == name
        assert canonical(row.accepted) == row.accepted != name
        assert row.accepted not in shipped
    assert shipped["Globigerinoides sacculifer"].accepted == "Trilobatus sacculifer"
    assert shipped["Globoturborotalita tenella"].accepted == "Globigerinoides tenellus"
    assert not any(name in shipped for name in FOLDERS if "sacculifer" not in name and "tenella" not in name)


def test_the_folders_of_endless_forams_meet_the_raw_sequences(shared_data):
    _, labels = read_sequences(shared_data / "foram-18s" / "raw_878.csv")
    accepted = {row.name: row.accepted for row in readings(FOLDERS, labels.values(), load())}
    found = match(
        (accepted.get(name, name) for name in FOLDERS), (accepted.get(name, name) for name in labels.values())
    )
    assert len(found.species) == 32
    assert set(found.images_only) == {
        "Globigerinella adamsi",
        "Globorotalia crassaformis",
        "Turborotalita humilis",
    }
    assert len(found.sequences_only) == 6


def test_a_users_table_comes_over_the_shipped_one_and_chains_are_followed(tmp_path):
    found = table(
        tmp_path,
        'Aus_vetus,aus NOVUS\nAus novus,"Bus novus (Smith, 1900)"\nMorphotype 3,Bus novus\n'
        "Globigerinoides trilobus,Globigerinoides sacculifer\nGlobigerina rubra,Globigerina rubra\n",
    )
    assert found["Aus vetus"] == found["Aus novus"] == found["Morphotype 3"] == "Bus novus"
    assert found["Globigerinoides trilobus"] == "Trilobatus sacculifer"
    assert found["Globigerina rubra"] == "Globigerina rubra"  # as the user wants it


def test_a_table_of_suggestions_comes_back(tmp_path):
    """Names that a spreadsheet would run are written with a quote before them."""
    (tmp_path / "own.csv").write_text(synonym_table([Suggestion("=Aus albus", "@Bus", "near spelling")]))
    assert load(tmp_path / "own.csv")["=Aus albus"].accepted == "@Bus"


def test_a_users_table_may_turn_a_shipped_row(tmp_path):
    found = table(tmp_path, "Trilobatus sacculifer,Globigerinoides sacculifer\n")
    assert found["Trilobatus sacculifer"] == "Globigerinoides sacculifer"
    assert "Globigerinoides sacculifer" not in found
    assert found["Globigerina sacculifera"] == "Globigerinoides sacculifer"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A a,\n", r"own\.csv, row 2: an empty cell"),
        (
            "Aus albus,Bus albus\nAus albus,Cus albus\n",
            r"row 3: 'Aus albus' is 'Cus albus' here and 'Bus albus' in .*row 2",
        ),
        (
            "Aus aa,Bus aa\nBus aa,Cus aa\nCus aa,Aus aa\n",
            r"row 2: 'Aus aa'; .*row 3: 'Bus aa'; .*row 4.*in a circle",
        ),
    ],
)
def test_tables_that_contradict_themselves_are_refused(tmp_path, text, message):
    with pytest.raises(DataError, match=message):
        table(tmp_path, text)


def test_a_table_needs_its_columns(tmp_path):
    (tmp_path / "t.csv").write_text("old,new\nAus albus,Bus albus\n")
    with pytest.raises(DataError, match="no column 'synonym'; the columns are old, new"):
        load(tmp_path / "t.csv")


NAMES = st.sampled_from(
    ["Aus aa", "Aus bb", "Aus cc", "Aus dd", "Globigerina rubra", "Globigerinoides ruber"]
)


@given(st.dictionaries(NAMES, NAMES))
def test_every_chain_ends_or_the_table_is_refused(tmp_path_factory, rows):
    try:
        found = table(tmp_path_factory.mktemp("t"), "".join(f"{a},{b}\n" for a, b in rows.items()))
    except DataError:
        assert any(_goes_round(name, rows) for name in rows)
        return
    assert all(found.get(accepted, accepted) == accepted for accepted in found.values())
    assert not any(_goes_round(name, rows) for name in rows)


def _goes_round(name, rows):
    """Whether a name comes back to itself by way of another."""
    first, seen = name, []
    while name in rows and name not in seen and rows[name] != name:
        seen.append(name)
        name = rows[name]
    return name == first and len(seen) > 1


def test_readings_count_what_is_read_as_what():
    images = ["Globigerinoides sacculifer"] * 3 + ["Aus albus minor"] * 2 + ["Bus ruber"]
    sequences = ["Trilobatus sacculifer", "Aus albus", "Bus ruber", "Bus ruber major"]
    assert [str(row) for row in readings(images, sequences, load())] == [
        "read 2 images of 'Aus albus minor' as 'Aus albus' (a subspecies)",
        "read 1 sequence of 'Bus ruber major' as 'Bus ruber' (a subspecies)",
        "read 3 images of 'Globigerinoides sacculifer' as 'Trilobatus sacculifer' (shipped table)",
    ]


def test_subspecies_that_both_sides_have_stay_apart():
    names = ["Aus albus minor", "Aus albus major", "Aus albus"]
    assert readings(names, names, {}) == []


def test_a_subspecies_that_the_user_keeps_is_not_read_as_its_species(tmp_path):
    (tmp_path / "own.csv").write_text("synonym,accepted\nAus albus minor,Aus albus minor\n")
    names = ["Aus albus minor", "Aus albus major"]
    assert [row.name for row in readings(names, ["Aus albus"], load(tmp_path / "own.csv"))] == [
        "Aus albus major"
    ]


def test_open_names_are_read_as_nothing_else():
    assert readings(["Aus cf. albus", "Aus sp.", "Aus albus s.l."], ["Aus albus"], load()) == []
