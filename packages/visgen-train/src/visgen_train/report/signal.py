"""Whether DNA informs looks, in a sentence fixed before any figure was seen, and the closing lines on a terminal."""

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from visgen_train.evaluation.kriging import finding, in_words
from visgen_train.io.cells import visible
from visgen_train.report.evidence import WIDTH, aligned
from visgen_train.report.evidence_cells import plural
from visgen_train.report.summary import percent, points, span

CLOSE_TO_ONE = 0.995


def verdict(content: Mapping[str, Any]) -> str:
    """What p-value and interval say, what DNA adds for species with one image and none, and what could change it.

    That DNA informs looks is said only where p is at most 0.05 and the interval of lambda is above 0, of six species
    or more.

    Parameters
    ----------
    content : mapping
        Of evidence.json.
    """
    found = finding(content["p_value"], content["signal_interval"][0], content["species"])
    if found == "few":
        return f"{_in_words(content)}. More species could change this."
    return " ".join([_informs(found, content), *_few(content), *_none(content), _change(content)])


def lines(content: Mapping[str, Any]) -> list[str]:
    """The closing lines on a terminal: the test, a row for each number of images, notes, the verdict."""
    found = [
        f"{plural(content['images'], 'training image')} of {content['species']} species, distances by "
        f"{content['distance']}",
        f"Gain in log likelihood over lambda = 0: {content['gain']:.1f}; highest of {content['permutations']} species "
        f"permutations {content['highest_permuted_gain']:.1f}, p = {content['p_value']:.2g}",
        f"lambda {_signal(content)} (95 % interval)",
    ]
    table = [*map(_few_row, content["few_shot"]), *_none_rows(content["zero_shot"])]
    if table:
        header = ["images", "species", "real DNA", "shuffled", "no DNA", "real minus shuffled"]
        found += ["", "Recognised, % per class (95 % interval over species)", *aligned([header, *table])]
    for note in content["notes"]:
        found += textwrap.wrap(f"Note: {visible(note)}", WIDTH)
    return [*found, "", *textwrap.wrap(verdict(content), WIDTH)]


def _informs(found: str, content: Mapping[str, Any]) -> str:
    if found == "informs":
        return f"{_in_words(content)}: relatives look alike."
    if found == "hint":
        return f"{_in_words(content)}: the interval of lambda holds 0."
    return f"{_in_words(content)}. {_unseen(content)}"


def _unseen(content: Mapping[str, Any]) -> str:
    """How much the interval leaves open. At 1 it does since l is fitted too: K is nearly I at the shortest l."""
    species, high = content["species"], content["signal_interval"][1]
    if high > CLOSE_TO_ONE:
        return (
            f"With {species} species any lambda could go unseen, a high one if it reaches no further than the nearest "
            "relatives."
        )
    return f"With {species} species a lambda below {high:.2g} could go unseen."


def _in_words(content: Mapping[str, Any]) -> str:
    interval = tuple(content["signal_interval"])
    return in_words(content["p_value"], content["signal"], interval, content["species"])


def _signal(content: Mapping[str, Any]) -> str:
    """`0.9, 0.6 to 1`."""
    low, high = content["signal_interval"]
    return f"{content['signal']:.2g}, {low:.2g} to {high:.2g}"


def _few(content: Mapping[str, Any]) -> Iterator[str]:
    """On the fewest images that were tried."""
    for row in content["few_shot"][:1]:
        shuffled, without = row["real_minus_shuffled"], row["real_minus_independent"]
        images = plural(row["images"], "image")
        figures = f"{_difference(shuffled)} points over shuffled DNA, {_difference(without)} over none"
        gain = min(shuffled["low"], without["low"]) > 0
        says = "it adds" if gain else "no gain is shown:"
        yield f"Where a species has {images}, {says} {figures} ({row['species']} species)."


def _none(content: Mapping[str, Any]) -> Iterator[str]:
    if content["zero_shot"] is None:
        return
    found = content["zero_shot"]["top1"]
    says = (
        "relatives tell"
        if found["real_minus_shuffled"]["low"] > 0 and found["real"]["low"] > found["chance"]
        else "relatives are not shown to tell"
    )
    yield (
        f"Of species without images, {says} who is who: {_share(found['real'])} right among "
        f"{_among(content['zero_shot'])}, chance {percent(found['chance'])}."
    )


def _among(found: Mapping[str, Any]) -> str:
    """How many species are left out together; groups of two sizes have a higher chance than the larger ones alone."""
    size = found["at_once"]
    return f"{size}" if found["top1"]["chance"] * size < 1 + 1e-9 else f"up to {size}"


def _change(content: Mapping[str, Any]) -> str:
    more = "more species, more images of the rare ones, or another marker"
    return f"What could change this: {more} (distances here: {content['distance']})."


def _difference(estimate: Mapping[str, float]) -> str:
    return f"{points(estimate['mean'])} ({span([estimate['low'], estimate['high']], signed=True)})"


def _share(estimate: Mapping[str, float]) -> str:
    return f"{percent(estimate['mean'])} ({span([estimate['low'], estimate['high']])})"


def _few_row(row: Mapping[str, Any]) -> list[str]:
    shares = [_cell(row[arm]) for arm in ("real", "shuffled", "independent")]
    return [str(row["images"]), str(row["species"]), *shares, _difference(row["real_minus_shuffled"])]


def _none_rows(found: Mapping[str, Any] | None) -> Iterator[list[str]]:
    """Without images and DNA there is chance alone."""
    for name, what in (("top1", "first"), ("top3", "first 3")):
        if found is not None and found[name] is not None:
            held = found[name]
            shares = [
                _cell(held["real"]),
                _cell(held["shuffled"]),
                f"{percent(held['chance'])[:-2]} (chance)",
            ]
            row = [f"none, {what} of {_among(found)}", str(found["species"]), *shares]
            yield [*row, _difference(held["real_minus_shuffled"])]


def _cell(estimate: Mapping[str, float]) -> str:
    return (
        f"{percent(estimate['mean'])[:-2]} ({span([estimate['low'], estimate['high']]).replace(' to ', '–')})"
    )
