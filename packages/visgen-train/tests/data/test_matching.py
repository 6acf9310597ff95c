"""Species of images met with species of sequences, and what is suggested for those that do not meet."""

import difflib
import re

import numpy as np
from visgen_train.data.matching import Match, match, suggestions


def test_match_is_by_equal_names_alone_and_suggests_near_ones():
    found = match(
        ["Aus albus", "Aus albus", "Bus rubr", "bus niger"],
        ["Aus albus", "Bus ruber", "Bus niger", "Zus zus"],
    )
    assert found.species == ("Aus albus",)
    assert found.images_only == {"Bus rubr": 1, "bus niger": 1}
    assert not found.complete
    lines = [line.split("  ") for line in found.table().splitlines()]
    rows = {words[1]: [word.strip() for word in words[2:] if word.strip()] for words in lines}
    assert rows["Bus rubr"] == ["1", "-", "Bus ruber"]
    assert rows["bus niger"][-1] == "Bus niger"
    assert rows["Zus zus"] == ["-", "1"]
    left = found.table(pictured=False)
    assert [line.split("  ")[1] for line in left.splitlines()[1:]] == ["Bus niger", "Bus ruber", "Zus zus"]


def suggested(images, sequences, both=()):
    found = suggestions(Match(tuple(both), dict.fromkeys(images, 1), dict.fromkeys(sequences, 1)))
    return {(row.name, row.other): row.why for row in found}


def test_suggestions_say_why():
    near, short, epithet = "near spelling", "an abbreviation", "the same epithet, but for genus or ending"
    assert suggested(["Globigerina buloides"], ["Globigerina bulloides"]) == {
        ("Globigerina buloides", "Globigerina bulloides"): near
    }
    assert suggested(["G. bulloides"], ["Globigerina bulloides"]) == {
        ("G. bulloides", "Globigerina bulloides"): short
    }
    assert suggested([], ["Globigerinella siph"], ["Globigerinella siphonifera"]) == {
        ("Globigerinella siph", "Globigerinella siphonifera"): short
    }
    assert suggested(["Globoturborotalita tenella"], ["Globigerinoides tenellus"]) == {
        ("Globoturborotalita tenella", "Globigerinoides tenellus"): epithet
    }
    assert suggested(["Aus albus minor white"], ["Aus albus"]) == {
        ("Aus albus minor white", "Aus albus"): "the same species, with more words"
    }
    assert suggested(["Globigerinoides ruber"], ["Globigerinoides ruber-albus"]) == {
        ("Globigerinoides ruber-albus", "Globigerinoides ruber"): "the same species, with more words"
    }


def test_nothing_is_suggested_for_other_species_or_open_names_or_where_two_fit():
    assert suggested(["Globigerinella adamsi"], ["Globigerinella calida", "Globigerinella radians"]) == {}
    assert suggested(["Culex cf. pipiens", "Culex sp."], ["Culex pipiens"]) == {}
    assert suggested(["G. ruber"], ["Globigerinoides ruber", "Globorotalia ruber"]) == {}


def test_suggestions_make_a_table_without_circles():
    names = [
        f"{genus} {epithet}"
        for genus in ("Aus", "Bus", "Auus")
        for epithet in ("rubra", "ruber", "rubrum", "alba")
    ]
    found = suggestions(Match((), dict.fromkeys(names[::2], 1), dict.fromkeys(names[1::2], 1)))
    accepted = {row.name: row.other for row in found}
    assert len(accepted) == len(found) >= 3
    for name in accepted:
        seen = [name]
        while seen[-1] in accepted:
            assert accepted[seen[-1]] not in seen
            seen.append(accepted[seen[-1]])


def test_names_that_are_settled_are_suggested_for_nothing():
    found = match(["Bus ruber", "Cus albus"], ["Bus rubber", "Cus albus"])
    assert [one.name for one in suggestions(found)] == ["Bus ruber"]
    assert suggestions(found, {"Bus ruber"}) == suggestions(found, {"Bus rubber"}) == []
    assert [one.name for one in suggestions(found, {"Cus albus"})] == ["Bus ruber"]
    rejected = match(["Bus ruber", "Aus albus"], ["Bus rubber", "Aus albus"])
    assert [row.split()[-1] for row in rejected.table().splitlines()[1:]] == ["rubber", "ruber"]
    assert [row.split()[-1] for row in rejected.table(settled={"Bus ruber"}).splitlines()[1:]] == ["-", "1"]


def compared_one_by_one(name, others):
    """The rule, without any index."""
    near = difflib.get_close_matches(name.casefold(), [other.casefold() for other in others], 5, 0.8)
    for spelt in near:
        words = zip(name.casefold().split(), spelt.split(), strict=True)
        if all(difflib.SequenceMatcher(None, *pair).ratio() >= 0.8 for pair in words):
            return next(other for other in others if other.casefold() == spelt)
    genus, epithet = name.split()
    short = [other for other in others if all(map(str.startswith, other.split(), (genus, epithet)))]
    endings = ("us", "um", "is", "a", "e")
    stem = re.compile(f"(?:{'|'.join(endings)})$")
    same = [other for other in others if stem.sub("", other.split()[1]) == stem.sub("", epithet)]
    return next((fitting[0] for fitting in (short, same) if len(fitting) == 1), None)


def test_the_names_of_many_are_those_of_comparing_each_with_each():
    rng = np.random.default_rng(0)
    pieces = ["glo", "bi", "tri", "lo", "neo", "qua", "dri", "hast", "ul", "ord"]

    def name():
        genus, epithet = ("".join(rng.choice(pieces, rng.integers(2, 4))) for _ in range(2))
        return f"{genus.capitalize()} {epithet}{rng.choice(['us', 'a', 'um', 'is', 'ense'])}"

    names, others = ([name() for _ in range(150)] for _ in range(2))
    names += [other[:-4] + other[-3:] for other in others[:40]]
    names, others = sorted(set(names) - set(others)), sorted(set(others) - set(names))
    wanted = {name: found for name in names if (found := compared_one_by_one(name, others))}
    found = suggestions(Match((), dict.fromkeys(names, 1), dict.fromkeys(others, 1)))
    assert {one.name: one.other for one in found if one.name in names} == wanted
    assert len({one.why for one in found}) >= 2


def test_the_table_of_a_message_is_short_and_says_what_is_perhaps_meant_first():
    many = [f"{letter}us {'ab' * number}us" for number, letter in enumerate("BCDFGHJKLM" * 6, start=2)]
    lines = match(["Aus albus", *many], ["Aus allbus"]).table().splitlines()
    assert lines[1].split() == ["Aus", "albus", "1", "-", "Aus", "allbus"]
    assert (len(lines), lines[-1]) == (42, "  and 22 more")
