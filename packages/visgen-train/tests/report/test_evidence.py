"""The verdict of an ablation: which sentence follows from which intervals."""

import re

import pytest
from visgen_train.report.evidence import lines, verdict

FIXED = (
    "This was fixed beforehand to one recipe, one classifier (knn) and these figures; the tables hold many more, of "
    "which some may leave out zero by chance."
)


def estimate(mean, low, high):
    return {"mean": mean, "low": low, "high": high, "seeds": [mean] * 3}


UP, FLAT, DOWN = estimate(0.032, 0.01, 0.051), estimate(0.006, -0.009, 0.021), estimate(-0.03, -0.05, -0.01)
GAIN, HARM = estimate(0.08, 0.04, 0.12), estimate(-0.12, -0.16, -0.08)


def test_above_shuffled_and_above_no_dna_the_dna_helped(with_differences):
    found = verdict(
        with_differences(
            {
                "shuffled": {"per_class": UP, "tail": None},
                "none": {"per_class": HARM},  # the same steps tell more
                "same-steps": {"per_class": GAIN},
            }
        )
    )
    assert found == (
        "Per class, ltr-aligned recognised 3.2 points more with real than with shuffled DNA (95 % interval of the "
        "difference +1.0 to +5.1). Real DNA minus the same steps without anchors is +8.0 points (+4.0 to +12.0): the "
        f"DNA itself helped. {FIXED}"
    )


@pytest.mark.parametrize("unbounded", [{}, {"same-steps": {"per_class": estimate(0.1, None, None)}}])
def test_beside_the_network_before_alignment_alone_more_training_stays_possible(with_differences, unbounded):
    controls = {"shuffled": {"per_class": UP}, "none": {"per_class": GAIN}, **unbounded}
    assert (
        "Real DNA minus the network before alignment is +8.0 points (+4.0 to +12.0): the DNA itself helped, unless "
        "as many steps without anchors do as much, which was not compared."
    ) in verdict(with_differences(controls))


@pytest.mark.parametrize(
    ("gain", "meaning"),
    [
        (FLAT, "+0.6 points (−0.9 to +2.1): {no_better}"),
        (estimate(0.03, 0.0, 0.06), "+3.0 points (0.0 to +6.0): {no_better}"),
        (estimate(-0.03, -0.06, 0.0), "−3.0 points (−6.0 to 0.0): {no_better}"),
        (HARM, "−12.0 points (−16.0 to −8.0): {worse}"),
    ],
)
@pytest.mark.parametrize(
    ("against", "what"),
    [("same-steps", "the same steps without anchors"), ("none", "the network before alignment")],
)
def test_wrong_anchors_that_harm_do_not_make_the_dna_help(with_differences, against, what, gain, meaning):
    found = verdict(with_differences({"shuffled": {"per_class": UP}, against: {"per_class": gain}}))
    said = meaning.format(
        no_better="right anchors did better than wrong ones, but no better than no DNA that these images can show, so "
        "no gain over leaving the DNA out is shown",
        worse="right anchors did better than wrong ones, and both worse than leaving the DNA out",
    )
    assert f" Real DNA minus {what} is {said}. {FIXED}" in found
    assert "helped" not in found


def test_above_shuffled_without_a_control_without_dna_is_not_help(with_differences):
    found = verdict(with_differences({"shuffled": {"per_class": UP}, "collinear": {"per_class": GAIN}}))
    assert "It was not compared with no DNA: right anchors may have done good, or wrong ones harm." in found
    assert "helped" not in found


def test_below_zero_the_real_dna_did_worse(with_differences):
    found = verdict(with_differences({"shuffled": {"per_class": DOWN}}))
    assert "3.0 points less with real than with shuffled DNA" in found
    assert "(95 % interval of the difference −5.0 to −1.0): the real DNA did worse." in found
    assert "helped" not in found


