"""Every recipe, target and seed of a plan, cell by cell; a cell that is there already is not made again."""

import logging
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from visgen_train.config import Config
from visgen_train.experiment.ablation.cells import CellName, write_cell
from visgen_train.experiment.ablation.making import (
    DNA,
    NONE,
    SAME_STEPS,
    finished_cell,
    make_cell,
    named_targets,
)
from visgen_train.experiment.ablation.plan import FEATURES, Plan
from visgen_train.experiment.ablation.sources import FeatureSource, ImageSource, as_they_came
from visgen_train.experiment.inputs import Labelled
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
    """

    folder: Path
    plan: Plan
    source: ImageSource | FeatureSource
    labelled: Labelled
    track: Track = silent

    @property
    def stages(self) -> list[list[str]]:
        """Recipes by the first stage they share."""
        return self.plan.stages(all_have_dna=not self.labelled.match.images_only)

    def run(self) -> None:
        """Make every cell that is not there yet."""
        for seed in self.plan.seeds:
            for recipes in self.stages:
                cells = self.cells(seed, recipes)
                missing = [cell for cell in cells if not cell.path(self.folder).is_file()]
                if missing:
                    self._make(seed, recipes, missing)

    def cells(self, seed: int, recipes: list[str]) -> list[CellName]:
        """The cells of recipes that share stage 1: one without alignment, and the targets of each that aligns."""
        cells = [CellName(seed, recipes[0], NONE)]
        for name in recipes:
            if self.plan.rows[name].aligns:
                cells += [CellName(seed, name, target) for target in self._targets(self._config(name, seed))]
        return cells

    def _targets(self, config: Config) -> list[str]:
        """Names of the targets asked for."""
        asked = self.plan.controls
        means = np.eye(self.labelled.scored)  # only names are asked for here
        made = named_targets(self.labelled, means, config).values()
        names = [DNA, SAME_STEPS, *(target.name for target in made if target.kind != DNA)]
        kinds = {target.name: target.kind for target in made}
        return [name for name in names if name == DNA or kinds.get(name, name) in asked]

    def _make(self, seed: int, recipes: list[str], missing: list[CellName]) -> None:
        config = self._config(recipes[0], seed)
        if recipes[0] == FEATURES and isinstance(self.source, FeatureSource):
            examples = self.source.examples(config)
            known, sealed = as_they_came(self.labelled, examples, config)
            made = finished_cell(missing[0], NONE, None, known, sealed, self.labelled, examples)
            write_cell(missing[0].path(self.folder), made)
            return
        folder = self.folder / "stage1" / f"seed-{seed}" / recipes[0]
        with self.source.stage1(folder, config, self.track) as session:
            for cell in self.track(missing, f"Seed {seed}, {recipes[-1]}", len(missing)):
                write_cell(cell.path(self.folder), make_cell(session, cell, self._config(cell.recipe, seed)))
                log.info("%s of %s, seed %d, is done", cell.target, cell.recipe, seed)

    def _config(self, recipe: str, seed: int) -> Config:
        return replace(self.plan.rows[recipe].config, seed=seed)
