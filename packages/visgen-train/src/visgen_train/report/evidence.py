"""What the ablation shows, in a sentence fixed before any figure was seen, and in the closing lines on a terminal."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from visgen_train.evaluation.kriging import LEAST_SPECIES
from visgen_train.io.cells import visible
from visgen_train.report.evidence_cells import Cell, Table, plural
from visgen_train.report.evidence_layout import PAPER, difference_table, main_table, split_note
from visgen_train.report.evidence_standing import NO_DNA, compared, estimate, no_dna, side_of, standing
from visgen_train.report.summary import counted, points, span

LEAST_SEEDS = 3
WIDTH = 120

HEADERS = ("per class", "tail", "head", "overall")
PAPER_HEADERS = ("class", "tail", "head", "all")


def verdict(content: Mapping[str, Any]) -> str:
    """What real minus shuffled DNA shows for the primary recipe, by the classifier declared beforehand.

    DNA is said to help only where per-class accuracy with real DNA is above that with shuffled DNA and above that
    without any, both by the 95 % interval: against shuffled alone, wrong anchors may merely have done harm.

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
        found = [_uncontrolled(content), *_target_effect(content, controlled=False)]
    elif shuffled["low"] > 0:
        found = [_above_shuffled(content, shuffled), _without_dna(content), *_rare(content)]
    else:
        found = [_not_above(content, shuffled), *_rare(content), *_target_effect(content, controlled=True)]
    return " ".join([*found, *_too_small(content), _fixed(content)])


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
    table = aligned([header, *body])
    over = f"{main.title} (95 % interval), classifier {content['classifier']}"
    found = [over, *table]
    if main.paper:
        start = len(table[0]) - len(aligned([[*PAPER_HEADERS], *(row[-4:] for row in body)])[0])
        found[0] = f"{over:<{start}}{PAPER}"
    if content["primary_recipe"] is not None:
        found += _difference_lines(
            difference_table(content, content["primary_recipe"]), content["primary_recipe"]
        )
    for reason in content["skipped"]:
        found += textwrap.wrap(f"Skipped: {visible(reason)}", WIDTH)
    found += textwrap.wrap(split_note(content), WIDTH)
    return [*found, "", *textwrap.wrap(verdict(content), WIDTH)]


def _uncontrolled(content: Mapping[str, Any]) -> str:
    what = (
        "No control with shuffled DNA was run"
        if compared(content, "shuffled") is None
        else "Real and shuffled DNA could not be compared, for want of an interval"
    )
    return f"{what}, so nothing about genetics can be concluded: anchors are also class targets, and any might do."


def _above_shuffled(content: Mapping[str, Any], shuffled: Mapping[str, Any]) -> str:
    return (
        f"Per class, {content['primary_recipe']} recognised {100 * shuffled['mean']:.1f} points more with real than "
        f"with shuffled DNA (95 % interval of the difference {_span(shuffled)})."
    )


def _without_dna(content: Mapping[str, Any]) -> str:
    """What real DNA, better than shuffled, gains over no DNA."""
    held = no_dna(content, "per_class")
    if held is None:
        return "It was not compared with no DNA: right anchors may have done good, or wrong ones harm."
    against, gain = held
    meaning = {
        1: _helped(content, against),
        0: "right anchors did better than wrong ones, but no better than no DNA that these images can show, so no "
        "gain over leaving the DNA out is shown",
        -1: "right anchors did better than wrong ones, and both worse than leaving the DNA out",
    }[side_of(gain)]
    return f"Real DNA minus {NO_DNA[against]} is {points(gain['mean'])} points ({_span(gain)}): {meaning}."


def _helped(content: Mapping[str, Any], against: str) -> str:
    if _few_seeds(content) or _few_species(content):
        return "this would mean that the DNA itself helped, but it is too small a trial to say so"
    if against == "none":
        return (
            "the DNA itself helped, unless as many steps without anchors do as much, which was not compared"
        )
    return "the DNA itself helped"


def _not_above(content: Mapping[str, Any], shuffled: Mapping[str, Any]) -> str:
    recipe, seeds = content["primary_recipe"], len(content["seeds"])
    if shuffled["high"] < 0:
        return (
            f"Per class, {recipe} recognised {-100 * shuffled['mean']:.1f} points less with real than with shuffled "
            f"DNA (95 % interval of the difference {_span(shuffled)}): the real DNA did worse."
        )
    return (
        f"No genetic effect that {'this' if seeds == 1 else 'these'} {plural(seeds, 'seed')} and "
        f"{plural(content['test_images'], 'test image')} can show: per class, {recipe} with real minus with shuffled "
        f"DNA is {points(shuffled['mean'])} points; effects within {_span(shuffled)} points (95 % interval) cannot be "
        "ruled out."
    )