@pytest.mark.parametrize(("low", "high"), [(-0.009, 0.021), (0.0, 0.021), (-0.009, 0.0)])
def test_an_interval_that_holds_zero_shows_nothing(with_differences, low, high):
    found = verdict(with_differences({"shuffled": {"per_class": estimate(0.006, low, high)}}))
    assert found.startswith(
        "No genetic effect that these 3 seeds and 960 test images can show: per class, ltr-aligned with real minus "
        "with shuffled DNA is +0.6 points; effects within "
    )
    assert "helped" not in found
    assert "worse" not in found


def test_no_effect_names_the_effects_that_may_have_been_missed(with_differences):
    found = verdict(with_differences({"shuffled": {"per_class": estimate(0.011, -0.012, 0.034)}}))
    assert "+1.1 points; effects within −1.2 to +3.4 points (95 % interval) cannot be ruled out." in found


@pytest.mark.parametrize("shuffled", [FLAT, DOWN])
def test_a_gain_over_the_same_steps_is_not_called_genetic(with_differences, shuffled):
    found = verdict(
        with_differences(
            {
                "shuffled": {"per_class": shuffled},
                "same-steps": {"per_class": GAIN},
                "none": {"per_class": estimate(0.2, 0.1, 0.3)},
            }
        )
    )
    assert (
        "With real DNA it did recognise 8.0 points more than the same steps without anchors (95 % interval +4.0 to "
        "+12.0): as far as these figures can show, training towards fixed targets alone can account for that gain."
    ) in found
    assert "20.0" not in found


def test_a_gain_over_no_alignment_alone_may_be_further_training(with_differences):
    controls = {
        "shuffled": {"per_class": FLAT},
        "same-steps": {"per_class": FLAT},
        "none": {"per_class": GAIN},
    }
    found = verdict(with_differences(controls))
    assert "8.0 points more than the network before alignment (95 % interval +4.0 to +12.0)" in found
    assert "further training or fixed targets alone can account for that gain" in found
    flat = verdict(with_differences({key: {"per_class": FLAT} for key in controls}))
    assert "points more" not in flat


def test_without_shuffled_dna_nothing_is_concluded(with_differences):
    found = verdict(with_differences({"same-steps": {"per_class": GAIN}}))
    assert found.startswith(
        "No control with shuffled DNA was run, so nothing about genetics can be concluded: anchors are also class "
        "targets, and any might do. With real DNA it did recognise 8.0 points more"
    )
    assert "that gain may come from training towards fixed targets alone." in found
    unbounded = estimate(0.1, None, None)
    for missing in (None, unbounded):
        found = verdict(with_differences({"shuffled": {"per_class": missing, "tail": UP}}))
        assert found.startswith(
            "Real and shuffled DNA could not be compared, for want of an interval, so nothing"
        )


def test_nothing_aligned(unaligned_content):
    found = verdict(unaligned_content)
    assert found == "Nothing was aligned to the DNA here, so nothing about genetics can be concluded."
    assert lines(unaligned_content)[-2:] == ["", found]


@pytest.mark.parametrize(
    ("per_class", "tail", "meaning"),
    [
        (UP, GAIN, "+8.0 points (+4.0 to +12.0), above zero, though not compared with no DNA."),
        (
            FLAT,
            GAIN,
            "+8.0 points (+4.0 to +12.0), above zero, though not compared with no DNA, a hint and no more, since all "
            "species together do not show it.",
        ),
        (UP, DOWN, "−3.0 points (−5.0 to −1.0), below zero, a hint"),
        (DOWN, DOWN, "−3.0 points (−5.0 to −1.0), below zero."),
        (UP, FLAT, "+0.6 points (−0.9 to +2.1), which can be chance."),
    ],
)
def test_rare_species_have_a_sentence_of_their_own(with_differences, per_class, tail, meaning):
    found = verdict(with_differences({"shuffled": {"per_class": per_class, "tail": tail}}))
    assert f"On the 3 rare species (under 20 training images) the difference is {meaning}" in found


