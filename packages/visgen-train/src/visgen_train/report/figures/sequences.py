"""All sequences by their SGT vectors, coloured by genus (t-SNE; Karaderi et al. 2024, Fig. 3b)."""

from matplotlib.figure import Figure

from visgen_train.genetics.shuffles import genus
from visgen_train.report.figures.exhibit import Exhibit, NothingToDraw, drawing
from visgen_train.report.figures.layout import some, tsne
from visgen_train.report.figures.marks import genus_legend, looks
from visgen_train.report.figures.points import name_groups, scatter
from visgen_train.report.run_content import RunContent

SEED = 0


def draw(content: RunContent) -> Exhibit:
    """A point a sequence; a name stands in the middle of its species, or of its genus where species are many."""
    found = content.sequences
    if found is None or len(found.ids) < 2:
        raise NothingToDraw("the vectors of the sequences are not kept; visgen evaluate keeps them")
    drawn = some(len(found.ids), SEED)
    species, places = found.species[drawn], tsne(found.vectors[drawn], SEED)
    found_looks = looks(set(found.species.tolist()))
    with drawing():
        figure = Figure(figsize=(8.5, 6), layout="constrained")
        axes = figure.subplots()
        scatter(axes, places, species, found_looks)
        genus_legend(figure, found_looks, loc="outside right upper")
        told = name_groups(figure, [(axes, places)], species)
    number = (
        "" if len(drawn) == len(found.ids) else f" {len(drawn):,} of {len(found.ids):,} are drawn, at random."
    )
    return Exhibit(
        name="sequences",
        title="The sequences, as their DNA places them",
        caption=(
            f"Each point is a sequence, near ones have like SGT vectors (t-SNE); colour and marker tell the genus. "
            "Only neighbourhoods mean something, not the distances between clusters. A point among those of another "
            f"species may be a mislabelled record.{number} {told}"
        ),
        figure=figure,
        header=("sequence", "species", "genus", "x", "y"),
        rows=tuple(
            (str(name), str(one), genus(str(one)), round(float(x), 3), round(float(y), 3))
            for name, one, (x, y) in zip(found.ids[drawn], species, places, strict=True)
        ),
    )
