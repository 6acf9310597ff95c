"""The closing lines of an ablation: aligned, and within the width of a terminal."""

from visgen_train.report.evidence import lines, verdict


def estimate(mean, low, high):
    return {"mean": mean, "low": low, "high": high, "seeds": [mean] * 3}


UP, FLAT, DOWN = estimate(0.032, 0.01, 0.051), estimate(0.006, -0.009, 0.021), estimate(-0.03, -0.05, -0.01)
HEADS = ("tail", "head")


def test_the_lines_are_aligned_and_carry_the_paper(with_differences):
    content = with_differences({"shuffled": {"per_class": UP, "tail": FLAT}, "none": {"overall": DOWN}})
    for held in content["rows"]:
        held["figures"]["head"] = (
            estimate(0.5, 0.25, 0.75) if held["target"] == "dna" else estimate(1.0, 0.999, 1.0)
        )
    found = lines(content)
    assert max(map(len, found)) <= 120
    assert found[0].startswith("Table 1, % (95 % interval), classifier knn   ")
    assert found[0].index("paper, EndlessForams") == found[1].index("class  tail  head   all")
    assert found[1].split() == ["recipe", "per", "class", *HEADS, "overall", "class", *HEADS, "all"]
    assert len({len(line) for line in found[1:7]}) == 1
    assert found[2].startswith("naive  ")
    assert "100 (99.9–100)" in found[2]
    assert found[2].endswith("73.6  37.4  88.9  89.1")
    assert "50.0 (25.0–75.0)" in found[4]
    assert found[6].endswith("–     –     –     –")
    start = found.index("ltr-aligned: real DNA minus each control, points (95 % interval, paired by seed)")
    assert found[start + 2].split("  ")[0] == "shuffled"
    assert "+3.2 (+1.0 to +5.1)  +0.6 (−0.9 to +2.1)" in found[start + 2]
    assert found[start + 3].startswith("no alignment  ")
    assert found[start + 3].endswith("–     –  −3.0 (−5.0 to −1.0)")
    assert "Skipped: genus-shuffled of naive: no genus has two species" in found
    assert " ".join(found[found.index("", start) + 1 :]) == verdict(content)


def test_widest_figures_and_features_fit_the_terminal(evidence, features_content):
    wide = evidence()
    for held in wide["differences"]:
        held["figures"] = dict.fromkeys(held["figures"], estimate(-1.0, -1.0, 1.0))
    for held in wide["rows"]:
        held["figures"] = dict.fromkeys(held["figures"], estimate(1.0, 0.123, 0.987))
    assert max(map(len, lines(wide))) <= 120
    found = lines(features_content)
    assert found[0] == "Accuracy, % (95 % interval), classifier knn"
    assert [line.split()[0] for line in found[2:5]] == ["features", "heads", "heads-aligned"]
    assert "paper" not in "\n".join(found)


def test_a_split_drawn_here_is_told_of_features(features_content, evidence):
    told = "The split was drawn here: if the model behind the features was trained on some of these images, test images"
    assert told not in " ".join(lines(features_content))
    found = lines({**features_content, "split_given": False})
    assert max(map(len, found)) <= 120
    assert told in " ".join(found)
    assert "it has seen are among them and the figures are too good; give its split (splits)." in " ".join(
        found
    )
    assert found[-1] == lines(features_content)[-1]
    assert told not in " ".join(lines(evidence(split_given=False)))


def test_nulls_become_dashes(empty_content):
    found = lines(empty_content)
    assert found[2].split() == ["naive", *"––––", "73.6", "37.4", "88.9", "89.1"]
    assert "None" not in "\n".join(found)
