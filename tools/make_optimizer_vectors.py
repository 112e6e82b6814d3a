"""Weights that PyTorch's and Keras' optimizers reach from the same gradients.

Writes tests/resources/train/optimizers.json. Run with the packages of tools/requirements.txt:
  python tools/make_optimizer_vectors.py
The gradients are fixed sequences, so every case is judged step by step, whatever came before.
"""
import json
import os
import pathlib

os.environ.setdefault("KERAS_BACKEND", "jax")
import jax
import keras
import numpy as np
import torch

STEPS = 24
KEPT = (1, 2, 3, 7, 12, 13, 24)
SHAPES = (6, 3)


def rates(lr):
    """The rate falls to a tenth half-way: momentum conventions differ only when it changes."""
    return [lr if t < 12 else 0.1 * lr for t in range(STEPS)]


def run_torch(start, gradients, case):
    weights = [torch.nn.Parameter(torch.tensor(w)) for w in start]
    make = {"sgd": torch.optim.SGD, "rmsprop": torch.optim.RMSprop, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW}
    options = dict(case.get("options", {}))
    if "betas" in options:
        options["betas"] = tuple(options["betas"])
    if "l2" in case:
        options["weight_decay"] = 2 * case["l2"]
    if "decay" in case:
        options["weight_decay"] = case["decay"]
    optimizer = make[case["optimizer"]](weights, lr=case["lr"], **options)
    for t, rate in enumerate(rates(case["lr"])):
        optimizer.param_groups[0]["lr"] = rate
        for w, g in zip(weights, gradients[t]):
            w.grad = torch.tensor(g)
        if "global_norm" in case:
            torch.nn.utils.clip_grad_norm_(weights, case["global_norm"])
        if "clip_value" in case:
            torch.nn.utils.clip_grad_value_(weights, case["clip_value"])
        optimizer.step()
        yield [w.detach().numpy().copy() for w in weights]


def run_keras(start, gradients, case):
    weights = [keras.Variable(w) for w in start]
    make = {"sgd": keras.optimizers.SGD, "rmsprop": keras.optimizers.RMSprop, "adam": keras.optimizers.Adam, "adamw": keras.optimizers.AdamW}
    options = dict(case.get("options", {}))
    for ours, theirs in (("clip_norm", "clipnorm"), ("global_norm", "global_clipnorm"), ("clip_value", "clipvalue")):
        if ours in case:
            options[theirs] = case[ours]
    optimizer = make[case["optimizer"]](learning_rate=case["lr"], **options)
    regularizer = keras.regularizers.L1L2(l1=case.get("l1", 0.0), l2=case.get("l2", 0.0))
    optimizer.build(weights)
    for t, rate in enumerate(rates(case["lr"])):
        optimizer.learning_rate = rate
        # JAX takes 1 for the derivative of |w| at 0; TensorFlow and PyTorch, and so we, take 0.
        slopes = [np.where(w.numpy() == 0, 0, jax.grad(regularizer)(w.value)) for w in weights]
        total = [g + s for g, s in zip(gradients[t], slopes)]
        optimizer.apply(total, weights)
        yield [np.asarray(w.value) for w in weights]


