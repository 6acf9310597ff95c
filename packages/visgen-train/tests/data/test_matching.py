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
