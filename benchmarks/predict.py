"""How fast `visgen predict` is beside bare inference: `python benchmarks/predict.py RUN IMAGES`; docs/predict.md.

Bare inference is the same network on the same batches of pictures that are decoded already: input made of pixels,
backbone, head. Prediction adds probabilities, genus, none of these and nearest pictures. Then the
same from files, beside decoding alone. Times are taken in turn in one run; medians and quartiles.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
import visgen_train
from measure import ratio, seconds
from visgen_train.data.transforms import plain
from visgen_train.prediction.predictor import BATCH
from visgen_train.prediction.sources import decoded, sources


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("images", type=Path)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--device")
    options = parser.parse_args()
    predictor = visgen_train.load(options.run, device=options.device)
    given = sources(options.images)
    pictures = [
        (one, pair) for one, pair in zip(given, decoded(given, predictor.policy), strict=True) if not pair[1]
    ]
    pixels = np.stack([pair[0] for _, pair in pictures])

    @torch.inference_mode()
    def bare() -> None:
        for start in range(0, len(pixels), BATCH):
            output = predictor.network(plain(pixels[start : start + BATCH], predictor.device))
            output.embedding.cpu().numpy()

    def named() -> None:
        list(predictor.answers(iter(pictures), 3))

    def from_files() -> None:
        predictor.predict(options.images)

    def decoding() -> None:
        list(decoded(given, predictor.policy))

    print(
        f"{len(pixels)} pictures, {predictor.device}, {torch.get_num_threads()} threads; {options.rounds} rounds"
    )
    print(f"share of bare inference's pictures a second: {ratio(named, bare, options.rounds, inverse=True)}")
    print(f"from files: {ratio(from_files, bare, options.rounds, inverse=True)}")
    print(f"decoding alone, times bare inference: {ratio(decoding, bare, options.rounds)}")
    print(f"bare inference: {len(pixels) / seconds(bare):.0f} pictures a second, here and now")


if __name__ == "__main__":
    main()
