"""Measure an exported net of lines on held-back strips, one look at each.

It runs as in reading, by `mnistry.inference.net`, so that nets of any layers compare.

Run: python measure_lines.py NET.safetensors HELD_BACK_DIR
"""

import sys
from pathlib import Path

import numpy as np
from line_batches import Row, read_shard
from loop import tell

from mnistry.inference.net import Net, load_net, run
from mnistry.scan.pattern import any_digits
from mnistry.scan.recognize.decode import best_path
from mnistry.softmax import log_softmax


def is_right(net: Net, row: Row) -> bool:
    """Tell whether the likeliest path through a strip has its digits."""
    image = row.strip.astype(np.float32)[None, :, :, None] / np.float32(255)
    frames = log_softmax(run(net, image)[0, 0].reshape(-1, 11))
    path = best_path(frames, any_digits())
    return path is not None and list(path.digits) == row.digits.tolist()


def main() -> None:
    """Measure."""
    net = load_net(Path(sys.argv[1]))
    for path in sorted(Path(sys.argv[2]).glob("[0-9]*.npz")):
        right = np.array([is_right(net, row) for row in read_shard(path)])
        tell(f"{path.stem}: {right.mean():.4f} of {len(right)}")


if __name__ == "__main__":
    main()
