"""Trains the multilayer perceptron of the regularization lab in Keras; writes models/digits-mlp.h5 and .keras.

    python tools/make_lab_mlp.py           (needs tools/requirements.txt; seconds on one core)

784 pixels -> Dense 128, ReLU, L2 penalty 0.01 on the kernel -> Dense 10, softmax. The last 1,000 training images are
left out, so that they are new to the model when a fine-tuning run validates on them. Both files hold the same
weights and the training configuration. One thread, a fixed seed: the same machine and library versions give the same
weights and the same .h5; a .keras file also records when it was saved.
"""
import argparse
import os
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"

import keras
import numpy as np

SEED = 784
EPOCHS = 60
BATCH = 64
HELD_OUT = 1000


def lab_mlp():
    pixels = keras.Input((784,), name="pixels")
    hidden = keras.layers.Dense(128, activation="relu", kernel_regularizer=keras.regularizers.L2(0.01), name="hidden")
    output = keras.layers.Dense(10, activation="softmax", name="output")
    return keras.Model(pixels, output(hidden(pixels)), name="digits_mlp")


def compile_for_lab(model):
    model.compile(optimizer=keras.optimizers.Adam(name="adam"), loss="sparse_categorical_crossentropy",
                  metrics=["accuracy"])


def load(path):
    """The splits as (pixels [N,784] in 0..1, labels [N])."""
    with np.load(path) as data:
        return [(data[f"x_{split}"].reshape(-1, 784) / np.float32(255), data[f"y_{split}"])
                for split in ("train", "test")]


def accuracy(path, pixels, labels):
    """Of the written file, read back by Keras."""
    return keras.models.load_model(path).evaluate(pixels, labels, batch_size=1000, verbose=0)[1]


def main():
    models = Path(__file__).resolve().parent.parent / "models"
    parser = argparse.ArgumentParser(description="Trains and writes models/digits-mlp.h5 and models/digits-mlp.keras.")
    parser.add_argument("--data", type=Path, default=models / "digits.npz")
    parser.add_argument("--out", type=Path, default=models / "digits-mlp", help="path without its ending")
    args = parser.parse_args()

    keras.utils.set_random_seed(SEED)
    (pixels, labels), test = load(args.data)
    model = lab_mlp()
    compile_for_lab(model)
    model.fit(pixels[:-HELD_OUT], labels[:-HELD_OUT], epochs=EPOCHS, batch_size=BATCH, verbose=2,
              validation_data=(pixels[-HELD_OUT:], labels[-HELD_OUT:]))
    compile_for_lab(model)  # a new optimizer: its configuration is saved, the moments (two thirds of the file) are not
    keras_file, h5_file = args.out.with_suffix(".keras"), args.out.with_suffix(".h5")
    model.save(keras_file)
    model.save(h5_file)  # comes last: writing HDF5 takes the optimizer out of the model's training configuration
    for path in (h5_file, keras_file):
        print(f"{path.name}: {path.stat().st_size:,} bytes, accuracy by Keras:"
              f" trained on {accuracy(path, pixels[:-HELD_OUT], labels[:-HELD_OUT]):.4f},"
              f" held out {accuracy(path, pixels[-HELD_OUT:], labels[-HELD_OUT:]):.4f},"
              f" test {accuracy(path, *test):.4f}")


if __name__ == "__main__":
    main()
