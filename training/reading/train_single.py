"""Train the reader of single digits on composed images, for a number of minutes.

Run: python train_single.py DIR HELD_BACK_DIR OUT.safetensors MINUTES
"""

import sys
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional
from train_lines import block


class DigitNet(nn.Module):
    """Images (n, 1, 28, 28) to logits (n, 11); the last class is junk."""

    def __init__(self, c=16):
        """Lay the layers."""
        super().__init__()
        self.body = nn.Sequential(
            block(1, c),
            block(c, c),
            nn.MaxPool2d(2),
            block(c, 2 * c),
            block(2 * c, 2 * c),
            nn.MaxPool2d(2),
            block(2 * c, 4 * c),
            block(4 * c, 4 * c),
            nn.Dropout2d(0.1),
        )
        self.head = nn.Linear(49 * 4 * c, 11)

    def forward(self, x):
        """Give logits."""
        return self.head(self.body(x).flatten(1))


def load(folder):
    """Load all shards there are."""
    shards = [np.load(p) for p in sorted(Path(folder).glob("[0-9]*.npz"))]
    return np.concatenate([s["images"] for s in shards]), np.concatenate(
        [s["labels"] for s in shards]
    )


def shake(x, rng):
    """Turn, slant, scale and move each image; change contrast and thickness."""
    n = len(x)
    turn, lean = torch.randn(2, n) * torch.tensor([[0.12], [0.15]])
    sx, sy = torch.exp(torch.randn(2, n) * 0.1)
    tx, ty = torch.randn(2, n) * 0.06
    cos, sin = torch.cos(turn), torch.sin(turn)
    theta = torch.stack(
        [
            torch.stack([sx * cos, lean - sin, tx], 1),
            torch.stack([sin, sy * cos, ty], 1),
        ],
        1,
    )
    x = functional.grid_sample(
        x,
        functional.affine_grid(theta, x.shape, align_corners=False),
        align_corners=False,
    )
    kind = rng.random()
    if kind < 0.12:
        x = functional.max_pool2d(x, 3, 1, 1)
    elif kind < 0.3:
        x = functional.avg_pool2d(x, 3, 1, 1)
    if rng.random() < 0.5:
        x = x ** float(np.exp(rng.normal(0, 0.4)))
    if rng.random() < 0.3:
        x = x + torch.randn_like(x) * float(rng.uniform(0, 0.15))
    return x.clamp(0, 1)


@torch.no_grad()
def measure(net, images, labels):
    """Accuracy on digits, and share of junk seen as such."""
    net.eval()
    out = torch.cat(
        [
            net(torch.from_numpy(images[i : i + 500])[:, None] / 255)
            for i in range(0, len(images), 500)
        ]
    ).numpy()
    net.train()
    digit = labels < 10
    return (
        (out[digit, :10].argmax(1) == labels[digit]).mean(),
        (out[~digit].argmax(1) == 10).mean(),
        (out[digit].argmax(1) == 10).mean(),
    )


def main():
    """Train."""
    folder, held, out, minutes = sys.argv[1:5]
    warm = sys.argv[5] if len(sys.argv) > 5 else None
    torch.set_num_threads(1)
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    net = DigitNet().to(memory_format=torch.channels_last)
    if warm:
        net.load_state_dict(load_file(warm))
    average = torch.optim.swa_utils.AveragedModel(
        net,
        multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.998),
        use_buffers=True,
    )
    peak = 1e-3 if warm else 3e-3
    opt = torch.optim.AdamW(net.parameters(), lr=peak, weight_decay=0.02)
    held_images, held_labels = load(held)
    start, budget, step, told, losses = (
        time.time(),
        float(minutes) * 60,
        0,
        time.time(),
        [],
    )
    while time.time() - start < budget:
        images, labels = load(folder)
        for rows in np.array_split(
            rng.permutation(len(images)), max(1, len(images) // 64)
        ):
            done = (time.time() - start) / budget
            if done >= 1:
                break
            for g in opt.param_groups:
                g["lr"] = (
                    peak
                    * min(1, step / 200 + 0.02)
                    * (0.5 * (1 + np.cos(np.pi * done)) + 0.01)
                )
            x = shake(torch.from_numpy(images[rows])[:, None].float() / 255, rng).to(
                memory_format=torch.channels_last
            )
            with torch.autocast("cpu", dtype=torch.bfloat16):
                y = net(x)
            loss = functional.cross_entropy(
                y.float(), torch.from_numpy(labels[rows]).long(), label_smoothing=0.02
            )
            opt.zero_grad()
            loss.backward()
            opt.step()
            average.update_parameters(net)
            losses.append(float(loss.detach()))
            step += 1
            if time.time() - told > 120:
                told = time.time()
                print(
                    f"{(told - start) / 60:.1f} min, step {step}, of {len(images)},"
                    f" loss {np.mean(losses):.4f}, held back"
                    f" {measure(average.module, held_images, held_labels)}",
                    flush=True,
                )
                losses = []
                save_file(
                    {k: v.contiguous() for k, v in average.module.state_dict().items()},
                    out,
                )
    print("end", step, measure(average.module, held_images, held_labels), flush=True)
    save_file({k: v.contiguous() for k, v in average.module.state_dict().items()}, out)


if __name__ == "__main__":
    main()
