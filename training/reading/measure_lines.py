"""Measure a packaged net of lines on strings held out, one view of each.

It runs as in reading, by `mnistry.inference.net`, so that nets of any layers compare.

Run: python -m training.reading.measure_lines reading-lines.safetensors held/
"""

import argparse
import time
from pathlib import Path

import numpy as np

from mnistry.inference.net import Net, load_net, run
from mnistry.scan.recognize.decode import greedy_path
from mnistry.softmax import log_softmax
from training.reading.loop import log
from training.reading.strip_shards import Strip, read_shard


def is_right(net: Net, strip: Strip) -> bool:
    """Return whether the likeliest path through a strip has its digits."""
    image = strip.pixels.astype(np.float32)[None, :, :, None] / np.float32(255)
    log_probs = log_softmax(run(net, image)[0, 0].reshape(-1, 11))
    return np.array_equal(greedy_path(log_probs).digits, strip.digits)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("net", type=Path, help="as packaged")
    parser.add_argument("held", type=Path, help="folder of shards, or of folders")
    parser.add_argument("--first", type=int, help="only so many of each shard")
    args = parser.parse_args()
    net = load_net(args.net)
    for path in sorted(args.held.glob("**/[0-9]*.npz")):
        strips = read_shard(path)[: args.first]
        began = time.process_time()
        right = np.array([is_right(net, strip) for strip in strips])
        each = (time.process_time() - began) / len(strips) * 1e3
        name = path.relative_to(args.held).with_suffix("")
        log(f"{name}: {right.mean():.4f} of {len(right)}, {each:.2f} ms each")


if __name__ == "__main__":
    main()
