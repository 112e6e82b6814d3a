"""Trains LeNet-5 in the form known from Caffe (20 and 50 channels, 500 neurons) and writes models/digits-lenet5.onnx.

    python tools/make_lenet5.py            (needs tools/requirements.txt; about a minute on one core)

The last 1,000 training images are left out, so that they are new to the model when a fine-tuning run validates on
them. One thread, a fixed seed: the same machine and library versions give the same bytes.
"""
import argparse
from collections import OrderedDict
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import nn

SEED = 5
EPOCHS = 15
BATCH = 64
HELD_OUT = 1000


def lenet5():
    return nn.Sequential(OrderedDict(
        conv1=nn.Conv2d(1, 20, 5), relu1=nn.ReLU(), pool1=nn.MaxPool2d(2),
        conv2=nn.Conv2d(20, 50, 5), relu2=nn.ReLU(), pool2=nn.MaxPool2d(2),
        flatten=nn.Flatten(),
        fc1=nn.Linear(50 * 4 * 4, 500), relu3=nn.ReLU(),
        fc2=nn.Linear(500, 10)))


def load(path):
    """The splits as (images [N,1,28,28] in 0..1, labels [N])."""
    with np.load(path) as data:
        return [(data[f"x_{split}"][:, None] / np.float32(255), data[f"y_{split}"].astype(np.int64))
                for split in ("train", "test")]


def train(model, images, labels):
    """AdamW with a cosine decay from 0.001 to 0."""
    images, labels = torch.from_numpy(images), torch.from_numpy(labels)
    steps = EPOCHS * -(-len(images) // BATCH)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for epoch in range(EPOCHS):
        total = 0.0
        for batch in torch.randperm(len(images)).split(BATCH):
            loss = nn.functional.cross_entropy(model(images[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(batch)
        print(f"epoch {epoch + 1:2d}  loss {total / len(images):.4f}")


def export(model, path):
    # The older exporter keeps the parameters' names and records nothing of the machine it runs on.
    torch.onnx.export(model.eval(), (torch.zeros(1, 1, 28, 28),), str(path), dynamo=False, opset_version=17,
                      input_names=["image"], output_names=["logits"],
                      dynamic_axes={"image": {0: "batch"}, "logits": {0: "batch"}})
    onnx.checker.check_model(str(path), full_check=True)


def accuracy(path, images, labels):
    """Of the written file, by onnxruntime."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    logits, = session.run(["logits"], {"image": images})
    return (logits.argmax(1) == labels).mean()


def main():
    models = Path(__file__).resolve().parent.parent / "models"
    parser = argparse.ArgumentParser(description="Trains and writes models/digits-lenet5.onnx.")
    parser.add_argument("--data", type=Path, default=models / "digits.npz")
    parser.add_argument("--out", type=Path, default=models / "digits-lenet5.onnx")
    args = parser.parse_args()

    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    (images, labels), test = load(args.data)
    model = lenet5()
    train(model, images[:-HELD_OUT], labels[:-HELD_OUT])
    export(model, args.out)
    print(f"{args.out.name}: {args.out.stat().st_size:,} bytes, accuracy by onnxruntime:"
          f" trained on {accuracy(args.out, images[:-HELD_OUT], labels[:-HELD_OUT]):.4f},"
          f" held out {accuracy(args.out, images[-HELD_OUT:], labels[-HELD_OUT:]):.4f},"
          f" test {accuracy(args.out, *test):.4f}")


if __name__ == "__main__":
    main()
