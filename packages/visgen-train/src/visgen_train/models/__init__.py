"""The image embedding network: a torchvision backbone and the paper's projection head."""
