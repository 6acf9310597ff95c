"""The contract of a scikit-learn transformer, for sequences.

`check_estimator` does not fit: it feeds arrays of numbers, and a sample here is a text. What it would check and makes
sense for texts is checked here.
"""

import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import sgt_dna
from sgt_dna import AlphabetError, FastaError, ParameterError
from sgt_dna.sklearn import SGTTransformer
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted

OPTIONS = {
    "k": 1,
    "overlap": False,
    "kappa": 2.5,
    "length_sensitive": True,
    "ambiguous": "drop",
    "strand": "both",
}


@pytest.fixture(scope="module")
def sample():
    """Mutants of two made-up sequences: (30 texts, 30 labels)."""
    rng = np.random.default_rng(3)
    roots = {name: rng.choice(list("ACGT"), 120) for name in ("ruber", "nitida")}
    labels = [name for name in roots for _ in range(15)]
    return ["".join(np.where(rng.random(120) < 0.1, "A", roots[name])) for name in labels], labels


def test_vectors_are_those_of_embed_with_every_option(sample):
    assert set(OPTIONS) | {"threads"} == set(SGTTransformer().get_params())
    found = SGTTransformer(**OPTIONS).fit_transform(sample[0])
    assert np.array_equal(found, sgt_dna.embed(sample[0], **OPTIONS).vectors)
    assert np.array_equal(SGTTransformer().transform(sample[0]), sgt_dna.embed(sample[0]).vectors)


def test_parameters_are_kept_as_given_and_cloned():
    kappa, ones = np.float64(5), SGTTransformer(**OPTIONS, threads=2)
    assert clone(ones).get_params() == {**OPTIONS, "threads": 2}
    assert SGTTransformer(kappa=kappa).kappa is kappa
    assert ones.set_params(k=3) is ones
    assert repr(SGTTransformer(kappa=5)) == "SGTTransformer(kappa=5)"
    before = dict(vars(ones))
    ones.fit(["ACGT"])
    assert vars(ones) == before  # nothing is learnt


def test_it_survives_pickling(sample):
    model = SGTTransformer(kappa=5).fit(sample[0])
    back = pickle.loads(pickle.dumps(model))
    assert np.array_equal(back.transform(sample[0]), model.transform(sample[0]))


def test_bad_parameters_are_refused_when_fitted_not_when_made(sample):
    model = SGTTransformer(kappa=-1)
    with pytest.raises(ParameterError, match="kappa must be positive"):
        model.fit(sample[0])


@pytest.mark.parametrize(
    "container", [list, tuple, np.array, pd.Series, lambda X: np.array(X, dtype=object), iter]
)
def test_any_container_of_texts_will_do(sample, container):
    assert np.array_equal(SGTTransformer().transform(container(sample[0])), sgt_dna.embed(sample[0]).vectors)


def test_rows_drawn_with_replacement_keep_their_order(sample):
    drawn = pd.Series(sample[0]).sample(40, replace=True, random_state=0)
    assert SGTTransformer().fit_transform(drawn).shape == (40, 256)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_names_of_columns(k):
    names = SGTTransformer(k=k).get_feature_names_out()
    assert names.dtype == object
    assert tuple(names) == sgt_dna.embed(["ACGTAC"], k=k).feature_names


def test_data_frames_keep_the_index(sample):
    series = pd.Series(sample[0], index=[f"s{row}" for row in range(30)])
    frame = SGTTransformer().set_output(transform="pandas").fit_transform(series)
    assert frame.index.tolist() == series.index.tolist()
    assert frame.columns[6] == "AA->CG"
    assert np.array_equal(frame.to_numpy(), sgt_dna.embed(sample[0]).vectors)


def test_a_column_of_a_table(sample):
    table = pd.DataFrame({"sequence": sample[0], "depth": np.arange(30.0)})
    both = make_column_transformer((SGTTransformer(), "sequence"), ("passthrough", ["depth"]))
    found = both.fit_transform(table)
    assert found.shape == (30, 257)
    assert both.get_feature_names_out()[6] == "sgttransformer__AA->CG"


def test_a_search_over_kappa_and_k_in_a_pipeline(sample):
    model = Pipeline([("sgt", SGTTransformer()), ("knn", KNeighborsClassifier(1))])
    search = GridSearchCV(model, {"sgt__kappa": [0.5, 5], "sgt__k": [1, 2]}, cv=3, error_score="raise")
    search.fit(*sample)
    assert len(search.cv_results_["params"]) == 4
    assert search.best_score_ == 1
    assert (
        search.best_estimator_["sgt"].get_params().items()
        >= {
            "k": search.best_params_["sgt__k"],
            "kappa": search.best_params_["sgt__kappa"],
        }.items()
    )
    assert search.predict(sample[0][:1]).tolist() == ["ruber"]
    assert cross_val_score(model, *sample, cv=3).mean() == 1


def test_it_says_what_it_takes():
    tags = get_tags(SGTTransformer())
    assert (tags.input_tags.string, tags.input_tags.one_d_array, tags.input_tags.two_d_array) == (
        True,
        True,
        False,
    )
    assert not tags.requires_fit
    try:
        check_is_fitted(SGTTransformer())
    except NotFittedError:
        pytest.fail("it needs no fit")


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        ("ACGT", TypeError, "X must be a list, array or Series of sequences, not str; of a file"),
        (5, TypeError, "X must be a list, array or Series of sequences, not int"),
        (pd.DataFrame({"s": ["ACGT"]}), TypeError, "X must be one column of sequences, not a table"),
        (np.array([["ACGT"]]), TypeError, "X must be one column of sequences, not a table"),
        (np.zeros(3), TypeError, r"sample 1 must be a sequence as text, not .*0\.0"),
        (["ACGT", None], TypeError, "sample 2 must be a sequence as text, not None"),
        (["ACGT", ""], FastaError, "record '2' at entry 2 has no sequence"),
        (["ACGT", "AC5"], AlphabetError, "record '2', position 3: '5' is no nucleotide code"),
        ([], FastaError, "no records"),
    ],
)
def test_what_is_no_sequence_is_refused_with_its_number(X, error, message):
    with pytest.raises(error, match=message):
        SGTTransformer().fit_transform(X)


def test_without_scikit_learn_one_line_says_what_to_type():
    code = "import sys; sys.modules['sklearn'] = None; import sgt_dna.sklearn"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    last = done.stderr.splitlines()[-1]
    assert last.endswith(
        'MissingExtraError: sgt_dna.sklearn needs scikit-learn: pip install "sgt-dna[sklearn]"'
    )
