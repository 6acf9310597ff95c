"""What the ablation shows, in a sentence fixed before any figure was seen, and in the closing lines on a terminal."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from visgen_train.report.evidence_cells import Cell, Table, plural, visible
from visgen_train.report.evidence_layout import PAPER, difference_table, main_table
from visgen_train.report.summary import points, span

LEAST_SEEDS = 3
LEAST_SPECIES = 6  # fewer have few permutations
WIDTH = 120

HEADERS = ("per class", "tail", "head", "overall")
PAPER_HEADERS = ("class", "tail", "head", "all")


def verdict(content: Mapping[str, Any]) -> str:
    """What real minus shuffled DNA shows for the primary recipe, by the classifier declared beforehand.

    A genetic effect is said to exist only where the 95 % interval of per-class accuracy lies above zero.

    Parameters
    ----------
    content : mapping
        Of ablation.json.
    """
    primary = content["primary_recipe"]
    if primary is None:
        return "Nothing was aligned to the DNA here, so nothing about genetics can be concluded."
    shuffled = estimate(content, "shuffled", "per_class")
    if shuffled is None:
        what = (
            "No control with shuffled DNA was run"
            if _figures(content, "shuffled") is None
            else "Real and shuffled DNA could not be compared, for want of an interval"
        )
        found = [
            f"{what}, so nothing about genetics can be concluded: anchors are also class targets, and any might do."
        ]
    else:
        found = [_genetic(content, shuffled), *_rare(content, shuffled)]
    if shuffled is None or shuffled["low"] <= 0:
        found += _target_effect(content, controlled=shuffled is not None)
    return " ".join([*found, *_caveats(content)])


def estimate(content: Mapping[str, Any], against: str, figure: str) -> Mapping[str, Any] | None:
    """Real DNA minus a control, of the primary recipe by the pre-declared classifier; None without an interval."""
    found = (_figures(content, against) or {}).get(figure)
    return None if found is None or found["low"] is None else found


def lines(content: Mapping[str, Any]) -> list[str]:
    """The closing lines on a terminal: Table 1, real minus each control, what was skipped, the verdict.

    Parameters
    ----------
    content : mapping
        Of ablation.json.
    """
    main = main_table(content)
    body = [[row[0].value, *map(_compact, row[2:])] for row in main.rows]
    header = ["recipe", *HEADERS, *PAPER_HEADERS[: main.paper]]
    table = _aligned([header, *body])
    over = f"{main.title} (95 % interval), classifier {content['classifier']}"
    found = [over, *table]
    if main.paper:
        start = len(table[0]) - len(_aligned([[*PAPER_HEADERS], *(row[-4:] for row in body)])[0])
        found[0] = f"{over:<{start}}{PAPER}"
    if content["primary_recipe"] is not None:
        found += _difference_lines(
            difference_table(content, content["primary_recipe"]), content["primary_recipe"]
        )
    for reason in content["skipped"]:
        found += textwrap.wrap(f"Skipped: {visible(reason)}", WIDTH)
    return [*found, "", *textwrap.wrap(verdict(content), WIDTH)]


def _figures(content: Mapping[str, Any], against: str) -> Mapping[str, Any] | None:
    key = (content["primary_recipe"], against, content["classifier"])
    for held in content["differences"]:
        if (held["recipe"], held["against"], held["classifier"]) == key:
            figures: Mapping[str, Any] = held["figures"]
            return figures
    return None


def _genetic(content: Mapping[str, Any], shuffled: Mapping[str, Any]) -> str:
    recipe, size = content["primary_recipe"], f"{100 * abs(shuffled['mean']):.1f}"
    about = f"(95 % interval of the difference {_span(shuffled)})"
    if shuffled["low"] > 0:
        few = len(content["seeds"]) < LEAST_SEEDS or len(content["species"]) < LEAST_SPECIES
        meaning = (
            "this would mean that the DNA itself helped, but it is too small a trial to say so"
            if few
            else "the DNA itself helped"
        )
        return f"Per class, {recipe} recognised {size} points more with real than with shuffled DNA {about}: {meaning}."
    if shuffled["high"] < 0:
        return (
            f"Per class, {recipe} recognised {size} points less with real than with shuffled DNA {about}: "
            "the real DNA did worse."
        )
    return (
        f"No genetic effect that {'this' if len(content['seeds']) == 1 else 'these'} "
        f"{plural(len(content['seeds']), 'seed')} and {plural(content['test_images'], 'test image')} can show: "
        f"per class, {recipe} with real minus with shuffled DNA is {points(shuffled['mean'])} points {about}."
    )


def _rare(content: Mapping[str, Any], shuffled: Mapping[str, Any]) -> Iterator[str]:
    tail = estimate(content, "shuffled", "tail")
    if tail is None:
        return
    side, other = _side(tail), _side(shuffled)
    meaning = {1: "above zero", 0: "which can be chance", -1: "below zero"}[side]
    if side and side != other:
        meaning += ", a hint to test again and no more, since all species together do not show it"
    number = content["tail_species"]
    yield (
        f"On the {number} rare species (under {content['tail_below']} training images) the difference is "
        f"{points(tail['mean'])} points ({_span(tail)}), {meaning}."
    )


def _target_effect(content: Mapping[str, Any], controlled: bool) -> Iterator[str]:
    """What a gain over no anchors is, where it is not shown to be genetic."""
    for against, what, source in (
        ("same-steps", "the same steps without anchors", "training towards fixed targets"),
        ("none", "the network before alignment", "further training or fixed targets"),
    ):
        gain = estimate(content, against, "per_class")
        if gain is not None and gain["low"] > 0:
            meaning = (
                f"as far as these figures can show, that gain comes from {source}, not from genetics."
                if controlled
                else f"that gain may come from {source} alone."
            )
            size = f"{100 * gain['mean']:.1f} points more than {what} (95 % interval {_span(gain)})"
            yield f"With real DNA it did recognise {size}: {meaning}"
            return


def _caveats(content: Mapping[str, Any]) -> Iterator[str]:
    seeds, species = len(content["seeds"]), len(content["species"])
    if seeds == 1:
        yield "One seed: the interval covers the choice of test images (or specimens), not the chance in training."
    elif seeds < LEAST_SEEDS:
        yield f"{seeds} seeds say little about the chance in training; use {LEAST_SEEDS} or more."
    if species < LEAST_SPECIES:
        yield f"With {species} species there are few ways to shuffle: this is a rehearsal, not evidence."
    yield (
        f"This was fixed beforehand to one recipe, one classifier ({content['classifier']}) and these figures; the "
        "tables hold many more, of which some may leave out zero by chance."
    )


def _difference_lines(table: Table, recipe: str) -> list[str]:
    if not table.rows:
        return []
    body = [[row[1].value, *map(_compact, row[2:])] for row in table.rows]
    title = f"{recipe}: real DNA minus each control, points (95 % interval, paired by seed)"
    return ["", title, *_aligned([["control", *HEADERS], *body])]


def _side(difference: Mapping[str, Any]) -> int:
    return int(difference["low"] > 0) - int(difference["high"] < 0)


def _span(difference: Mapping[str, Any]) -> str:
    return span([difference["low"], difference["high"]], signed=True)


def _compact(cell: Cell) -> str:
    """`63.1 (58.0–68.2)`, signed `+3.1 (−1.0 to +5.2)`."""
    interval = (
        cell.interval if "+" in cell.interval or "−" in cell.interval else cell.interval.replace(" to ", "–")
    )
    return (f"{cell.value} ({interval})" if interval else cell.value).replace("100.0", "100")


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines of columns: the first flush left, the others flush right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
