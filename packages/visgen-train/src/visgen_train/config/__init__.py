"""Settings: frozen dataclasses whose help texts are the comments of config.yaml, presets, and how they are read."""

from visgen_train.config.loading import PRESETS, from_values, load_config, to_yaml
from visgen_train.config.sections import (
    AlignConfig,
    BalanceConfig,
    Config,
    DataConfig,
    EvaluateConfig,
    ModelConfig,
    TrainConfig,
)

__all__ = [
    "PRESETS",
    "AlignConfig",
    "BalanceConfig",
    "Config",
    "DataConfig",
    "EvaluateConfig",
    "ModelConfig",
    "TrainConfig",
    "from_values",
    "load_config",
    "to_yaml",
]
