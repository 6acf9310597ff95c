"""The numbers of each figure's table, computed by hand or by another way."""

import json

import numpy as np
import pytest
from visgen_train.phylogeny.nj import neighbour_joining
from visgen_train.phylogeny.rooting import rooted
from visgen_train.report.figures import (
    confusion,
    counts,
    rare_exhibit,
    recall_exhibit,
    reliability,
    sequences,
    sgt,
    spaces,
    training,
    tree_exhibit,
)
from visgen_train.report.figures.layout import kamada_kawai, spread, triangulation
from visgen_train.report.figures.marks import looks
from visgen_train.report.run_content import read_run

RECALLS = {
    "before": {"Aus albus": 0.5, "Aus niger": 0.25, "Bus ater": None, "Bus ruber": 1.0},
    "after": {"Aus albus": 0.75, "Aus niger": 0.0, "Bus ater": None, "Bus ruber": 0.5},
}
IMAGES = {"Aus albus": 40, "Aus niger": 10, "Bus ater": 5, "Bus ruber": 10}


def test_counts_are_of_all_sides_the_most_common_first(made):
    exhibit = counts.draw(read_run(made(sequences=4)))
    assert exhibit.rows == (
        ("Aus albus", 48, 4),
        ("Bus ater", 27, 4),
        ("Aus niger", 18, 4),
        ("Aus ruber", 6, 4),
        ("Bus viridis", 2, 4),
    )
    assert "from 2 to 48 images" in exhibit.caption


def test_recall_leaves_out_what_was_not_tested():
    exhibit = recall_exhibit(RECALLS, IMAGES, "cosine kNN")
    assert "Named by cosine kNN." in exhibit.caption
    assert exhibit.header == ("species", "training images", "before, %", "after, %")
    assert exhibit.rows == (
        ("Aus albus", 40, 50.0, 75.0),
        ("Bus ruber", 10, 100.0, 50.0),
        ("Aus niger", 10, 25.0, 0.0),
    )


def test_recall_takes_as_many_recipes_as_an_ablation_has():
    many = {f"recipe {number}": RECALLS["before"] for number in range(20)}
    marks = {
        (line.get_color(), line.get_marker())
        for line in recall_exhibit(many, IMAGES, "kNN").figure.axes[0].lines
    }
    assert len(marks) == 20


def test_rare_is_the_mean_over_species_below_each_number():
    exhibit = rare_exhibit(RECALLS, IMAGES, "kNN", tail_below=20)
    assert exhibit.header == ("fewer images than", "species", "before, %", "after, %")
    assert exhibit.rows == ((11, 2, 62.5, 25.0), (41, 3, 58.33, 41.67))
    assert "at 20" in exhibit.caption


def test_only_the_rarest_are_drawn_of_very_many_and_the_table_has_all():
    names = [f"Aus s{number:03}" for number in range(200)]
    shares = dict.fromkeys(names, 0.5)
    counts = {name: number + 1 for number, name in enumerate(names)}
    exhibit = recall_exhibit({"a": shares}, counts, "kNN")
    assert len(exhibit.rows) == 200
    drawn = [text.get_text() for text in exhibit.figure.axes[0].get_yticklabels()]
    assert drawn[0] == "Aus s149 (150)"
    assert drawn[-1] == "Aus s000 (1)"
    assert "150 species with the fewest images of 200" in exhibit.caption


