"""Tables of labels: what is read, and the line of what is wrong."""

import re

import pytest
from sgt_dna.errors import LabelError
from sgt_dna.labels import read_labels


@pytest.fixture
def table(tmp_path):
    def write(content):
        path = tmp_path / "labels.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.mark.parametrize(
    "content",
    [
        "id,species\na,ruber\nb,nitida\n",
        "\ufeffid,species\r\na,ruber\r\nb,nitida\r\n",
        "id,species\ra,ruber\rb,nitida\r",
        'species,"id",note\nruber,a,"two\nlines"\nnitida,b,',
        "\n id , species \n\n a , ruber \n,\nb,nitida\n\n",
    ],
)
def test_tables_as_programs_write_them(table, content):
    assert read_labels(table(content)) == {"a": "ruber", "b": "nitida"}


def test_another_column(table):
    path = table("id,genus,species\na,Globigerina,bulloides\n")
    assert read_labels(path, "genus") == {"a": "Globigerina"}
    assert read_labels(path, "id") == {"a": "a"}


@pytest.mark.parametrize(
    ("content", "message", "line"),
    [
        ("id,name\na,b\n", "there is no column 'species'; the columns are 'id', 'name'", 1),
        ("species\nruber\n", "there is no column 'id'; the columns are 'species'; columns are separated", 1),
        ("id;species\na;ruber\n", "the columns are 'id;species'; columns are separated by commas", 1),
        ("id,species,id\na,b,c\n", "the column 'id' stands twice; the columns are 'id', 'species', 'id'", 1),
        ("", "there is no column 'id'; the columns are none", 1),
        ("id,species\na,ruber,x\n", "line 2: 3 cells where the header line has 2", 2),
        ("id,species\n\na\n", "line 3: 1 cells where the header line has 2", 3),
        ("id,species\na,ruber\n,nitida\n", "line 3: the id is empty; fill it in", 3),
        ("id,species\na, \n", "line 2: the species is empty; fill it in or remove the row", 2),
        ('id,species\na,"two\nlines"\nb,x\na,y\n', "line 5: the id 'a' stands in line 2 too; remove one", 5),
        ('id,species\na,b\nc,"d"e\n', "line 3: no valid CSV (", 3),
        ('id,species\na,b\nc,"d\n', "line 3: no valid CSV (unexpected end of data)", 3),
        ("id,species\na,ru\0ber\n", "line 2: a NUL character", 2),
        ("id,species\na,é\n".encode("latin-1"), "not UTF-8 text; save the table as CSV in UTF-8", None),
        ("id,species\na,b\n".encode("utf-16"), "not UTF-8 text", None),
    ],
)
def test_bad_tables_are_refused(table, content, message, line):
    path = table(content)
    with pytest.raises(LabelError, match=re.escape(message)) as caught:
        read_labels(path)
    assert (caught.value.file, caught.value.line) == (str(path), line)


def test_a_table_that_is_not_there(tmp_path):
    with pytest.raises(LabelError, match="absent.csv: cannot be read: No such file or directory"):
        read_labels(tmp_path / "absent.csv")
