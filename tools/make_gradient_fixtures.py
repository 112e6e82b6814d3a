"""Writes tests/resources/gradient: small networks in training form and the gradients that PyTorch has for them.

    python tools/make_gradient_fixtures.py            (needs tools/requirements.txt; seconds)

NAME.onnx is the network, its batch dynamic, BatchNormalization in training form. NAME.expected.onnx has no nodes, but
as initializers a batch (x, labels), the mean cross-entropy (loss) and its gradient with respect to each parameter,
under the parameter's name. The images have
a constant background, so that elements tie for the maximum of a pool.
"""
import io
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper, version_converter
from torch import nn

OPSET = 21
BATCH = 4


class Block(nn.Module):
    """Two convolutions beside an identity, or a 1x1 convolution where the size changes."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1, self.norm1 = nn.Conv2d(inputs, outputs, 3, stride, 1), nn.BatchNorm2d(outputs)
        self.conv2, self.norm2 = nn.Conv2d(outputs, outputs, 3, 1, 1), nn.BatchNorm2d(outputs)
        same = inputs == outputs and stride == 1
        self.skip = nn.Identity() if same else nn.Conv2d(inputs, outputs, 1, stride)

    def forward(self, x):
        y = torch.relu(self.norm1(self.conv1(x)))
        return torch.relu(self.norm2(self.conv2(y)) + self.skip(x))


class Recurrent(nn.Module):
    """A recurrent layer and a classifier of what it says last."""

    def __init__(self, layer, width, take):
        super().__init__()
        self.layer, self.head, self.take = layer, nn.Linear(width, 5), take

    def forward(self, x):
        return self.head(self.take(*self.layer(x)))


class Attention(nn.Module):
    """A transformer's encoder block, normalized before or after, and the mean over the sequence."""

    def __init__(self, width, heads, norm_first):
        super().__init__()
        self.heads, self.norm_first = heads, norm_first
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.up, self.down = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)

    def attend(self, x):
        batch, steps, width = x.shape
        q, k, v = self.qkv(x).reshape(-1, steps, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        y = torch.softmax(q @ k.transpose(-1, -2) / (width // self.heads) ** 0.5, -1) @ v
        return self.out(y.transpose(1, 2).reshape(-1, steps, width))

    def forward(self, x):
        if self.norm_first:
            x = x + self.attend(self.norm1(x))
            return x + self.down(nn.functional.gelu(self.up(self.norm2(x))))
        x = self.norm1(x + self.attend(x))
        return self.norm2(x + self.down(torch.relu(self.up(x))))


class Encoder(nn.Module):
    """Tokens, embedded with their positions, one block, a classifier."""

    def __init__(self):
        super().__init__()
        self.words, self.position = nn.Embedding(11, 8), nn.Parameter(torch.randn(1, 6, 8))
        self.block, self.head = Attention(8, 2, False), nn.Linear(8, 5)

    def forward(self, x):
        return self.head(self.block(self.words(x) + self.position).mean(1))


class Vit(nn.Module):
    """Patches, a class token, one block."""

    def __init__(self):
        super().__init__()
        self.patches, self.token = nn.Conv2d(3, 8, 4, 4), nn.Parameter(torch.randn(1, 1, 8))
        self.position = nn.Parameter(torch.randn(1, 10, 8))
        self.block, self.norm, self.head = Attention(8, 2, True), nn.LayerNorm(8), nn.Linear(8, 5)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.position
        return self.head(self.norm(self.block(x))[:, 0])


class UNet(nn.Module):
    """Down by a pool and a strided convolution, up by a transposed convolution and by resizing, with skips."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 4, 3, 1, 1), nn.Conv2d(4, 8, 3, 2, 1)
        self.bottom, self.up = nn.Conv2d(8, 8, 3, 1, 1), nn.ConvTranspose2d(8, 8, 2, 2)
        self.joined, self.last = nn.Conv2d(16, 4, 3, 1, 1), nn.Conv2d(8, 5, 1)

    def forward(self, x):
        a = torch.relu(self.first(x))
        b = torch.relu(self.second(a))
        c = torch.relu(self.bottom(nn.functional.max_pool2d(b, 2)))
        d = torch.relu(self.joined(torch.cat([self.up(c), b], 1)))
        e = nn.functional.interpolate(d, scale_factor=2, mode="bilinear")
        return self.last(torch.cat([e, a], 1)).mean((2, 3))


class Dense(nn.Module):
    """Two layers that each see all before, and a transition."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, 1, 1)
        self.layers = nn.ModuleList(nn.Sequential(
            nn.BatchNorm2d(n), nn.ReLU(), nn.Conv2d(n, 8, 1), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 4, 3, 1, 1))
            for n in (4, 8))
        self.norm, self.squeeze, self.head = nn.BatchNorm2d(12), nn.Conv2d(12, 6, 1), nn.Linear(6, 5)

    def forward(self, x):
        x = self.stem(x)
        for layer in self.layers:
            x = torch.cat([x, layer(x)], 1)
        x = nn.functional.avg_pool2d(self.squeeze(torch.relu(self.norm(x))), 2)
        return self.head(x.mean((2, 3)))


NETS = {
    "mlp": ((20,), lambda: nn.Sequential(
        nn.Linear(20, 16), nn.ReLU(), nn.Linear(16, 12), nn.ReLU(), nn.Linear(12, 5))),
    "lenet5": ((1, 28, 28), lambda: nn.Sequential(
        nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 8, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(128, 20), nn.ReLU(), nn.Linear(20, 10))),
    "cifar": ((3, 15, 15), lambda: nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 8, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(32, 20), nn.ReLU(), nn.Linear(20, 10))),
    "resnet8": ((3, 12, 12), lambda: nn.Sequential(
        nn.Conv2d(3, 4, 3, 1, 1), nn.BatchNorm2d(4), nn.ReLU(),
        Block(4, 4, 1), Block(4, 8, 2), Block(8, 16, 2),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10))),
    "bilstm": ((7, 6), lambda: Recurrent(
        nn.LSTM(6, 5, 2, batch_first=True, bidirectional=True), 10, lambda y, state: y[:, -1])),
    "gru": ((7, 6), lambda: Recurrent(nn.GRU(6, 5, batch_first=True), 5, lambda y, h: h[-1])),
    "encoder": (None, Encoder),
    "vit": ((3, 12, 12), Vit),
    "unet": ((3, 12, 12), UNet),
    "densenet": ((3, 8, 8), Dense),
}
CLASSES = {"lenet5": 10, "cifar": 10, "resnet8": 10}


