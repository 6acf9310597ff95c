"""`visgen ablate` and `visgen run --features`: from their inputs to ablation.json, and on from where they stopped."""

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import sgt_dna

from visgen_train.config import Config, to_yaml
from visgen_train.data.features import FeatureTable
from visgen_train.errors import UsageError
from visgen_train.evaluation.threads import few_threads
from visgen_train.experiment.ablation.ablation import Ablation
from visgen_train.experiment.ablation.content import ablation_content
from visgen_train.experiment.ablation.continuing import PLAN_VERSION, continued
from visgen_train.experiment.ablation.plan import CONTROLS, Plan, consecutive, feature_rows
from visgen_train.experiment.ablation.sources import FeatureSource, ImageSource
from visgen_train.experiment.inputs import Inputs, check_kept, read_labels
from visgen_train.experiment.labelled import match_labels
from visgen_train.io.atomic import write_json, write_text
from visgen_train.io.progress import Track, silent
from visgen_train.models.backbone import check_backbone
from visgen_train.training.rundir import ABLATION, ABLATION_RESULTS, NAMES, RunFolder


def ablate(
    inputs: Inputs,
    out: Path,
    plan: Plan,
    *,
    resume: bool = False,
    force: bool = False,
    zero_shot: bool = False,
    track: Track = silent,
) -> dict[str, Any]:
    """Train every recipe and every control of a plan on pictures, and compare them.

    Parameters
    ----------
    out : Path
        Folder for the tables, and for all that was trained (`stage1`, `cells`).
    resume : bool
        Go on with the ablation in `out`; the plan may have more seeds, recipes or controls than before.
    force : bool
        Replace what is in `out`.
    zero_shot : bool
        Leave species out in turn as well, see `Trials`: stage 1 of the primary recipe is trained four times more for
        each seed.

    Returns
    -------
    dict
        The content of ablation.json.

    Raises
    ------
    VisgenError, sgt_dna.SgtError
        With the way out in the message.
    """
    for row in plan.rows.values():
        check_backbone(row.config.model.backbone)
    config = plan.main.config
    check_kept(inputs, out)
    facts = {"kind": "images", "images": inputs.images, "features": None, "sequences": inputs.sequences}
    with _folder(out, resume, force) as folder:
        labelled = read_labels(inputs, config, track)
        ablation = Ablation(out, plan, ImageSource(inputs), labelled, track, zero_shot)
        return _finished(folder, ablation, facts, resume)


def ablate_features(
    table: FeatureTable,
    records: list[sgt_dna.Record],
    labels: Mapping[str, str],
    sources: tuple[Path | str, Path | str],
    out: Path,
    config: Config,
    seeds: int = 3,
    *,
    matched_only: bool = False,
    synonyms: Path | None = None,
    resume: bool = False,
    force: bool = False,
    controls: tuple[str, ...] = CONTROLS,
    zero_shot: bool = False,
    track: Track = silent,
) -> dict[str, Any]:
    """The same on features of any model: heads are trained on them, with DNA, without, and with every control.

    Parameters
    ----------
    table : FeatureTable
    records, labels
        The sequences, and the species of each by its id.
    sources : (path or str, path or str)
        Where features and sequences came from.
    config : Config
        Its seed is the first of `seeds` seeds.
    matched_only : bool
        Go on with the species that have both features and sequences.
    synonyms : Path, optional
        CSV with columns synonym and accepted, over the shipped table.
    resume, force : bool
        As of `ablate`.
    controls : tuple of str
        Kinds of `genetics.controls.KINDS`.
    zero_shot : bool
        Leave species out in turn as well, see `Trials`.
    """
    plan = Plan(feature_rows(config), consecutive(config.seed, seeds), controls)
    if force and isinstance(sources[0], Path) and sources[0].resolve().is_relative_to(out.resolve()):
        raise UsageError(f"{sources[0]} is in {out}, which --force would replace. Choose another --out.")
    facts = {"kind": "features", "images": None, "features": sources[0], "sequences": sources[1]}
    with _folder(out, resume, force) as folder:
        labelled = match_labels(table.items, records, labels, sources, matched_only, config, synonyms)
        ablation = Ablation(out, plan, FeatureSource(table, labelled), labelled, track, zero_shot)
        return _finished(folder, ablation, facts, resume, table.sha256)


def _folder(out: Path, resume: bool, force: bool) -> RunFolder:
    begun = (out / ABLATION).is_file()
    if begun and not (resume or force):
        raise UsageError(
            f"{out} holds an ablation. Go on with it (--resume), replace it (--force; in Python "
            "force=True), or choose another folder."
        )
    if resume and not begun and (out / "data.json").is_file():
        raise UsageError(
            f"{out} holds a run and no ablation. Choose another folder, or replace it (--force)."
        )
    if resume and begun and not force:
        return RunFolder(out, force=True)  # what is kept and what goes is said to `start`
    return RunFolder(out, force, resume)


def _finished(
    folder: RunFolder, ablation: Ablation, facts: Mapping[str, Any], resume: bool, features: str | None = None
) -> dict[str, Any]:
    if ablation.trials is not None:
        ablation.trials.check()
    path = folder.path / ABLATION
    planned = _described(ablation, features)
    if resume and path.is_file():
        planned = continued(path, planned)
        ablation = replace(ablation, plan=replace(ablation.plan, promised=planned["primary_recipe"]))
        folder.start(ABLATION_RESULTS)
    else:
        folder.start(NAMES)
    write_json(path, planned)
    heading = "The settings of this ablation; what each recipe changes of them is in plan.json."
    write_text(folder.path / "config.yaml", to_yaml(ablation.plan.main.config, heading))
    with few_threads(len(ablation.labelled.items)):
        ablation.run()
        content = _content(ablation, facts, planned["seeds_told"])
    write_json(folder.path / "ablation.json", content)
    write_json(path, {**planned, "seeds_told": [*content["seeds_before"], len(content["seeds"])]})
    return content


def _content(ablation: Ablation, facts: Mapping[str, Any], seeds_told: Sequence[int]) -> dict[str, Any]:
    told = {name: None if value is None else str(value) for name, value in facts.items()}
    seeds_before = [before for before in seeds_told if before != len(ablation.plan.seeds)]
    return ablation_content(ablation, {**told, "seeds_before": seeds_before})


def _described(ablation: Ablation, features: str | None) -> dict[str, Any]:
    """What the cells depend on, settings and inputs; and what the closing sentence is to be about."""
    recipes = {}
    for name, row in ablation.plan.rows.items():
        settings = dataclasses.asdict(row.config)
        del settings["seed"], settings["device"], settings["checkpoint_minutes"]
        del settings["evaluate"]["bootstrap"], settings["evaluate"]["use_dna"]
        recipes[name] = settings
    return {
        "version": PLAN_VERSION,
        "items_sha256": hashlib.sha256(repr(ablation.labelled.items).encode()).hexdigest(),
        "sequences_sha256": ablation.labelled.sequences.sha256,
        "features_sha256": features,
        "primary_recipe": ablation.plan.primary,
        "seeds_told": [],
        "recipes": recipes,
    }
