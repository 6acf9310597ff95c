"""Which classifier names species: one that uses DNA only where the training images say that DNA informs looks."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from visgen_train.errors import DataError
from visgen_train.evaluation.classifiers import DNA, WITHOUT_DNA, Fitted
from visgen_train.evaluation.kriging import finding, in_words
from visgen_train.experiment.signal.content import likelihood
from visgen_train.experiment.signal.sample import Sample, Settings

EMBEDDING: Final = "visual"
"""That of stage 1: alignment has seen the DNA, and leaves the softmax behind."""
_PLAIN = ("softmax-adjusted", "whitened-means")


def recommend(use_dna: str, sample: Callable[[], Sample], fitted: Mapping[str, Fitted]) -> dict[str, Any]:
    """Settle which classifier names species, from training and validation images alone.

    Parameters
    ----------
    use_dna : str
        `evaluate.use_dna`.
    sample : callable
        Gives the training images in the embedding of stage 1; asked for them unless `use_dna` is "never".
    fitted : mapping
        The classifiers on that embedding, by name.

    Returns
    -------
    dict
        `classifier`, `embedding`, `why` (sentences for readers), `weight` of kriging if it is `fused`, `without_dna`
        (the classifier that differs from it by DNA alone), and what the test said, None where it was not asked:
        `p_value`, `signal`, `signal_interval`. A classifier of `DNA` is named only where it does use DNA, not at
        weight 0 nor at lambda = 0.
    """
    asked, said = ({}, "") if use_dna == "never" else _asked(sample)
    wanted = use_dna == "always" or asked.get("found") == "informs"
    users = [name for name in reversed(DNA) if name in fitted]
    plain = next(name for name in _PLAIN if name in fitted)
    idle = _idle(users, fitted) if wanted else ""
    name = users[0] if wanted and users and not idle else plain
    weight = fitted[name].chosen.get("weight")
    return {
        "classifier": name,
        "embedding": EMBEDDING,
        "why": " ".join([said, _consequence(name, weight, use_dna, idle)]).strip(),
        "weight": weight,
        "without_dna": WITHOUT_DNA.get(name, name),
        **{key: asked.get(key) for key in ("p_value", "signal", "signal_interval")},
    }


def _asked(sample: Callable[[], Sample]) -> tuple[dict[str, Any], str]:
    """What the test found, and a sentence of it."""
    try:
        taken = sample()
        asked = likelihood(taken, Settings())
    except DataError as error:
        return {}, f"Whether DNA informs looks cannot be asked here: {error}"
    number, (low, high) = len(taken.species), asked["signal_interval"]
    found = finding(asked["p_value"], low, number)
    said = in_words(asked["p_value"], asked["signal"], (low, high), number)
    return {**asked, "found": found}, f"{said}."


def _idle(users: list[str], fitted: Mapping[str, Fitted]) -> str:
    """Why those that use DNA would not; nothing if they would."""
    if not users:
        return "kriging is not possible here"
    used = fitted[users[0]]
    if used.chosen.get("weight") == 0:
        return (
            "there are no validation images to weigh it on"
            if used.temperature is None
            else ("on the validation images it helps to name none")
        )
    return "" if fitted["kriging"].chosen["lambda"] > 0 else "its lambda is 0 at the s2 that validation chose"


def _consequence(name: str, weight: float | None, use_dna: str, idle: str) -> str:
    """Whether DNA is used, and how."""
    forced = {"always": " (evaluate.use_dna=always)", "never": " (evaluate.use_dna=never)"}.get(use_dna, "")
    if name not in DNA:
        reason = f", since {idle}" if idle else ""
        return f"DNA is not used to name species{forced}{reason}: that is done by {name}."
    how = (
        ""
        if weight is None
        else f", the network's output and kriging by DNA, the latter with weight {weight:g}"
    )
    return f"DNA is used to name species{forced}: that is done by {name}{how}."
