"""What is said of each picture, in the forms people take it: a table, JSON, a data frame, a notebook's HTML."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any, overload

from visgen_train.io.cells import visible

if TYPE_CHECKING:
    import pandas as pd

NONE, UNCERTAIN = "none of these", "uncertain"
_SHOWN = 20


def percent(share: float) -> str:
    """A share in words; what is not quite all is never 100 %.

    >>> percent(0.849), percent(0.998)
    ('85 %', '>99 %')
    """
    return ">99 %" if 0.995 <= share < 1 else f"{100 * share:.0f} %"


@dataclass(frozen=True)
class Candidate:
    """A species that a picture may be of.

    Attributes
    ----------
    species : str
    probability : float
    seen : bool
        Whether the run had pictures of it; if not, it is known by its DNA alone.
    """

    species: str
    probability: float
    seen: bool = True

    def __str__(self) -> str:
        return f"{self.species}{'' if self.seen else '*'} {percent(self.probability)}"


@dataclass(frozen=True)
class Answer:
    """What is said of one picture.

    Attributes
    ----------
    file : str
        Its path, or its number where it has none.
    problem : str, optional
        Why it cannot be read; all else is empty then.
    candidates : tuple of Candidate
        The most probable first.
    genus : str
    genus_probability : float
        The genus with the highest sum of its species' probabilities.
    rank : {"species", "genus", None}
        What is certain enough to be named.
    none_of_these : bool
        Unlike the training pictures of every species.
    distance : float
        To the nearest species, see `evaluation.open_set`.
    nearest : tuple of str
        The most similar training pictures, relative to the folder of images.
    """

    file: str
    problem: str | None = None
    candidates: tuple[Candidate, ...] = ()
    genus: str = ""
    genus_probability: float = 0.0
    rank: str | None = None
    none_of_these: bool = False
    distance: float = 0.0
    nearest: tuple[str, ...] = ()

    @property
    def status(self) -> str:
        """ "ok" or "bad"."""
        return "ok" if self.problem is None else "bad"

    @property
    def text(self) -> str:
        """The answer in a few words; `*` marks a species the run had no pictures of."""
        if self.problem is not None:
            return self.status
        if self.none_of_these:
            return NONE
        if self.rank == "species":
            return str(self.candidates[0])
        return f"{self.genus} sp. {percent(self.genus_probability)}" if self.rank == "genus" else UNCERTAIN

    @property
    def more(self) -> str:
        """The candidates, or the problem."""
        return self.problem or "; ".join(map(str, self.candidates))

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        made: dict[str, Any] = {"file": self.file, "status": self.status, "problem": self.problem}
        if self.problem is None:
            made |= {
                "answer": self.text,
                "rank": self.rank,
                "candidates": [vars(one) for one in self.candidates],
                "genus": {"name": self.genus, "probability": self.genus_probability},
                "none_of_these": self.none_of_these,
                "distance": self.distance,
                "nearest": list(self.nearest),
            }
        return made

    def to_row(self) -> dict[str, Any]:
        """As tables have it: a column a value; of a bad picture there are no others."""
        row: dict[str, Any] = {"file": self.file, "status": self.status, "problem": self.problem or ""}
        if self.problem is not None:
            return row
        row |= {"answer": self.text, "rank": self.rank or "", "none_of_these": self.none_of_these}
        for number, one in enumerate(self.candidates, start=1):
            row |= {f"{key}_{number}": value for key, value in vars(one).items()}
        row |= {"genus": self.genus, "genus_probability": self.genus_probability, "distance": self.distance}
        return row | {f"nearest_{number}": file for number, file in enumerate(self.nearest, start=1)}


@dataclass(frozen=True, repr=False)
class Answers(Sequence[Answer]):
    """The answers to some pictures, in their order.

    Attributes
    ----------
    answers : tuple of Answer
    about : tuple of str
        How they were come by, and how far they can be relied on: a sentence each.
    """

    answers: tuple[Answer, ...]
    about: tuple[str, ...] = field(default=())

    @overload
    def __getitem__(self, place: int) -> Answer: ...
    @overload
    def __getitem__(self, place: slice) -> "Answers": ...
    def __getitem__(self, place: int | slice) -> "Answer | Answers":
        """An answer, or some of them."""
        if isinstance(place, slice):
            return Answers(self.answers[place], self.about)
        return self.answers[place]

    def __len__(self) -> int:
        return len(self.answers)

    def __iter__(self) -> Iterator[Answer]:
        return iter(self.answers)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many were named to species, to genus, and not; how many are none of these, and bad."""
        named = [NONE if one.none_of_these else one.rank or UNCERTAIN for one in self if one.problem is None]
        kinds = {kind: named.count(kind) for kind in ("species", "genus", UNCERTAIN, NONE)}
        return {**kinds, "bad": len(self) - len(named)}

    @property
    def summary(self) -> str:
        """The counts in words.

        >>> Answers((Answer("1.png", rank="species"), Answer("2.png", "is empty"))).summary
        '2 pictures: 1 named to species, 0 to genus, 0 uncertain, 0 none of these, 1 bad.'
        """
        species, genus, uncertain, none, bad = self.counts.values()
        many = "1 picture" if len(self) == 1 else f"{len(self):,} pictures"
        told = f"{many}: {species} named to species, {genus} to genus, {uncertain} {UNCERTAIN}, {none} {NONE}"
        return f"{told}, {bad} bad." if bad else f"{told}."

    def lines(self) -> list[str]:
        """A table in columns, a line a picture; what cannot be printed in a name is escaped."""
        rows = [["file", "answer", "candidates"]]
        rows += [[visible(one.file), visible(one.text), visible(one.more)] for one in self]
        widths = [max(len(row[column]) for row in rows if len(row[column]) < 80) for column in (0, 1)]
        return [f"{file:{widths[0]}}  {answer:{widths[1]}}  {more}".rstrip() for file, answer, more in rows]

    def __repr__(self) -> str:
        more = [f"... and {len(self) - _SHOWN} more"] if len(self) > _SHOWN else []
        return "\n".join([self.summary, "", *self[:_SHOWN].lines(), *more])

    def _repr_html_(self) -> str:
        """For notebooks."""
        rows = [
            f"<tr><td>{escape(visible(one.file))}</td><td>{escape(visible(one.text))}</td>"
            f"<td>{escape(visible(one.more))}</td></tr>"
            for one in self[:_SHOWN]
        ]
        head = "<tr><th>file</th><th>answer</th><th>candidates</th></tr>"
        more = f"<p>... and {len(self) - _SHOWN} more</p>" if len(self) > _SHOWN else ""
        return f"<p>{escape(self.summary)}</p><table>{head}{''.join(rows)}</table>{more}"

    def to_pandas(self) -> "pd.DataFrame":
        """A row a picture, a column a value; empty where a picture is bad."""
        import pandas as pd

        return pd.DataFrame([one.to_row() for one in self])
