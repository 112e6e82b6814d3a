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
}


def batch(shape, classes):
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
        x, y = batch(shape, 5 if name == "mlp" else 10)
        export(net, x, target / f"{name}.onnx")
        loss = nn.functional.cross_entropy(net(x), y)
        loss.backward()
        save({"x": x, "labels": y, "loss": loss} | {key: p.grad for key, p in net.named_parameters()},
             target / f"{name}.expected.onnx")


main()
