"""The peer of `tools/bench/train-step`: PyTorch training steps per second on the same nets, one JSON line for each.

    OMP_NUM_THREADS=2 python tools/bench/train_step_torch.py [NET…]
"""
import json, statistics, sys, time
import torch
from torch import nn

BATCH, STRETCHES = 128, 5


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
    "mlp": (mlp, (784,), 300),
    "lenet5": (lambda shape: lenet(shape, 20, 50, 5, 500), (1, 28, 28), 60),
    "cifar": (lambda shape: lenet(shape, 64, 128, 3, 256), (3, 32, 32), 10),
    "resnet8": (resnet8, (3, 32, 32), 20),
}


def rate(net, shape, steps):
    x, y = torch.randn(BATCH, *shape), torch.randint(0, 10, (BATCH,))
    optimizer, loss = torch.optim.Adam(net.parameters()), nn.CrossEntropyLoss()

    def run(count):
        start = time.perf_counter()
        for _ in range(count):
            optimizer.zero_grad()
            loss(net(x), y).backward()
            optimizer.step()
        return count / (time.perf_counter() - start)

    run(max(3, steps // 10))
    return statistics.median(run(max(1, steps // STRETCHES)) for _ in range(STRETCHES))


torch.manual_seed(0)
for name, (make, shape, steps) in NETS.items():
    if len(sys.argv) == 1 or name in sys.argv[1:]:
        print(json.dumps({"net": name, "batch": BATCH, "steps_per_s": round(rate(make(shape), shape, steps), 2)}), flush=True)