CASES = [
    dict(by="torch", optimizer="sgd", lr=0.1),
    dict(by="torch", optimizer="sgd", lr=0.05, options=dict(momentum=0.9)),
    dict(by="torch", optimizer="sgd", lr=0.05, options=dict(momentum=0.9, nesterov=True)),
    dict(by="torch", optimizer="sgd", lr=0.05, options=dict(momentum=0.9), l2=0.05),
    dict(by="torch", optimizer="rmsprop", lr=0.01),
    dict(by="torch", optimizer="rmsprop", lr=0.01, options=dict(alpha=0.9, eps=1e-3, momentum=0.8)),
    dict(by="torch", optimizer="rmsprop", lr=0.01, options=dict(centered=True)),
    dict(by="torch", optimizer="rmsprop", lr=0.01, options=dict(centered=True, momentum=0.5)),
    dict(by="torch", optimizer="adam", lr=0.01),
    dict(by="torch", optimizer="adam", lr=0.01, options=dict(betas=[0.8, 0.95], eps=1e-2), l2=0.05),
    dict(by="torch", optimizer="adamw", lr=0.01),
    dict(by="torch", optimizer="adamw", lr=0.01, options=dict(weight_decay=0.3)),
    dict(by="torch", optimizer="adam", lr=0.01, global_norm=1.0),
    dict(by="torch", optimizer="adam", lr=0.01, global_norm=1.0, decay=0.1),
    dict(by="torch", optimizer="sgd", lr=0.05, options=dict(momentum=0.9), clip_value=0.5, decay=0.1),
    dict(by="torch", optimizer="rmsprop", lr=0.01, decay=0.1),
    dict(by="torch", optimizer="sgd", lr=0.1, global_norm=1.5),
    dict(by="torch", optimizer="sgd", lr=0.1, clip_value=0.4),
    dict(by="keras", optimizer="sgd", lr=0.1),
    dict(by="keras", optimizer="sgd", lr=0.05, options=dict(momentum=0.9)),
    dict(by="keras", optimizer="sgd", lr=0.05, options=dict(momentum=0.9, nesterov=True)),
    dict(by="keras", optimizer="rmsprop", lr=0.01),
    dict(by="keras", optimizer="rmsprop", lr=0.01, options=dict(rho=0.8, epsilon=1e-3, momentum=0.8)),
    dict(by="keras", optimizer="rmsprop", lr=0.01, options=dict(centered=True)),
    dict(by="keras", optimizer="rmsprop", lr=0.01, options=dict(centered=True, momentum=0.5)),
    dict(by="keras", optimizer="adam", lr=0.01),
    dict(by="keras", optimizer="adam", lr=0.01, options=dict(beta_1=0.8, beta_2=0.95, epsilon=1e-2)),
    dict(by="keras", optimizer="adamw", lr=0.01),
    dict(by="keras", optimizer="adamw", lr=0.01, options=dict(weight_decay=0.3)),
    dict(by="keras", optimizer="sgd", lr=0.05, options=dict(momentum=0.9, weight_decay=0.1)),
    dict(by="keras", optimizer="sgd", lr=0.1, l1=0.05, l2=0.02),
    dict(by="keras", optimizer="adam", lr=0.01, l1=0.01),
    dict(by="keras", optimizer="adam", lr=0.01, l2=0.03, global_norm=1.0),
    dict(by="keras", optimizer="sgd", lr=0.1, clip_norm=0.9),
    dict(by="keras", optimizer="sgd", lr=0.1, clip_value=0.4),
]


def main():
    rng = np.random.default_rng(20)
    start = [rng.standard_normal(n).astype("float32") for n in SHAPES]
    start[0][2] = 0
    gradients = [[rng.standard_normal(n).astype("float32") for n in SHAPES] for _ in range(STEPS)]
    plain = lambda arrays: [[float(x) for x in np.float32(a)] for a in arrays]
    short = lambda arrays: [[float(f"{x:.9g}") for x in a] for a in plain(arrays)]
    cases = []
    for case in CASES:
        run = run_torch if case["by"] == "torch" else run_keras
        after = {t + 1: short(w) for t, w in enumerate(run(start, gradients, case)) if t + 1 in KEPT}
        cases.append({**case, "after": after})
    out = {
        "versions": {"torch": torch.__version__, "keras": keras.__version__},
        "start": short(start),
        "gradients": [short(g) for g in gradients],
        "cases": cases,
    }
    file = pathlib.Path(__file__).resolve().parent.parent / "tests/resources/train/optimizers.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(out, separators=(",", ":")).replace('{"by"', '\n{"by"') + "\n")


main()
