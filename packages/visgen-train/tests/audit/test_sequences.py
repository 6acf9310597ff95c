"""Sequences that are reversed, mislabelled, too short or equal, each planted in a clean set."""

from collections import Counter

import numpy as np
import pytest
import sgt_dna
from visgen_train.audit.sequence_faults import anchor_findings, sequence_findings
from visgen_train.audit.strangers import stranger_findings
from visgen_train.config import AlignConfig

COMPLEMENT = str.maketrans("ACGT", "TGCA")


def changed(sequence, share, rng):
    return "".join(rng.choice(list("ACGT")) if rng.random() < share else base for base in sequence)


@pytest.fixture
def barcodes():
    """Three species of five records, 600 bases; 2 % differ within a species, a third between them."""
    rng = np.random.default_rng(0)
    root = "".join(rng.choice(list("ACGT"), 600))
    conserved = root[:60]
    texts, labels = {}, {}
    for name in ("Aus albus", "Aus niger", "Bus ruber"):
        own = conserved + changed(root[60:], 0.4, rng)
        for number in range(5):
            key = f"{name[0]}{name[4]}{number}"
            texts[key], labels[key] = conserved + changed(own[60:], 0.02, rng), name
    return texts, labels


def findings(texts, labels):
    records = [sgt_dna.Record(key, key, text) for key, text in texts.items()]
    found = [*sequence_findings(records, labels), *stranger_findings(records, labels)]
    return {(finding.kind.name, finding.about): finding.message for finding in found}


def test_a_clean_set_has_none(barcodes):
    assert findings(*barcodes) == {}
    assert findings({}, {}) == {}


def test_reversed_another_marker_and_another_species_are_told_apart(barcodes):
    texts, labels = barcodes
    texts["Aa0"] = texts["Aa0"][::-1].translate(COMPLEMENT)
    rng = np.random.default_rng(1)
    texts["An1"] = "".join(rng.choice(list("ACGT"), 600))
    labels["Br2"] = "Aus albus"
    found = findings(texts, labels)
    assert found.keys() == {
        ("reversed-sequence", ("Aa0",)),
        ("other-marker", ("An1",)),
        ("other-species", ("Br2",)),
    }
    assert "Br2 (Aus albus): nearest are Bus ruber (Br" in found["other-species", ("Br2",)]


def test_a_reversed_sequence_under_a_wrong_name_is_both(barcodes):
    texts, labels = barcodes
    texts["Br0"], labels["Br0"] = texts["Br0"][::-1].translate(COMPLEMENT), "Aus niger"
    assert findings(texts, labels).keys() == {
        ("reversed-sequence", ("Br0",)),
        ("other-species", ("Br0",)),
    }


def test_a_lone_sequence_near_another_species_is_left_alone(barcodes):
    """Nothing says what its own species would look like; sister species may be near."""
    texts, labels = barcodes
    labels["Br0"] = "Bus novus"
    assert findings(texts, labels) == {}


def test_lengths_and_letters(barcodes):
    texts, labels = barcodes
    texts["Aa0"] = texts["Aa0"][:199]
    texts["Aa1"] = texts["Aa1"] * 3 + "A"
    texts["Aa2"] = "N" * 31 + texts["Aa2"][31:]
    texts["Aa3"] = texts["Aa3"] + "-" * 100  # gaps are no letters
    found = findings(texts, labels)
    assert Counter(name for name, _ in found) == {
        "short-sequence": 1,
        "long-sequence": 1,
        "ambiguous-sequence": 1,
    }
    assert found["short-sequence", ("Aa0",)] == "Aa0 (Aus albus): 199 bases, the median is 600"
    assert "5% of 600" in found["ambiguous-sequence", ("Aa2",)]


def test_equal_sequences_of_two_species_whatever_their_spelling(barcodes):
    texts, labels = barcodes
    texts["An0"] = texts["Aa0"].lower().replace("t", "u")
    texts["Aa1"] = texts["Aa2"]  # within a species it is no fault
    found = findings(texts, labels)
    assert found["same-sequence-two-species", ("Aa0", "An0")].startswith("Aus albus = Aus niger: 2 records")
    assert sum(name == "same-sequence-two-species" for name, _ in found) == 1


def test_equal_anchors_are_named(barcodes):
    texts, labels = barcodes
    for number in range(5):
        texts[f"An{number}"] = texts[f"Aa{number}"]
    records = [sgt_dna.Record(key, key, text) for key, text in texts.items()]
    (finding,) = anchor_findings(records, labels, ["Aus albus", "Aus niger", "Bus ruber"], AlignConfig())
    assert finding.kind.name == "bad-anchor"
    assert "Aus albus" in finding.message
    assert "Aus niger" in finding.message
    assert anchor_findings(records, labels, ["Aus albus", "Bus ruber"], AlignConfig()) == []
