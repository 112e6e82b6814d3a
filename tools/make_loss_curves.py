"""Writes tests/resources/train/curve-*.{onnx,npz,json}: networks, batches and the losses PyTorch has while it trains them.

    python tools/make_loss_curves.py            (needs tools/requirements.txt; seconds)

A small convolutional network with BatchNormalization learns by SGD with momentum, a perceptron by Adam, both for 100
steps on the first 160 samples of models/digits.npz in their order, 32 at a time, five steps an epoch. JSON has the mean
cross-entropy of each step before its update.
"""
import json
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import nn

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "tests/resources/train"
BATCH, SAMPLES, STEPS = 32, 160, 100

NETS = {
    "cnn": (lambda: nn.Sequential(
        nn.Conv2d(1, 4, 5, 2), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 8, 3), nn.ReLU(),
        nn.Flatten(), nn.Linear(128, 10)), lambda w: torch.optim.SGD(w, lr=0.02, momentum=0.9)),
    "mlp": (lambda: nn.Sequential(
        nn.Flatten(), nn.Linear(784, 12), nn.ReLU(), nn.Linear(12, 10)), lambda w: torch.optim.Adam(w, lr=0.001)),
}


def main():
    torch.set_num_threads(1)
    digits = np.load(ROOT / "models/digits.npz")
    order = np.random.default_rng(0).permutation(len(digits["x_train"]))[:SAMPLES]
    images = digits["x_train"][order].reshape(SAMPLES, 1, 28, 28)
    labels = digits["y_train"][order].astype(np.uint8)
    np.savez_compressed(OUT / "curve.npz", x=images, y=labels)
    x = torch.tensor(images.astype(np.float32) / 255)
    y = torch.tensor(labels.astype(np.int64))
    for name, (make, optimizer) in NETS.items():
        torch.manual_seed(7)
        net = make()
        for norm in (part for part in net if isinstance(part, nn.BatchNorm2d)):  # the exporter merges equal constants
            for values in (norm.weight, norm.bias, norm.running_mean, norm.running_var):
                nn.init.uniform_(values, 0.5, 1.5)
        file = OUT / f"curve-{name}.onnx"
        torch.onnx.export(
            net.eval(), (x[:2],), file, input_names=["x"], output_names=["y"], dynamic_axes={"x": {0: "N"}, "y": {0: "N"}},
            opset_version=17, dynamo=False, training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False)
        onnx.checker.check_model(str(file))
        net.train()
        steps = optimizer(net.parameters())
        losses = []
        for step in range(STEPS):
            at = step * BATCH % SAMPLES
            loss = nn.functional.cross_entropy(net(x[at:at + BATCH]), y[at:at + BATCH])
            losses.append(loss.item())
            steps.zero_grad()
            loss.backward()
            steps.step()
        (OUT / f"curve-{name}.json").write_text(json.dumps([round(one, 7) for one in losses]) + "\n")
        print(name, losses[0], losses[-1], file.stat().st_size)


main()
