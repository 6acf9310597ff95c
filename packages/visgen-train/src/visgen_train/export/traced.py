"""The graph that torch records of the network, of any number of pictures at once; ONNX is made from it, too."""

import torch
from torch.export import Dim, ExportedProgram

from visgen_train.export.network import SpeciesNetwork


def traced(network: SpeciesNetwork, image_size: int) -> ExportedProgram:
    """Record the graph; paths of this machine, which torch notes beside every step, are left out."""
    pictures = torch.zeros(2, 3, image_size, image_size, dtype=torch.uint8)
    program = torch.export.export(network, (pictures,), dynamic_shapes=({0: Dim("batch")},))
    for node in program.graph.nodes:
        node.meta.pop("stack_trace", None)
    return program
