"""The peer of `tools/bench/train-step`: PyTorch training steps per second on the same nets, one JSON line for each.

    OMP_NUM_THREADS=2 python tools/bench/train_step_torch.py [NET…]
"""
import json, statistics, sys, time
import torch
from torch import nn

STRETCHES = 5


class Block(nn.Module):
    """Two convolutions beside an identity, or a 1x1 convolution where the size changes."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1), nn.BatchNorm2d(outputs), nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, 1, 1), nn.BatchNorm2d(outputs))
        same = inputs == outputs and stride == 1
        self.skip = nn.Identity() if same else nn.Conv2d(inputs, outputs, 1, stride)

    def forward(self, x):
        return torch.relu(self.main(x) + self.skip(x))


class BiLstm(nn.Module):
    """The mean over the steps of both directions."""

    def __init__(self, inputs, units):
        super().__init__()
        self.layer, self.head = nn.LSTM(inputs, units, batch_first=True, bidirectional=True), nn.Linear(2 * units, 10)

    def forward(self, x):
        return self.head(self.layer(x)[0].mean(1))


class Encoder(nn.Module):
    """Transformer layers, normalized after, and the mean over the positions."""

    def __init__(self, width, layers, heads, wide):
        super().__init__()
        layer = nn.TransformerEncoderLayer(width, heads, wide, dropout=0.0, batch_first=True)
        self.layers = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.head = nn.Linear(width, 10)

    def forward(self, x):
        return self.head(self.layers(x).mean(1))


def lenet(shape, first, second, kernel, units):
    size = ((shape[-1] - kernel + 1) // 2 - kernel + 1) // 2
    return nn.Sequential(
        nn.Conv2d(shape[0], first, kernel), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(first, second, kernel), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(second * size * size, units), nn.ReLU(), nn.Linear(units, 10))


def resnet8(shape):
    return nn.Sequential(
        nn.Conv2d(shape[0], 16, 3, 1, 1), nn.BatchNorm2d(16), nn.ReLU(),
        Block(16, 16, 1), Block(16, 32, 2), Block(32, 64, 2),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


def mlp(shape):
    return nn.Sequential(nn.Linear(shape[0], 300), nn.ReLU(), nn.Linear(300, 100), nn.ReLU(), nn.Linear(100, 10))


NETS = {
    "mlp": (mlp, (784,), 128, 300),
    "lenet5": (lambda shape: lenet(shape, 20, 50, 5, 500), (1, 28, 28), 128, 60),
    "cifar": (lambda shape: lenet(shape, 64, 128, 3, 256), (3, 32, 32), 128, 10),
    "resnet8": (resnet8, (3, 32, 32), 128, 20),
    "bilstm": (lambda shape: BiLstm(shape[-1], 128), (50, 64), 32, 20),
    "transformer": (lambda shape: Encoder(shape[-1], 4, 4, 1024), (64, 256), 16, 10),
}


def measure(net, shape, batch, steps):
    x, y = torch.randn(batch, *shape), torch.randint(0, 10, (batch,))
    optimizer, loss = torch.optim.Adam(net.parameters()), nn.CrossEntropyLoss()

    def step():
        optimizer.zero_grad()
        value = loss(net(x), y)
        value.backward()
        optimizer.step()
        return value.item()

    def run(count):
        start = time.perf_counter()
        for _ in range(count):
            last = step()
        return count / (time.perf_counter() - start), last

    first = step()
    run(max(3, steps // 10) - 1)
    rates, losses = zip(*(run(max(1, steps // STRETCHES)) for _ in range(STRETCHES)))
    return {
        "batch": batch,
        "parameters": sum(parameter.numel() for parameter in net.parameters()),
        "firstLoss": round(first, 4),
        "lastLoss": round(losses[-1], 4),
        "steps_per_s": round(statistics.median(rates), 2),
    }


torch.manual_seed(0)
for name, (make, shape, batch, steps) in NETS.items():
    if len(sys.argv) == 1 or name in sys.argv[1:]:
        print(json.dumps({"net": name} | measure(make(shape), shape, batch, steps)), flush=True)
