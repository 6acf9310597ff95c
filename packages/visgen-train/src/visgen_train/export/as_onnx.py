"""`model.onnx`: a graph for onnxruntime and its like, in any language (the extra `export`)."""

import importlib
import json
from pathlib import Path
from typing import Any

import torch

from visgen_train.export.network import SpeciesNetwork
from visgen_train.export.traced import traced

NAME, NEEDS = "model.onnx", ("onnx", "onnxscript", "onnxruntime")


def write(path: Path, network: SpeciesNetwork, about: dict[str, Any]) -> None:
    """Write the graph; `about` stands in its metadata `visgen` as JSON."""
    program = torch.onnx.export(
        traced(network, about["image_size"]),
        input_names=["images"],
        output_names=list(network.outputs),
        verbose=False,
    )
    if program is None:
        raise RuntimeError("torch made no program")
    for node in program.model.graph:
        node.metadata_props.clear()  # paths and names of this machine's code
    program.model.metadata_props["visgen"] = json.dumps(about)
    program.save(path, external_data=False)


def outputs(path: Path, network: SpeciesNetwork, pictures: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """What the file gives of pictures (n, 3, size, size) uint8."""
    onnxruntime = importlib.import_module("onnxruntime")
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return tuple(map(torch.from_numpy, session.run(list(network.outputs), {"images": pictures.numpy()})))