def test_confusion_counts_what_was_taken_for_what(made):
    names = ["Aus albus"] * 4 + ["Aus niger"] * 4 + ["Aus ruber"] * 2 + ["Bus ater"] * 5
    taken = ["Aus albus", "Aus albus", "Aus niger", "Bus ater", *names[4:14], "Aus ruber"]
    exhibit = confusion.draw(read_run(made(aligned_predicted=np.array(taken))))
    assert exhibit.rows == (
        ("Aus albus", "Aus albus", 2, 50.0),
        ("Aus albus", "Aus niger", 1, 25.0),
        ("Aus albus", "Bus ater", 1, 25.0),
        ("Aus niger", "Aus niger", 4, 100.0),
        ("Aus ruber", "Aus ruber", 2, 100.0),
        ("Bus ater", "Aus ruber", 1, 20.0),
        ("Bus ater", "Bus ater", 4, 80.0),
    )
    assert "Of 3 errors 1 are within the genus" in exhibit.caption
    assert "aligned to the DNA" in exhibit.title


def test_reliability_adds_up_to_the_calibration_error(made):
    folder = made()
    content = read_run(folder)
    exhibit = reliability.draw(content)
    rows = [row for row in exhibit.rows if row[0] == "aligned to the DNA"]
    confidence, right = content.confidence["aligned"], content.predicted["aligned"] == content.truth
    by_hand = 0.0
    for low, high in zip(np.linspace(0, 1, 16)[:-1], np.linspace(0, 1, 16)[1:], strict=True):
        mine = (confidence > low) & (confidence <= high)
        if mine.any():
            by_hand += mine.mean() * abs(right[mine].mean() - confidence[mine].mean())
    assert sum(row[3] for row in rows) == len(right)
    found = sum(row[3] * abs(row[4] - row[5]) / 100 for row in rows) / len(right)
    assert found == pytest.approx(by_hand, abs=1e-4)


def test_a_model_without_calibration_is_not_drawn(made):
    exhibit = reliability.draw(read_run(made(softmax_confidence=np.full(15, np.nan))))
    assert {row[0] for row in exhibit.rows} == {"images alone", "aligned to the DNA"}


def test_sgt_is_the_median_of_the_species_with_the_most_sequences(made):
    vectors = np.zeros((4, 256), np.float32)
    vectors[1:, 16 * 1 + 2] = (0.25, 0.5, 1.0)  # AC -> AG
    ids, species = np.array(["a", "b", "c", "d"]), np.array(["Aus albus", *["Bus ater"] * 3])
    arrays = {"sequence_ids": ids, "sequence_species": species, "sequence_vectors": vectors}
    exhibit = sgt.draw(read_run(made(**arrays)))
    assert exhibit.rows[0] == ("AC", "AG", 0.5)
    assert len(exhibit.rows) == 256
    assert {row[2] for row in exhibit.rows[1:]} == {0.0}
    assert "3 sequences" in exhibit.caption
    assert "Bus ater" in exhibit.title


def test_sgt_of_longer_symbols_tells_the_strongest_pairs(made):
    vectors = np.random.default_rng(0).random((15, 4096), np.float32)
    exhibit = sgt.draw(read_run(made(sequence_vectors=vectors)))
    assert len(exhibit.rows) == 256
    assert len(exhibit.rows[0][0]) == 3
    assert "256 strongest of 4,096" in exhibit.caption


def test_every_sequence_has_a_place_near_its_species(made):
    exhibit = sequences.draw(read_run(made(sequences=8)))
    assert [row[:3] for row in exhibit.rows[7:9]] == [
        ("S0_7", "Aus albus", "Aus"),
        ("S1_0", "Aus niger", "Aus"),
    ]
    places = np.array([row[3:] for row in exhibit.rows])
    far = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(far, np.inf)
    species = np.array([row[1] for row in exhibit.rows])
    assert (species[far.argmin(1)] == species).all()


def test_training_numbers_stand_as_they_were_logged(made):
    exhibit = training.draw(read_run(made()))
    assert exhibit.rows == (("images", 1, 2.5, 25.0), ("images", 2, 1.5, 50.0), ("align", 1, 0.75, None))


