"""Train the line reader on composed strips, for a given number of minutes.

Run: python train_lines.py STRIPS_DIR HELD_BACK_DIR OUT.safetensors MINUTES
"""

import sys
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional

BLANK = 10


def block(i, o, k=3, pad=1):
    """A convolution, normalised."""
    return nn.Sequential(
        nn.Conv2d(i, o, k, padding=pad, bias=False), nn.BatchNorm2d(o), nn.ReLU()
    )


class LineNet(nn.Module):
    """Strips (n, 1, 32, w) to logits (n, w / 2, 11); the last class is blank."""

    def __init__(self, c=16):
        """Lay the layers."""
        super().__init__()
        self.body = nn.Sequential(
            block(1, c),
            nn.MaxPool2d(2),
            block(c, 2 * c),
            block(2 * c, 2 * c),
            nn.MaxPool2d(2),
            block(2 * c, 4 * c),
            block(4 * c, 4 * c),
            nn.MaxPool2d((2, 1)),
            block(4 * c, 4 * c),
            block(4 * c, 96, (4, 1), 0),
            nn.Dropout(0.1),
            block(96, 96, (1, 5), (0, 2)),
        )
        self.head = nn.Conv2d(96, 22, 1)

    def forward(self, x):
        """Give logits."""
        y = self.head(self.body(x)).squeeze(2)  # n, 22, w/4
        n, _, t = y.shape
        return y.view(n, 2, 11, t).permute(0, 3, 1, 2).reshape(n, 2 * t, 11)


def load(folder: Path):
    """Load all shards there are."""
    out = []
    for path in sorted(folder.glob("[0-9]*.npz")):
        d = np.load(path)
        ends = np.cumsum(d["strip_widths"])
        marks = np.cumsum(d["counts"])
        pixels = d["pixels"]
        for k, (end, mark) in enumerate(zip(ends, marks, strict=True)):
            w, c = d["strip_widths"][k], d["counts"][k]
            s = slice(mark - c, mark)
            out.append(
                (
                    np.ascontiguousarray(pixels[:, end - w : end]),
                    d["digits"][s],
                    d["centres"][s],
                    d["widths"][s],
                )
            )
    return out


def batches(rows, size, rng):
    """Batches of about one width."""
    order = rng.permutation(len(rows))
    for start in range(0, len(order), size * 40):
        part = sorted(
            order[start : start + size * 40], key=lambda k: rows[k][0].shape[1]
        )
        parts = [part[i : i + size] for i in range(0, len(part), size)]
        for i in rng.permutation(len(parts)):
            yield [rows[k] for k in parts[i]]


