"""`--zero-shot`: are species that have sequences and no images recognised by their DNA?"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from visgen_train.errors import DataError, UsageError
from visgen_train.evaluation.kriging import Problem
from visgen_train.experiment.ablation.cells import is_cell
from visgen_train.experiment.ablation.fold_cells import (
    FoldName,
    make_fold_cell,
    read_fold_cell,
    write_fold_cell,
)
from visgen_train.experiment.ablation.leaving_out import FOLDS, Fold, dealt_out, models
from visgen_train.experiment.ablation.plan import Plan
from visgen_train.experiment.ablation.sources import FeatureSource, ImageSource
from visgen_train.experiment.labelled import Labelled
from visgen_train.io.progress import Track, silent

log = logging.getLogger(__name__)
LEAST_SPECIES: Final = 8


@dataclass(frozen=True)
class Trials:
    """Every species left out once, a quarter of them at a time, for each seed and recipe.

    Of a species left out nothing is known but its sequences: its images are withheld from all training, of stage 1 too
    (pictures) or of heads (features), from the choice of the epoch, and from whitening, means, likelihood and every
    choice. Then its test images and those of the other species are asked for. "shuffled": the same with the distances
    of five permutations of the species, everything chosen anew; "anchor": the nearest anchor among those left out, in
    an embedding aligned to the others' anchors.

    Attributes
    ----------
    folder : Path
        Of the ablation.
    source : ImageSource or FeatureSource
    plan : Plan
    stages : mapping
        First stage -> recipes that share it.
    labelled : Labelled
    """

    folder: Path
    source: ImageSource | FeatureSource
    plan: Plan
    stages: Mapping[str, Sequence[str]]
    labelled: Labelled

    @classmethod
    def of(
        cls, folder: Path, source: ImageSource | FeatureSource, plan: Plan, labelled: Labelled
    ) -> "Trials":
        """All recipes of features; of pictures those that share stage 1 with the primary one, since it is trained."""
        stages = plan.stages(all_have_dna=not labelled.match.images_only)
        if isinstance(source, ImageSource):
            primary = plan.primary or list(plan.rows)[-1]
            stages = {stage: recipes for stage, recipes in stages.items() if primary in recipes}
        return cls(folder, source, plan, stages, labelled)

    @property
    def recipes(self) -> list[str]:
        """In the order of the tables."""
        return [name for name in self.plan.rows if any(name in held for held in self.stages.values())]

    def check(self) -> None:
        """Raise what stands in the way, before anything is trained.

        Raises
        ------
        UsageError
            Fewer than eight species.
        DataError
            Kriging cannot tell the species apart by their sequences.
        """
        names = self.labelled.match.species
        if len(names) < LEAST_SPECIES:
            raise UsageError(
                f"--zero-shot leaves a quarter of the species out in turn, and needs {LEAST_SPECIES} with images and "
                f"sequences; there are {len(names)}."
            )
        found = self.labelled.sequences.distances
        for part in (part for seed in self.plan.seeds for part in dealt_out(len(names), seed)):
            rest = tuple(name for number, name in enumerate(names) if number not in part)
            rows = [found.species.index(name) for name in rest]
            try:
                Problem(rest, np.eye(len(rest)), np.ones(len(rest)), found.matrix[np.ix_(rows, rows)], 1.0)
            except DataError as error:
                error.add_note("So leave --zero-shot out here.")
                raise

    def missing(self) -> list[FoldName]:
        """The cells that are not there yet."""
        names = [
            FoldName(seed, number, recipe)
            for seed in self.plan.seeds
            for number in range(1, FOLDS + 1)
            for recipe in self.recipes
        ]
        return [name for name in names if not is_cell(name.path(self.folder), read_fold_cell)]

    def announce(self) -> None:
        """Say how many trainings of pictures are to come."""
        if isinstance(self.source, FeatureSource):
            return
        seeds, named = len(self.plan.seeds), " and ".join(self.recipes)
        left = len({(name.seed, name.number) for name in self.missing()})
        told = f"--zero-shot: {FOLDS * seeds} more trainings of stage 1 ({FOLDS} quarters of the species left out x "
        told += f"{seeds} {'seed' if seeds == 1 else 'seeds'}), of {named}"
        if len(self.recipes) < len(self.plan.rows):
            told += " alone: each other first stage would take as many again"
        if left < FOLDS * seeds:
            told += f"; {left} of them are left to do"
        log.warning("%s", told)

    def run(self, track: Track) -> None:
        """Make every cell that is not there yet; a stage 1 of pictures that is there is not trained again."""
        missing = self.missing()
        for seed in dict.fromkeys(name.seed for name in missing):
            here = [name for name in missing if name.seed == seed]
            config = replace(self.plan.main.config, seed=seed)
            examples = self.source.examples(self.labelled, config, self.folder, track)
            parts = enumerate(dealt_out(self.labelled.scored, seed), 1)
            of_parts, of_stage = (
                (track, silent) if isinstance(self.source, FeatureSource) else (silent, track)
            )
            for number, part in of_parts(list(parts), f"Seed {seed}, zero-shot", FOLDS):
                fold = Fold(self.labelled, examples, part)
                wanted = [name.recipe for name in here if name.number == number]
                self._make(fold, seed, number, wanted, of_stage)

    def _make(self, fold: Fold, seed: int, number: int, wanted: Sequence[str], track: Track) -> None:
        for stage, recipes in self.stages.items():
            configs = {
                name: replace(self.plan.rows[name].config, seed=seed) for name in recipes if name in wanted
            }
            place = self.folder / "stage1" / f"seed-{seed}" / f"fold-{number}" / stage
            for recipe, embed in models(self.source, configs, stage, fold, place, track) if configs else ():
                cell = make_fold_cell(fold, embed, configs[recipe])
                write_fold_cell(FoldName(seed, number, recipe).path(self.folder), cell)
                log.info("quarter %d left out of %s, seed %d, is done", number, recipe, seed)
