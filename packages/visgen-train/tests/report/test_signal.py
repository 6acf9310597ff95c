"""The verdict says no more than p-value and intervals do."""

import pytest
from visgen_train.report.signal import lines, verdict


def estimate(mean, low, high):
    return {"mean": mean, "low": low, "high": high}


def content(p=0.01, signal=(0.9, 0.6, 1.0), gain=(0.042, 0.01, 0.07), over_none=0.01, told=0.2, species=24):
    shares = {arm: estimate(0.5, 0.4, 0.6) for arm in ("real", "shuffled", "independent")}
    row = {"images": 1, "species": 24, **shares}
    row |= {"real_minus_shuffled": estimate(*gain), "real_minus_independent": estimate(0.04, over_none, 0.07)}
    top1 = {"real": estimate(0.5, 0.4, 0.6), "shuffled": estimate(0.17, 0.1, 0.2), "chance": 1 / 6}
    top1 |= {"real_minus_shuffled": estimate(0.33, told, 0.4)}
    return {
        "species": species,
        "images": 1200,
        "distance": "kmer",
        "gain": 40.2,
        "highest_permuted_gain": 3.1,
        "permutations": 99,
        "p_value": p,
        "signal": signal[0],
        "signal_interval": list(signal[1:]),
        "few_shot": [row],
        "zero_shot": {"species": 24, "at_once": 6, "top1": top1, "top3": None},
        "notes": ["one \u202e note"],
    }


@pytest.mark.parametrize(
    ("changes", "begins"),
    [
        ({}, "DNA informs looks here (p = 0.01; lambda 0.9, 0.6 to 1): relatives look alike."),
        ({"p": 0.05}, "DNA informs looks here"),
        (
            {"p": 0.06},
            "That DNA informs looks here is not told from chance (p = 0.06; lambda 0.9, 0.6 to 1): the interval of "
            "lambda is above 0, but distances dealt out to other species fit as well too often. With 24 species ",
        ),
        ({"p": 0.02, "signal": (0.4, 0.0, 0.9)}, "A hint, no more, that DNA informs looks here (p = 0.02; "),
        (
            {"p": 0.4, "signal": (0.1, 0.0, 0.7)},
            "No sign that DNA informs looks here (p = 0.4; lambda 0.1, 0 to 0.7). With 24 species a lambda below 0.7 "
            "could go unseen. ",
        ),
        (
            {"p": 1.0, "signal": (0.0, 0.0, 1.0)},
            "No sign that DNA informs looks here (p = 1; lambda 0, 0 to 1). With 24 species any lambda could go",
        ),
        ({"species": 5}, "Too few species to say whether DNA informs looks: 5, and it takes 6 (p = 0.01; "),
    ],
)
def test_what_it_claims(changes, begins):
    found = verdict(content(**changes))
    assert found.startswith(begins)
    assert ("informs looks here (" in found.split("No sign")[0].split("A hint")[0]) == begins.startswith(
        "DNA"
    )


@pytest.mark.parametrize(
    ("changes", "has"),
    [
        ({}, "Where a species has 1 image, it adds +4.2 (+1.0 to +7.0) points over shuffled DNA, +4.0 "),
        (
            {"gain": (0.042, -0.001, 0.09)},
            "Where a species has 1 image, no gain is shown: +4.2 (−0.1 to +9.0) ",
        ),
        ({"over_none": -0.01}, "no gain is shown: "),
        ({}, "relatives tell who is who: 50.0 % (40.0 to 60.0) right among 6, chance 16.7 %."),
        ({"told": -0.01}, "relatives are not shown to tell who is who: "),
    ],
)
def test_what_dna_adds(changes, has):
    assert has in verdict(content(**changes))


def test_lines_hold_every_figure():
    found = lines(content())
    assert found[1].endswith("40.2; highest of 99 species permutations 3.1, p = 0.01")
    assert found[2] == "lambda 0.9, 0.6 to 1 (95 % interval)"
    assert any(line.startswith("none, first of 6") and "16.7 (chance)" in line for line in found)
    assert "Note: one \\u202e note" in found
    bare = content() | {"few_shot": [], "zero_shot": None}
    assert not any("Recognised" in line for line in lines(bare))
    assert "Where a species" not in verdict(bare)
    assert verdict(bare).endswith("(distances here: kmer).")