def tensors(batch, rng=None):
    """Pad, change a little, and mark the frames."""
    wide = max(32, max(r[0].shape[1] for r in batch))
    wide = -(-wide // 4) * 4
    x = np.zeros((len(batch), 1, 32, wide), np.float32)
    t = np.full((len(batch), wide // 2), BLANK, np.int64)
    for k, (s, digits, centres, widths) in enumerate(batch):
        at = 0 if rng is None else int(rng.integers(0, wide - s.shape[1] + 1))
        x[k, 0, :, at : at + s.shape[1]] = s
        for d, c, w in zip(digits, centres, widths, strict=True):
            c = (c + at) / 2
            r = max(0.7, 0.09 * w)
            lo, hi = int(np.ceil(c - r - 0.5)), int(np.floor(c + r - 0.5))
            t[k, max(0, lo) : min(t.shape[1], hi + 1)] = d
    x = torch.from_numpy(x) / 255
    return x, torch.from_numpy(t)


def shake(x, t, rng):
    """Change a batch as a whole: contrast, noise, thickness, width, place."""
    x = (x * float(rng.uniform(0.75, 1.25))).clamp(0, 1)
    if rng.random() < 0.4:
        x = x ** float(np.exp(rng.uniform(-0.4, 0.4)))
    kind = rng.random()
    if kind < 0.1:
        x = functional.max_pool2d(x, (1, 2), 1)[..., : x.shape[-1] - 1]
        x = functional.pad(x, (0, t.shape[1] * 2 - x.shape[-1]))
    elif kind < 0.2:
        x = functional.avg_pool2d(x, 3, 1, 1)
    if rng.random() < 0.5:
        x = x + torch.randn_like(x) * float(rng.uniform(0, 0.08))
    if rng.random() < 0.5:
        stretch = float(np.exp(rng.uniform(-0.25, 0.25)))
        tall = float(np.exp(rng.uniform(-0.2, 0.2)))
        up = float(rng.uniform(-0.12, 0.12))
        lean = float(rng.normal(0, 0.08)) * 32 / x.shape[-1]
        theta = torch.tensor([[1.0, lean, 0.0], [0.0, tall, up]]).expand(len(x), 2, 3)
        w = max(32, round(x.shape[-1] * stretch / 4) * 4)
        grid = functional.affine_grid(theta, (len(x), 1, 32, w), align_corners=False)
        x = functional.grid_sample(x, grid, align_corners=False)
        t2 = functional.one_hot(t, 11).float().permute(0, 2, 1)
        t2[:, BLANK] *= 0.6
        t = functional.interpolate(t2, w // 2, mode="linear").argmax(1)
    return x.clamp(0, 1), t


def greedy(logits):
    """The best path, collapsed."""
    best = logits.argmax(-1).numpy()
    out = []
    for row in best:
        last, text = BLANK, []
        for v in row:
            if v != last and v != BLANK:
                text.append(int(v))
            last = v
        out.append(text)
    return out


@torch.no_grad()
def exact(net, rows):
    """How many strings are read exactly."""
    net.eval()
    good = 0
    order = sorted(range(len(rows)), key=lambda k: rows[k][0].shape[1])
    for i in range(0, len(order), 64):
        batch = [rows[k] for k in order[i : i + 64]]
        x, _ = tensors(batch)
        for text, r in zip(greedy(net(x)), batch, strict=True):
            good += text == r[1].tolist()
    net.train()
    return good / len(rows)


def main():
    """Train."""
    strips, held, out, minutes = sys.argv[1:5]
    warm = sys.argv[5] if len(sys.argv) > 5 else None
    torch.set_num_threads(1)
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    net = LineNet().to(memory_format=torch.channels_last)
    if warm:
        net.load_state_dict(load_file(warm))
    average = torch.optim.swa_utils.AveragedModel(
        net,
        multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.998),
        use_buffers=True,
    )
    peak = 1.2e-3 if warm else 2.5e-3
    opt = torch.optim.AdamW(net.parameters(), lr=peak, weight_decay=0.02)
    held_rows = load(Path(held))
    start, budget, step, seen, told = (
        time.time(),
        float(minutes) * 60,
        0,
        0,
        time.time(),
    )
    losses = []
    while time.time() - start < budget:
        rows = load(Path(strips))
        for batch in batches(rows, 32, rng):
            done = (time.time() - start) / budget
            if done >= 1:
                break
            lr = (
                peak
                * min(1, step / 200 + 0.02)
                * (0.5 * (1 + np.cos(np.pi * done)) + 0.01)
            )
            for g in opt.param_groups:
                g["lr"] = lr
            x, t = shake(*tensors(batch, rng), rng)
            x = x.to(memory_format=torch.channels_last)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                y = net(x)
            y = y.float().log_softmax(-1)
            weights = torch.ones(11)
            weights[BLANK] = 0.5
            loss = functional.nll_loss(y.reshape(-1, 11), t.reshape(-1), weights)
            ctc_share = 0.0 if (step < 500 and not warm) else 1.0
            if ctc_share:
                counts = torch.tensor([len(r[1]) for r in batch])
                labels = torch.from_numpy(
                    np.concatenate([r[1] for r in batch]).astype(np.int64)
                )
                ctc = functional.ctc_loss(
                    y.transpose(0, 1),
                    labels,
                    torch.full((len(batch),), y.shape[1]),
                    counts,
                    blank=BLANK,
                    zero_infinity=True,
                )
                loss = (0.5 if done < 0.6 else 0.15) * loss + 0.3 * ctc
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 2.0)
            opt.step()
            average.update_parameters(net)
            losses.append(float(loss.detach()))
            step, seen = step + 1, seen + len(batch)
            if time.time() - told > 240:
                told = time.time()
                print(
                    f"{(told - start) / 60:.1f} min, step {step}, seen {seen},"
                    f" of {len(rows)}, loss {np.mean(losses):.4f}, held-back exact"
                    f" {exact(average.module, held_rows[:500]):.4f}",
                    flush=True,
                )
                losses = []
                save_file(
                    {k: v.contiguous() for k, v in average.module.state_dict().items()},
                    out,
                )
    print(
        f"end: seen {seen}, held-back exact {exact(average.module, held_rows):.4f}",
        flush=True,
    )
    save_file({k: v.contiguous() for k, v in average.module.state_dict().items()}, out)


if __name__ == "__main__":
    main()
