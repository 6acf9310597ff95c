"""DNA names species only where it informs looks, and is of use on the validation images."""

import numpy as np
import pytest
from visgen_train.errors import DataError
from visgen_train.evaluation.classifiers import Fitted
from visgen_train.experiment.recommended import recommend
from visgen_train.experiment.signal import Settings
from visgen_train.experiment.signal.content import likelihood

COUNTS = np.linspace(20, 3, 12).astype(int)


def fitted(weight=0.3, share=0.9, softmax=True, validated=True):
    """Classifiers that are nothing but what validation chose."""
    chosen = {"whitened-means": {"s2": 1.0}, "kriging": {"s2": 1.0, "lambda": share, "length": 0.2}}
    if softmax:
        chosen = {"softmax": {}, "softmax-adjusted": {"tau": 0.5}, **chosen, "fused": {"weight": weight}}
    return {name: Fitted(np.asarray, held, 1.0 if validated else None) for name, held in chosen.items()}


@pytest.fixture
def informed(sample):
    return sample(COUNTS, share=1.0)


@pytest.fixture
def uninformed(sample):
    return sample(COUNTS, share=0.0)


def test_where_dna_informs_looks_it_is_used_and_the_sentence_says_how(informed):
    found = recommend("auto", lambda: informed, fitted())
    assert (found["classifier"], found["embedding"], found["weight"]) == ("fused", "visual", 0.3)
    assert found["without_dna"] == "fused-shrinkage"
    asked = likelihood(informed, Settings())
    assert [found[key] for key in ("p_value", "signal", "signal_interval")] == [
        asked["p_value"],
        asked["signal"],
        asked["signal_interval"],
    ]
    assert found["why"].startswith("DNA informs looks here (p = 0.01; lambda ")
    assert found["why"].endswith(
        ". DNA is used to name species: that is done by fused, the network's output and kriging by DNA, the latter "
        "with weight 0.3."
    )


def test_where_it_does_not_it_is_not_used_unless_it_is_wanted_whatever_the_test_says(uninformed):
    found = recommend("auto", lambda: uninformed, fitted())
    assert found["p_value"] > 0.05
    assert found["classifier"] == found["without_dna"] == "softmax-adjusted"
    assert found["weight"] is None
    assert found["why"].startswith(f"No sign that DNA informs looks here (p = {found['p_value']:.2g}; ")
    assert found["why"].endswith("DNA is not used to name species: that is done by softmax-adjusted.")
    always = recommend("always", lambda: uninformed, fitted())
    assert (always["classifier"], always["p_value"]) == ("fused", found["p_value"])
    assert "No sign" in always["why"]
    assert "DNA is used to name species (evaluate.use_dna=always): " in always["why"]


def test_never_asks_nothing():
    def asked():
        raise AssertionError("asked")

    found = recommend("never", asked, fitted())
    assert (found["classifier"], found["p_value"]) == ("softmax-adjusted", None)
    expected = "DNA is not used to name species (evaluate.use_dna=never): that is done by softmax-adjusted."
    assert found["why"] == expected


@pytest.mark.parametrize(
    ("classifiers", "name", "reason"),
    [
        (fitted(softmax=False), "kriging", "DNA is used to name species: that is done by kriging."),
        (fitted(weight=0.0), "softmax-adjusted", "since on the validation images it helps to name none: "),
        (fitted(weight=0.0, validated=False), "softmax-adjusted", "since there are no validation images to "),
        (fitted(share=0.0), "softmax-adjusted", "since its lambda is 0 at the s2 that validation chose: "),
        (fitted(share=0.0, softmax=False), "whitened-means", "that is done by whitened-means."),
    ],
)
def test_it_is_not_said_to_be_used_where_it_has_no_weight(informed, classifiers, name, reason):
    for use in ("auto", "always"):
        found = recommend(use, lambda: informed, classifiers)
        assert found["classifier"] == name
        assert reason in found["why"].replace(" (evaluate.use_dna=always)", "")


def test_without_a_softmax_and_without_a_sign_the_means_name_them(uninformed):
    assert recommend("auto", lambda: uninformed, fitted(softmax=False))["classifier"] == "whitened-means"


def test_few_species_and_those_that_cannot_be_asked(sample):
    five = sample(np.full(5, 20), share=1.0)
    found = recommend("auto", lambda: five, fitted())
    assert found["classifier"] == "softmax-adjusted"
    assert found["why"].startswith(
        "Too few species to say whether DNA informs looks: 5, and it takes 6 (p = "
    )

    def impossible():
        raise DataError("all alike.")

    without = {name: held for name, held in fitted().items() if name not in ("kriging", "fused")}
    for use, why in (
        ("auto", "DNA is not used to name species: "),
        ("always", "since kriging is not possible"),
    ):
        found = recommend(use, impossible, without)
        assert found["classifier"] == "softmax-adjusted"
        assert found["why"].startswith("Whether DNA informs looks cannot be asked here: all alike. ")
        assert why in found["why"]