def batch(shape, classes):
    if shape is None:
        return torch.randint(0, 11, (BATCH, 6)), torch.randint(0, classes, (BATCH,))
    x = torch.randn(BATCH, *shape)
    if len(shape) == 3:
        edge = shape[-1] // 4
        x[..., :edge, :] = 0
        x[..., -edge:] = 0.5
    return x, torch.randint(0, classes, (BATCH,))


def export(net, x, path):
    file = io.BytesIO()
    torch.onnx.export(net, (x,), file, dynamo=False, opset_version=17, do_constant_folding=False,
                      training=torch.onnx.TrainingMode.TRAINING, input_names=["x"], output_names=["y"],
                      dynamic_axes={"x": {0: "N"}, "y": {0: "N"}})
    model = version_converter.convert_version(onnx.load_from_string(file.getvalue()), OPSET)
    for node in model.graph.node:
        node.doc_string = ""
    onnx.checker.check_model(model)
    onnx.save(model, path)


def save(tensors, path):
    arrays = [numpy_helper.from_array(np.asarray(value.detach().numpy()), key) for key, value in tensors.items()]
    graph = helper.make_graph([], "expected", [], [], arrays)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10), path)


def main():
    target = Path(__file__).resolve().parent.parent / "tests/resources/gradient"
    target.mkdir(parents=True, exist_ok=True)
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)
    for name, (shape, make) in NETS.items():
        torch.manual_seed(7)
        net = make().train()
        x, y = batch(shape, CLASSES.get(name, 5))
        export(net, x, target / f"{name}.onnx")
        loss = nn.functional.cross_entropy(net(x), y)
        loss.backward()
        save({"x": x, "labels": y, "loss": loss} | {key: p.grad for key, p in net.named_parameters()},
             target / f"{name}.expected.onnx")


main()
