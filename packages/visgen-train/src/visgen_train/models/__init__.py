"""The image embedding network: a torchvision or timm backbone and the paper's projection head."""
