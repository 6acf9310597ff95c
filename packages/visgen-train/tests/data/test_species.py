"""Species names read from any text: genus, epithet, and what is not surely a species."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from visgen_train.data.matching import match, suggestions
from visgen_train.data.species import Name, canonical, is_open, normalise, parse, species_of
from visgen_train.data.synonyms import readings

PARTS = """Globigerina GLOBIGERINA bulloides BULLOIDES ruber-albus cf. aff sp. sp spp. 1 A ssp. subsp. var. f. x × ? _ '
d'Orbigny, Brady, (Parker & Jones, 1826 1865) L. (L.) Mill. complex s.l. s.s. (Hirsutella) female type1 IIb ß İ é \u200b
arctos minor
"""
WORDS = st.sampled_from(PARTS.split())


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Globigerina bulloides", "Globigerina bulloides"),
        ("  Globigerina__bulloides\u00a0", "Globigerina bulloides"),
        ("globigerina BULLOIDES", "Globigerina bulloides"),
        ("Globigerina\u200b bulloides", "Globigerina bulloides"),
        ("'Globigerina bulloides'", "Globigerina bulloides"),
        ("Globigerina bulloides d'Orbigny, 1826", "Globigerina bulloides"),
        ("Globigerina bulloides d\u2019Orbigny 1826", "Globigerina bulloides"),
        ("Globigerina bulloides, d'Orbigny", "Globigerina bulloides"),
        ("Pulleniatina obliquiloculata (Parker & Jones, 1865)", "Pulleniatina obliquiloculata"),
        ("Trilobatus sacculifer (Brady, 1877) Spezzaferri et al., 2015", "Trilobatus sacculifer"),
        ("Aus albus de la Cruz & van der Hoeven, 1901", "Aus albus"),
        ("Bellis perennis L.", "Bellis perennis"),
        ("Abies alba (L.) H.Karst.", "Abies alba"),
        ("Globorotalia (Hirsutella) hirsuta", "Globorotalia hirsuta"),
        ("Globigerinoides ruber\u2011albus", "Globigerinoides ruber-albus"),
        ("Globigerina bulloides-IIb", "Globigerina bulloides-IIb"),
        ("Aedes aegypti ssp. formosus (Walker, 1848)", "Aedes aegypti formosus"),
        ("Aedes aegypti formosus", "Aedes aegypti formosus"),
        ("Bison bison bison", "Bison bison bison"),
        ("Falco peregrinus brookei Sharpe, 1873", "Falco peregrinus brookei"),
        ("Canis lupus ssp. arctos", "Canis lupus subsp. arctos"),
        ("Aus albus var. minor L.", "Aus albus var. minor"),
        ("Anopheles gambiae s.s.", "Anopheles gambiae"),
        ("Anopheles gambiae sensu lato", "Anopheles gambiae sensu lato"),
        ("Culex pipiens complex", "Culex pipiens complex"),
        ("Culex sp.", "Culex sp."),
        ("Culex_sp1", "Culex sp. 1"),
        ("Culex sp. nov. A", "Culex sp. nov. A"),
        ("Culex aff pipiens Linnaeus, 1758", "Culex aff. pipiens"),
    ],
)
def test_names(text, name):
    assert str(parse(text)) == canonical(text) == name


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "Debris",
            "Morphotype 3",
            "class 12",
            "Class A1",
            "bulloides",
            "G. bulloides",
            "unknown species",
        ),
        *(
            "Dead and broken",
            "Quercus x rosacea",
            "Salix × rubens",
            "Globigerina bulloides?",
            "Globigerina ?bulloides",
        ),
        *("Globigerinoides ruber (white)", "Neogloboquadrina pachyderma dextral", "Aedes aegypti female"),
        *(
            "Globigerina bulloides IIb",
            "Canis lupus arctos",
            "Aedes aegypti Liverpool",
            "Aedes aegypti St. Louis",
            "Globigerina d'Orbigny, 1826",
        ),
    ],
)
def test_what_is_not_surely_a_species_keeps_its_spelling(text):
    assert parse(text) is None
    assert canonical(f" {text.replace(' ', '_')}") == text


OTHER_WORDS = """unknown juvenile broken test damaged fragment blurry new old copy good bad unsure spiral umbilical side
edge top large small fossil recent holotype cropped duplicate image images specimens data extra anterior larva view"""


@pytest.mark.parametrize("word", OTHER_WORDS.split())
def test_a_third_word_that_may_be_anything_makes_no_subspecies_and_asks(word):
    name = f"Globigerina bulloides {word}"
    assert species_of(name) is None
    assert readings([name], ["Globigerina bulloides"], {}) == []
    (asked,) = suggestions(match([name, "Aus albus"], ["Globigerina bulloides", "Aus albus"]))
    assert (asked.name, asked.other) == (name, "Globigerina bulloides")


def test_the_parts_of_a_name():
    assert parse("Globorotalia (Hirsutella) hirsuta (d'Orbigny, 1839)") == Name(
        "Globorotalia", "hirsuta", authority="(d'Orbigny, 1839)"
    )
    assert parse("Culex cf. pipiens") == Name("Culex", "pipiens", "cf.")
    assert parse("Culex sp. 1") == Name("Culex", qualifier="sp. 1")
    assert parse("Aedes aegypti subsp. formosus") == Name("Aedes", "aegypti", infraspecific="formosus")


def test_open_names_and_subspecies_are_told_apart():
    names = ("Culex sp.", "Culex cf. pipiens", "Culex pipiens s.l.", "Culex pipiens", "Debris")
    assert [is_open(name) for name in names] == [True, True, True, False, False]
    names = (
        "Culex pipiens molestus",
        "Culex pipiens var. minor",
        "Culex pipiens",
        "Culex cf. pipiens",
        "Debris",
    )
    assert [species_of(name) for name in names] == ["Culex pipiens", "Culex pipiens", None, None, None]


def test_normalise_makes_blanks_underscores_and_unicode_forms_one():
    assert normalise("  Aus__albus\u00a0") == "Aus albus"
    assert normalise("Aus e\u0301") == normalise("Aus \u00e9")


@given(st.text(max_size=60) | st.lists(WORDS, max_size=7).map(" ".join))
def test_any_text_is_read_or_not_and_a_name_reads_as_itself(text):
    name = parse(text)
    if name is None:
        assert canonical(text) == normalise(text) == normalise(normalise(text))
    else:
        again = parse(str(name))
        assert again is not None
        assert (str(again), again.species) == (str(name), name.species)
        assert canonical(canonical(text)) == canonical(text)


def test_long_texts_are_read_in_no_time():
    assert parse("Aus albus " + "A." * 90 + "1") is None
    assert parse("Aus albus " + "A" * 10**6) is None
