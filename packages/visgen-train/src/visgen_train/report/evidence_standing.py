"""Where real DNA stands to its controls, of the primary recipe by the classifier declared beforehand."""

from collections.abc import Mapping
from typing import Any

NO_DNA = {"same-steps": "the same steps without anchors", "none": "the network before alignment"}
"""Controls without DNA, the one that tells more first: it has been trained as long."""


def compared(content: Mapping[str, Any], against: str) -> Mapping[str, Any] | None:
    """Real DNA minus a control, figure -> estimate; None where the control was not run."""
    key = (content["primary_recipe"], against, content["classifier"])
    for held in content["differences"]:
        if (held["recipe"], held["against"], held["classifier"]) == key:
            figures: Mapping[str, Any] = held["figures"]
            return figures
    return None


def estimate(content: Mapping[str, Any], against: str, figure: str) -> Mapping[str, Any] | None:
    """Real DNA minus a control by one figure; None without an interval."""
    found = (compared(content, against) or {}).get(figure)
    return None if found is None or found["low"] is None else found


def no_dna(content: Mapping[str, Any], figure: str) -> tuple[str, Mapping[str, Any]] | None:
    """The control without DNA that tells most, and real DNA minus it; None where there is none."""
    found = ((against, estimate(content, against, figure)) for against in NO_DNA)
    return next(((against, gain) for against, gain in found if gain is not None), None)


def side_of(difference: Mapping[str, Any]) -> int:
    """On which side of zero an interval lies: −1, 1, or 0 if it holds zero.

    >>> side_of({"low": 0.01, "high": 0.03}), side_of({"low": 0.0, "high": 0.03})
    (1, 0)
    """
    return int(difference["low"] > 0) - int(difference["high"] < 0)


def standing(content: Mapping[str, Any], figure: str) -> int:
    """Real DNA is below shuffled (−1), not told from it (0), above it (1), above it and above no DNA (2)."""
    shuffled, held = estimate(content, "shuffled", figure), no_dna(content, figure)
    side = side_of(shuffled) if shuffled else 0
    return side + int(side > 0 and held is not None and side_of(held[1]) > 0)