def _rare(content: Mapping[str, Any]) -> Iterator[str]:
    tail = estimate(content, "shuffled", "tail")
    if tail is None:
        return
    side = side_of(tail)
    meaning = {1: "above zero", 0: "which can be chance", -1: "below zero"}[side]
    if side > 0:
        meaning += _rare_without_dna(content)
    if side * (standing(content, "tail") - standing(content, "per_class")) > 0:
        meaning += ", a hint and no more, since all species together do not show it"
    yield (
        f"On the {content['tail_species']} rare species (under {content['tail_below']} {counted(content)}) the "
        f"difference is {points(tail['mean'])} points ({_span(tail)}), {meaning}."
    )


def _rare_without_dna(content: Mapping[str, Any]) -> str:
    held = no_dna(content, "tail")
    if held is None:
        return ", though not compared with no DNA"
    against, gain = held
    meaning = {
        1: "above zero too",
        0: "so no gain over leaving the DNA out is shown",
        -1: "so leaving the DNA out does better",
    }[side_of(gain)]
    return f", and from {NO_DNA[against]} {points(gain['mean'])} points ({_span(gain)}), {meaning}"


def _target_effect(content: Mapping[str, Any], controlled: bool) -> Iterator[str]:
    """What a gain over no anchors is, where it is not shown to be genetic."""
    sources = {
        "same-steps": "training towards fixed targets",
        "none": "further training or fixed targets",
    }
    for against, source in sources.items():
        gain = estimate(content, against, "per_class")
        if gain is not None and gain["low"] > 0:
            meaning = (
                f"as far as these figures can show, {source} alone can account for that gain."
                if controlled
                else f"that gain may come from {source} alone."
            )
            size = (
                f"{100 * gain['mean']:.1f} points more than {NO_DNA[against]} (95 % interval {_span(gain)})"
            )
            yield f"With real DNA it did recognise {size}: {meaning}"
            return


def _too_small(content: Mapping[str, Any]) -> Iterator[str]:
    """One sentence on a small trial; it never asks for more seeds, since seeds added now would follow the figures."""
    seeds, why = len(content["seeds"]), []
    if seeds == 1:
        why.append(
            "one seed: the interval covers the choice of test images (or specimens), not the chance in training"
        )
    elif _few_seeds(content):
        why.append(f"{seeds} seeds say little about the chance in training")
    if _few_species(content):
        species = len(content["species"])
        why.append(f"with {species} species there are few ways to shuffle: this is a rehearsal, not evidence")
    if why:
        text = "; ".join(why)
        yield f"{text[0].upper()}{text[1:]}."


def _fixed(content: Mapping[str, Any]) -> str:
    what = f"one recipe, one classifier ({content['classifier']}) and these figures"
    if content["seeds_before"]:
        seen = ", ".join(map(str, content["seeds_before"]))
        return (
            f"This was fixed beforehand to {what}, but not to these seeds: seeds were added after a verdict had been "
            f"seen (number of seeds then: {seen}), which makes chance findings likelier."
        )
    others = "the tables hold many more, of which some may leave out zero by chance"
    return f"This was fixed beforehand to {what}; {others}."


def _few_seeds(content: Mapping[str, Any]) -> bool:
    return len(content["seeds"]) < LEAST_SEEDS


def _few_species(content: Mapping[str, Any]) -> bool:
    return len(content["species"]) < LEAST_SPECIES


def _difference_lines(table: Table, recipe: str) -> list[str]:
    if not table.rows:
        return []
    body = [[row[1].value, *map(_compact, row[2:])] for row in table.rows]
    title = f"{recipe}: real DNA minus each control, points (95 % interval, paired by seed)"
    return ["", title, *aligned([["control", *HEADERS], *body])]


def _span(difference: Mapping[str, Any]) -> str:
    return span([difference["low"], difference["high"]], signed=True)


def _compact(cell: Cell) -> str:
    """`63.1 (58.0–68.2)`, signed `+3.1 (−1.0 to +5.2)`."""
    interval = (
        cell.interval if "+" in cell.interval or "−" in cell.interval else cell.interval.replace(" to ", "–")
    )
    return (f"{cell.value} ({interval})" if interval else cell.value).replace("100.0", "100")


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines of columns: the first flush left, the others flush right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
