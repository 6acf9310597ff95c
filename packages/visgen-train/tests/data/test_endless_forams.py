"""The 35 folders of the Endless Forams archive, however they are spelled."""

from pathlib import PurePosixPath

import pytest
from visgen_train.data.endless_forams import sources, species_of, table
from visgen_train.errors import DataError


def test_the_table_is_that_of_the_paper(shared_data):
    """Numbers are the classes of the published sequences, less one; names theirs, where pictures have others."""
    lines = (shared_data / "foram-18s" / "labels.csv").read_text().splitlines()
    columns = lines[0].split(",")
    rows = [dict(zip(columns, line.split(","), strict=True)) for line in lines[1:]]
    published = {int(row["class"]) - 1: row["species"] for row in rows}
    ours = {
        one.paper_number: one.name_in_sequences or one.name for one in table() if one.paper_number is not None
    }
    assert ours == published


def test_thirty_five_folders_in_order():
    assert [one.folder for one in table()] == list(range(35))
    assert sorted(one.paper_number for one in table() if one.paper_number is not None) == list(range(32))


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("12 - Globigerinoides sacculifer", "Globigerinoides sacculifer"),
        ("27-Neogloboquadrina incompta", "Neogloboquadrina incompta"),
        ("4 -Globigerinella adamsi", "Globigerinella adamsi"),
        ("7- Globigerinita glutinata", "Globigerinita glutinata"),
        ("6 - Globigerinella siph ", "Globigerinella siphonifera"),
        (" 14  -  Globorotalia  crassaformis ", "Globorotalia crassaformis"),
        ("03 - globigerina_falconensis", "Globigerina falconensis"),
        ("12 - Globigerinoides ruber", None),  # 11
        ("6 - Globigerinella", None),
        ("6 - Globigerinella s", None),
        ("6 - Globigerinella siphonifera sp", None),
        ("35 - Globigerina bulloides", None),
        ("Globigerina bulloides", None),
        ("", None),
    ],
)
def test_folders_as_they_are_spelled(folder, name):
    found = species_of(folder)
    assert (found and found.name) == name


def found_in(*paths):
    return sources([PurePosixPath(path) for path in paths], "archive")


def test_pictures_stand_in_the_folder_or_its_images_and_folders_in_others():
    found, missing = found_in(
        "a/b/2 - Globigerina bulloides/images/x.jpg",
        "a/b/2 - Globigerina bulloides/thumbs/x.jpg",
        "a/b/1 - Candeina nitida/z.jpg",
        "a/b/1 - Candeina nitida/more/y.jpg",
    )
    assert [(str(one.path.relative_to("a/b")), one.target) for one in found] == [
        ("1 - Candeina nitida/more/y.jpg", "Candeina_nitida/y.png"),
        ("1 - Candeina nitida/z.jpg", "Candeina_nitida/z.png"),
        ("2 - Globigerina bulloides/images/x.jpg", "Globigerina_bulloides/x.png"),
    ]
    assert len(missing) == 33


def test_one_class_folder_alone_is_no_wrapper():
    assert found_in("2 - Globigerina bulloides/images/x.jpg")[0][0].species.folder == 2


def test_unknown_folders_are_all_named():
    with pytest.raises(
        DataError, match="archive: folders of no known species: none at all, '99 - Aus bus', 'Aus bus'"
    ):
        found_in("Aus bus/x.jpg", "99 - Aus bus/x.jpg", "2 - Globigerina bulloides/x.jpg", "loose.jpg")
    with pytest.raises(DataError, match="archive: no pictures"):
        found_in()


def test_two_pictures_never_meet_in_one_crop():
    with pytest.raises(
        DataError, match=r"the crops of .*'2 - Globigerina bulloides/X.png' .* would have one name"
    ):
        found_in("2 - Globigerina bulloides/x.jpg", "2 - Globigerina bulloides/X.png")
    with pytest.raises(DataError, match="would have one name"):
        found_in("2 - Globigerina bulloides/x.jpg", "2-Globigerina bulloides/x.jpg")
