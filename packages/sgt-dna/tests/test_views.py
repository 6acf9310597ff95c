"""What people look at: HTML in notebooks, data frames, matrices, figures."""

import re
import sys
from html.parser import HTMLParser

import numpy as np
import pytest
import sgt_dna
from matplotlib import pyplot
from matplotlib.colors import to_hex
from sgt_dna import LabelError, MissingExtraError, ParameterError
from sgt_dna._plot import components
from sklearn.decomposition import PCA


@pytest.fixture(autouse=True)
def no_window():
    pyplot.switch_backend("agg")
    yield
    pyplot.close("all")


class Cells(HTMLParser):
    """Tags and texts of a page."""

    def __init__(self):
        super().__init__()
        self.tags, self.texts = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.texts.append(data)


def test_html_shows_the_first_rows(five):
    emb = sgt_dna.embed(five)
    page = Cells()
    page.feed(emb._repr_html_())
    assert page.texts[0] == repr(emb)
    assert page.texts[1:8] == ["id", "ambiguous", "AA->AA", "AA->AC", "AA->AG", "…", "TT->TT"]
    assert page.texts[8:11] == [emb.ids[0], "0", f"{emb.vectors[0, 0]:.4g}"]
    assert page.tags.count("tr") == 6


def test_html_escapes_texts_and_says_how_much_more_there_is(made):
    ids = ["<script>alert(1)</script>", "\u202eright to left", "&amp;", "x" * 999, "e", "f", "g"]
    emb = made(ids, kind="<i>rows</i>")
    html = emb._repr_html_()
    page = Cells()
    page.feed(html)
    assert set(page.tags) == {"div", "p", "table", "thead", "tbody", "tr", "th", "td", "bdi"}
    assert page.tags.count("bdi") == 5  # keeps right-to-left marks within the cell
    assert {ids[0], ids[1], ids[2], "2 more rows"} <= set(page.texts)
    assert len(html) < 2000
    assert "no rows" not in made([])._repr_html_()


def test_a_data_frame_has_ids_and_names_and_its_own_numbers(emb):
    frame = emb.to_pandas()
    assert frame.index.tolist() == list(emb.ids)
    assert frame.index.name == "id"
    assert frame.columns.tolist() == list(emb.feature_names)
    assert np.array_equal(frame.to_numpy(), emb.vectors)
    before = emb.vectors.copy()
    frame.iloc[0, 0] = 9
    assert np.array_equal(emb.vectors, before)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_a_matrix_has_symbols_as_rows_and_later_symbols_as_columns(k):
    emb = sgt_dna.embed({"a": "ACGTTGCAACC"}, k=k)
    matrix = emb.matrix("a")
    assert matrix.shape == (4**k, 4**k)
    frame = emb.to_pandas()
    names = sorted({name.split("->")[0] for name in emb.feature_names})
    assert matrix[1, 2] == frame.loc["a", f"{names[1]}->{names[2]}"]
    assert np.array_equal(matrix.ravel(), emb["a"])


def test_what_has_no_matrix_is_refused(made):
    with pytest.raises(ParameterError, match="3 features make no matrix; k=2 has 256"):
        made("a").matrix("a")
    with pytest.raises(KeyError, match="no id 'b'"):
        sgt_dna.embed({"a": "ACGT"}).matrix("b")


def test_components_are_those_of_scikit_learn():
    vectors = np.random.default_rng(0).normal(size=(30, 7)) * [5, 3, 1, 1, 1, 1, 1]
    places, shares = components(vectors)
    model = PCA(2).fit(vectors)
    expected = model.transform(vectors)
    np.testing.assert_allclose(np.abs(places), np.abs(expected), rtol=1e-9)
    np.testing.assert_allclose(shares, model.explained_variance_ratio_, rtol=1e-9)
    assert not components(np.ones((4, 3)))[1].any()
    np.testing.assert_allclose(components(np.array([[1.0], [2.0]]))[0], [[-0.5, 0], [0.5, 0]])


def test_a_map_is_not_mirrored_by_chance():
    vectors = np.array([[0.0, 0, 0], [4, -1, 0], [0, 0, 2], [4, -1, 2]])
    np.testing.assert_allclose(np.sign(components(vectors)[0]), [[-1, -1], [1, -1], [-1, 1], [1, 1]])


def test_one_row_is_a_heatmap_with_symbols_as_axes():
    emb = sgt_dna.embed({"MK1": "ACGTTGCAAC"})
    ax = emb.plot()
    assert np.array_equal(ax.images[0].get_array(), emb.matrix("MK1"))
    ticks = [text.get_text() for text in ax.get_xticklabels()]
    assert (ticks[0], ticks[-1], len(ticks)) == ("AA", "TT", 16)
    assert ticks == [text.get_text() for text in ax.get_yticklabels()]
    assert (ax.get_ylabel(), ax.get_xlabel(), ax.get_title()) == ("symbol", "later symbol", "MK1")
    assert (
        len(sgt_dna.embed(["ACGTTGCAAC"], k=3).plot().get_xticks()) == 16
    )  # of 64 symbols, so that they can be read


@pytest.mark.filterwarnings("ignore::sgt_dna.AnchorWarning")
def test_a_heatmap_of_centred_values_has_zero_in_the_middle(emb):
    centred = sgt_dna.anchors(emb, ["x", "y", "x", "y", "x"], transform="centre")
    low, high = centred[:1].plot().images[0].get_clim()
    assert low == -high < 0


def test_many_rows_are_a_map_with_a_colour_for_each_label(emb):
    labels = dict(zip(emb.ids, ["ruber", "nitida", "ruber", "_odd", "cost $5 $6"], strict=True))
    ax = emb.plot(labels)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        " _odd",
        r"cost \$5 \$6",
        "nitida",
        "ruber",
    ]
    assert len({to_hex(points.get_facecolor()[0]) for points in ax.collections}) == 4
    drawn = ax.collections[-1].get_offsets()
    np.testing.assert_allclose(drawn, components(emb.vectors)[0][[0, 2]])
    assert re.fullmatch(r"component 1 \(\d+% of the variance\)", ax.get_xlabel())
    ax.figure.canvas.draw()


def test_without_labels_few_points_have_their_ids_beside_them(emb, made):
    assert [text.get_text() for text in emb.plot().texts] == list(emb.ids)
    assert not made([str(row) for row in range(51)]).plot().texts


def test_many_labels_leave_the_legend_out(made):
    ids = [str(row) for row in range(43)]
    assert made(ids).plot(ids).get_legend() is None
    assert made(ids[1:]).plot(ids[1:]).get_legend() is not None


def test_axes_can_be_given(emb):
    from matplotlib.figure import Figure

    ax = Figure().add_subplot()
    assert emb.plot(ax=ax) is ax


def test_figures_refuse_what_does_not_fit(emb):
    with pytest.raises(ParameterError, match="no rows to draw"):
        emb[:0].plot()
    with pytest.raises(LabelError, match="2 labels for 5 sequences"):
        emb.plot(["x", "y"])


@pytest.mark.parametrize(
    ("module", "call", "line"),
    [
        ("pandas", lambda emb: emb.to_pandas(), 'data frames need pandas: pip install "sgt-dna[pandas]"'),
        ("matplotlib.pyplot", lambda emb: emb.plot(), 'figures need matplotlib: pip install "sgt-dna[plot]"'),
    ],
)
def test_without_the_library_one_line_says_what_to_type(emb, monkeypatch, module, call, line):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError) as caught:
        call(emb)
    assert str(caught.value) == line
    assert isinstance(caught.value, ImportError)