HINT = ", a hint and no more, since all species together do not show it"


@pytest.mark.parametrize(
    ("per_class", "gain", "tail_gain", "meaning"),
    [
        (UP, GAIN, GAIN, "+8.0 points (+4.0 to +12.0), above zero too."),
        (UP, GAIN, FLAT, "+0.6 points (−0.9 to +2.1), so no gain over leaving the DNA out is shown."),
        (UP, GAIN, HARM, "−12.0 points (−16.0 to −8.0), so leaving the DNA out does better."),
        (UP, FLAT, GAIN, f"+8.0 points (+4.0 to +12.0), above zero too{HINT}."),
        (UP, FLAT, FLAT, "+0.6 points (−0.9 to +2.1), so no gain over leaving the DNA out is shown."),
        (
            FLAT,
            GAIN,
            FLAT,
            f"+0.6 points (−0.9 to +2.1), so no gain over leaving the DNA out is shown{HINT}.",
        ),
    ],
)
def test_rare_species_are_compared_with_no_dna_too(with_differences, per_class, gain, tail_gain, meaning):
    controls = {
        "shuffled": {"per_class": per_class, "tail": UP},
        "same-steps": {"per_class": gain, "tail": tail_gain},
    }
    assert (
        "the difference is +3.2 points (+1.0 to +5.1), above zero, and from the same steps without anchors "
        f"{meaning} "
    ) in verdict(with_differences(controls))


@pytest.mark.parametrize(
    ("seeds", "number", "caveat"),
    [
        (
            (7,),
            12,
            "One seed: the interval covers the choice of test images (or specimens), not the chance in training.",
        ),
        ((7, 8), 12, "2 seeds say little about the chance in training. "),
        ((7, 8), 5, "2 seeds say little about the chance in training; with 5 species there are few ways"),
        ((7, 8, 9), 5, "With 5 species there are few ways to shuffle: this is a rehearsal, not evidence."),
    ],
)
def test_a_small_trial_says_so_and_does_not_conclude(with_differences, seeds, number, caveat):
    controls = {"shuffled": {"per_class": UP}, "same-steps": {"per_class": GAIN}}
    found = verdict(with_differences(controls, seeds=seeds, number=number))
    assert caveat in found
    assert "this would mean that the DNA itself helped, but it is too small a trial to say so." in found
    enough = verdict(with_differences(controls, number=6))
    assert "rehearsal" not in enough
    assert ": the DNA itself helped." in enough
    assert "seed" not in enough
    flat = verdict(with_differences({"shuffled": {"per_class": FLAT}}, seeds=(7,)))
    assert "that this 1 seed and 960 test images can show" in flat


def test_seeds_added_after_a_verdict_are_named(with_differences):
    controls = {"shuffled": {"per_class": UP}, "same-steps": {"per_class": GAIN}}
    assert verdict(with_differences(controls, seeds_before=[2, 3], seeds=(1, 2, 3, 4))).endswith(
        "helped. This was fixed beforehand to one recipe, one classifier (knn) and these figures, but not to these "
        "seeds: seeds were added after a verdict had been seen (number of seeds then: 2, 3), which makes chance "
        "findings likelier."
    )


@pytest.mark.parametrize("per_class", [UP, FLAT, DOWN, None])
@pytest.mark.parametrize("gain", [GAIN, HARM])
def test_the_worst_verdict_has_five_sentences(with_differences, per_class, gain):
    controls = {
        "shuffled": {"per_class": per_class, "tail": GAIN},
        "same-steps": {"per_class": gain, "tail": FLAT},
    }
    found = verdict(with_differences(controls, seeds=(7,), number=5, seeds_before=[3]))
    assert len(re.findall(r"\.(?: |$)", found)) <= 5
    assert not re.search("use [0-9]|--seeds|more seeds|test again", found)
