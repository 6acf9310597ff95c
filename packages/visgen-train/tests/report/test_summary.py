"""A run's figures in words: which sentence follows from which figures."""

import pytest
from visgen_train.report import summary


def metrics(low, high):
    return {
        "visual": {"per_class": 0.5, "tail": 0.25, "species": dict.fromkeys("abcd")},
        "aligned": {"per_class": 0.512, "tail": 0.2},
        "aligned_minus_visual": {
            "per_class": 0.012,
            "tail": -0.05,
            "intervals": {"per_class": [low, high], "tail": [-0.1, 0.02]},
            "units_that_differ": 9,
        },
        "epochs": {"images": 1, "balance": 0, "align": 1},
        "tail_species": ["a", "b"],
        "tested_species": {"per_class": 4, "tail": 2},
        "tail_below": 20,
        "tail_count": "train",
        "chance": 0.25,
    }


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (-0.0004, "0.0"),
        (0.0004, "0.0"),
        (-0.0, "0.0"),
        (-0.0006, "−0.1"),
        (-0.0125 - 1e-15, "−1.2"),
        (-0.0125, "−1.2"),
        (0.0006, "+0.1"),
        (None, "–"),
    ],
)
def test_what_rounds_to_zero_has_no_sign(value, shown):
    assert summary.points(value) == shown


def test_the_figures_in_words():
    found = metrics(-0.01, 0.03)
    assert summary.per_class(found) == (
        "Per-class accuracy by kNN: 50.0 % from images alone, 51.2 % aligned to the DNA "
        "(+1.2 points, 95 % interval −1.0 to +3.0); chance is 25.0 %."
    )
    assert summary.tail(found) == (
        "2 rare species (under 20 training images) by kNN: 25.0 % from images alone, 20.0 % aligned to the DNA "
        "(−5.0 points, 95 % interval −10.0 to +2.0)."
    )


@pytest.mark.parametrize(
    ("interval", "sentence"),
    [
        ((-0.01, 0.03), "made no difference that these test images can show"),
        ((0.01, 0.03), "recognises more. That does not yet show that genetics helped"),
        ((-0.03, -0.01), "made recognition worse here"),
    ],
)
def test_the_verdict_follows_the_interval_and_names_the_one_seed(interval, sentence):
    verdict = summary.verdict(metrics(*interval))
    assert sentence in verdict
    assert "One seed" in verdict
    assert ("visgen ablate IMAGES SEQUENCES --out FOLDER" in verdict) == ("recognises more" in sentence)


def test_the_figures_of_what_names_species_stand_beside_those_without_dna():
    def held(value):
        return {"per_class": value, "tail": 0.25, "intervals": {"per_class": [0.4, 0.6], "tail": [0.2, 0.3]}}

    chosen = {"classifier": "fused", "without_dna": "fused-shrinkage", "embedding": "visual", "why": "Why."}
    found = {
        "recommended": chosen,
        "classifiers": {"visual": {"fused": held(0.5), "fused-shrinkage": held(0.49)}},
    }
    assert summary.recommended(found) == (
        "Why. Settled before the test images were met, fused recognises 50.0 % (95 % interval 40.0 to 60.0) per class, "
        "25.0 % (95 % interval 20.0 to 30.0) of rare species; the same without DNA (fused-shrinkage) 49.0 %."
    )
    chosen["classifier"] = "fused-shrinkage"
    found["classifiers"]["visual"]["fused-shrinkage"]["tail"] = None
    assert summary.recommended(found).endswith(
        "met, fused-shrinkage recognises 49.0 % (95 % interval 40.0 to 60.0) per class."
    )


def test_no_rare_species_and_none_tested():
    found = metrics(0, 0) | {"tail_species": []}
    assert summary.tail(found) == "No species is rare here (all have 20 training images or more)."
    found = metrics(0, 0) | {"tested_species": {"per_class": 3, "tail": 1}}
    assert summary.tail(found).startswith("1 of 2 rare species, those tested (under 20")
    assert summary.per_class(found).startswith(
        "Per-class accuracy by kNN over the 3 of 4 species with test images: 50.0 %"
    )
    found = metrics(0, 0) | {"tested_species": {"per_class": 3, "tail": 0}}
    assert summary.tail(found).startswith("None of the 2 rare species")


def test_a_handful_of_differing_images_is_no_evidence():
    found = metrics(0.01, 0.5)
    found["aligned_minus_visual"]["units_that_differ"] = 5
    assert "differ on 5 test images or specimens, too few to say which is better" in summary.verdict(found)


@pytest.mark.parametrize(
    ("epochs", "kept", "validation", "sentence"),
    [
        ((2, 0, 1), "best", 3, "Trained on 16 images, epoch chosen on 3"),
        ((2, 1, 0), "last", 3, "Trained on 16 images, last epoch kept"),
        ((2, 0, 0), "best", 0, "Trained on 16 images, last epoch kept, since there are no validation images"),
        ((0, 0, 1), "best", 3, "Start weights, projection alone trained on 16 images, epoch chosen on 3"),
        (
            (0, 1, 1),
            "last",
            3,
            "Start weights, classifier and projection alone trained on 16 images, last epoch kept",
        ),
        ((0, 0, 0), "best", 3, "Nothing trained, 16 images to compare with"),
    ],
)
def test_what_was_trained_depends_on_the_epochs_of_each_stage(epochs, kept, validation, sentence):
    found = {"epochs": dict(zip(("images", "balance", "align"), epochs, strict=True)), "epoch_kept": kept}
    assert summary.trained(found, {"train": 16, "validation": validation}) == sentence


def test_without_stage_1_nothing_is_said_to_come_from_images_alone():
    found = metrics(-0.03, -0.01) | {"epochs": {"images": 0, "balance": 1, "align": 1}}
    assert summary.title(found, "visual") == "start weights"
    assert summary.title(found, "softmax") == "start weights, softmax"
    assert "images alone" not in summary.verdict(found) + summary.per_class(found) + summary.tail(found)
    del found["aligned"]
    assert "its figures are those of the start weights" in summary.verdict(found)


def test_the_papers_way_of_counting_is_named():
    metrics = {"tail_species": [], "tail_below": 100, "tail_count": "all", "tested_species": {"tail": 0}}
    assert summary.tail(metrics) == "No species is rare here (all have 100 images or more)."
