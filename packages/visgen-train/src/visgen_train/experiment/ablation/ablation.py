"""Every recipe, target and seed of a plan, cell by cell; a cell that is there already is not made again."""

import logging
from dataclasses import dataclass, replace
from pathlib import Path

from visgen_train.config import Config
from visgen_train.experiment.ablation.cells import CellName, is_cell, write_cell
from visgen_train.experiment.ablation.making import (
    DNA,
    NONE,
    SAME_STEPS,
    finished_cell,
    make_cell,
    targets,
)
from visgen_train.experiment.ablation.plan import FEATURES, Plan
from visgen_train.experiment.ablation.sources import FeatureSource, ImageSource, as_they_came
from visgen_train.experiment.ablation.zero_shot import Trials
from visgen_train.experiment.labelled import Labelled
from visgen_train.io.progress import Track, silent

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ablation:
    """A plan at work.

    Attributes
    ----------
    folder : Path
        Cells and trained first stages go below it.
    plan : Plan
    source : ImageSource or FeatureSource
    labelled : Labelled
        Species and anchors.
    track : callable
        Shows progress.
    zero_shot : bool
        Species are left out in turn as well, see `Trials`.
    """

    folder: Path
    plan: Plan
    source: ImageSource | FeatureSource
    labelled: Labelled
    track: Track = silent
    zero_shot: bool = False

    @property
    def stages(self) -> dict[str, list[str]]:
        """Recipes by the first stage they share."""
        return self.plan.stages(all_have_dna=not self.labelled.match.images_only)

    @property
    def trials(self) -> Trials | None:
        """Species left out in turn, if that is asked for."""
        if not self.zero_shot:
            return None
        return Trials.of(self.folder, self.source, self.plan, self.labelled)

    def run(self) -> None:
        """Make every cell that is not there yet."""
        if self.trials is not None:
            self.trials.announce()
        for seed in self.plan.seeds:
            for stage, recipes in self.stages.items():
                cells = self.cells(seed, stage, recipes)
                missing = [cell for cell in cells if not is_cell(cell.path(self.folder))]
                if missing:
                    self._make(seed, stage, recipes, missing)
        if self.trials is not None:
            self.trials.run(self.track)

    def cells(self, seed: int, stage: str, recipes: list[str]) -> list[CellName]:
        """The cells of recipes that share stage 1: one without alignment, and the targets of each that aligns."""
        cells = [CellName(seed, stage, NONE)]
        for name in recipes:
            if self.plan.rows[name].aligns:
                cells += [CellName(seed, name, target) for target in self._targets(self._config(name, seed))]
        return cells

    def _targets(self, config: Config) -> list[str]:
        """Names of the targets asked for."""
        kinds = (DNA, *self.plan.controls)
        made = targets(self.labelled, config, kinds, lambda: self.labelled.anchors)  # their names alone count
        classifies = bool(
            config.train.epochs or config.balance.epochs
        )  # else the loss of stage 1 means nothing
        steps = [SAME_STEPS] if SAME_STEPS in kinds and classifies else []
        return [DNA, *steps, *(target.name for target in made[1:])]

    def _make(self, seed: int, stage: str, recipes: list[str], missing: list[CellName]) -> None:
        config = self._config(recipes[0], seed)
        if stage == FEATURES and isinstance(self.source, FeatureSource):
            examples = self.source.examples(self.labelled, config)
            known, sealed = as_they_came(self.labelled, examples, config)
            made = finished_cell(missing[0], NONE, None, known, sealed, self.labelled, examples, config)
            write_cell(missing[0].path(self.folder), made)
            return
        with self.source.stage1(self.folder, seed, stage, config, self.track) as session:
            for cell in self.track(missing, f"Seed {seed}, {recipes[-1]}", len(missing)):
                recipe = cell.recipe if cell.target != NONE else recipes[0]
                write_cell(cell.path(self.folder), make_cell(session, cell, self._config(recipe, seed)))
                log.info("%s of %s, seed %d, is done", cell.target, cell.recipe, seed)

    def _config(self, recipe: str, seed: int) -> Config:
        return replace(self.plan.rows[recipe].config, seed=seed)