def test_spaces_tell_the_nearest_species_by_cosine(made):
    anchors = np.zeros((5, 256), np.float32)
    anchors[0, 0] = anchors[1, 1] = anchors[2, 2] = anchors[3, 3] = anchors[4, 4] = 1
    anchors[1, 0] = 1  # cosine with the first: 1 / sqrt(2)
    content = read_run(made(anchors=anchors))
    exhibit = spaces.draw(content)
    assert [row[0] for row in exhibit.rows[::4]] == ["images alone", "DNA", "aligned to the DNA"]
    dna = {row[1]: row for row in exhibit.rows if row[0] == "DNA"}
    assert list(dna) == ["Aus albus", "Aus niger", "Aus ruber", "Bus ater"]  # without those not tested
    assert dna["Aus albus"][2:5] == ("Aus", "Aus niger", round(1 - 2**-0.5, 4))
    assert dna["Aus ruber"][4] == 1.0
    titles = [axes.get_title() for axes in exhibit.figure.axes]
    held = content.metrics["space"]["aligned"]["genus_silhouette"]
    assert f"genus silhouette {held:.2f}".replace("-", "−") in titles[2]


def test_the_tree_has_the_distances_it_was_made_of():
    # a tree by hand: ((a:1, b:2):3, (c:1, d:4):2)
    matrix = np.array([[0, 3, 7, 10], [3, 0, 8, 11], [7, 8, 0, 5], [10, 11, 5, 0]], float)
    names = ["Aus a", "Aus b", "Bus c", "Bus d"]
    tree = rooted(neighbour_joining(names, matrix))
    found = {tip.name: tip for tip in tree.get_terminals()}
    again = np.array([[tree.distance(found[a], found[b]) for b in names] for a in names])
    np.testing.assert_allclose(again, matrix, atol=1e-9)
    depths = {tip.name: tree.distance(tip) for tip in found.values()}
    assert depths["Bus d"] == pytest.approx(depths["Aus b"]) == pytest.approx(5.5)  # rooted half-way
    exhibit = tree_exhibit(tree, dict(zip(names, (5, 6, 7, 8), strict=True)), "Made up.")
    assert {(row[0], row[1], row[2]) for row in exhibit.rows} == {
        ("Aus a", "Aus", 5),
        ("Aus b", "Aus", 6),
        ("Bus c", "Bus", 7),
        ("Bus d", "Bus", 8),
    }
    assert {row[0]: row[3] for row in exhibit.rows} == pytest.approx(depths)


def test_places_of_points_that_lie_in_a_plane_keep_their_distances():
    points = np.random.default_rng(2).normal(size=(7, 2))
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    placed = kamada_kawai(distances)
    again = np.linalg.norm(placed[:, None] - placed[None], axis=2)
    np.testing.assert_allclose(again / again.mean(), distances / distances.mean(), atol=0.02)
    assert triangulation(np.array([[0, 0], [1, 0], [2, 0]], float)) == []
    square = triangulation(np.array([[0, 0], [2, 0], [0, 2], [2, 2.1]]))
    assert len(square) == 5


def test_boxes_are_moved_until_none_covers_another():
    placed = spread(np.zeros((12, 2)), np.array([2.0, 1.0]), np.array([[-9.0, -9.0], [9.0, 9.0]]))
    apart = np.abs(placed[:, None] - placed[None])
    covers = (apart < np.array([1.98, 0.99])).all(2)
    np.fill_diagonal(covers, False)
    assert not covers.any()
    assert np.abs(placed).max() <= 9


def test_84_genera_differ_in_colour_or_marker():
    found = looks([f"{'abcdefghij'[n // 10]}{n} x" for n in range(84)])
    assert len({(look.colour, look.marker) for look in found.values()}) == 84


def test_counted_images_follow_the_setting(made):
    folder = made()
    assert read_run(folder).counted_images["Aus albus"] == 40
    metrics = json.loads((folder / "metrics.json").read_text())
    (folder / "metrics.json").write_text(json.dumps(metrics | {"tail_count": "all"}))
    assert read_run(folder).counted_images["Aus albus"] == 48
