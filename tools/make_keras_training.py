"""Writes tests/resources/keras/training: models as Keras compiled them, samples, and the losses Keras has while it trains them.

    KERAS_BACKEND=jax python tools/make_keras_training.py            (needs tools/requirements.txt; a minute)

Every model trains 30 epochs on all its samples at once, so that their order makes no difference. JSON has the loss of
each epoch, penalties included, before its update; schedules.json the rates of schedules.
"""
import json
import os
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "jax")
import keras
import numpy as np
from keras import layers, losses, optimizers, regularizers

OUT = Path(__file__).resolve().parent.parent / "tests/resources/keras/training"
SAMPLES, EPOCHS = 32, 30


def images():
    """A convolution with L2, BatchNormalization, a frozen layer; Adam; smoothed labels in one-hot rows."""
    frozen = layers.Dense(6, activation="tanh", trainable=False, name="frozen")
    return [
        layers.Conv2D(4, 3, kernel_regularizer=regularizers.L2(0.02), name="conv"),
        layers.BatchNormalization(name="norm", momentum=0.8), layers.ReLU(), layers.Flatten(), frozen,
        layers.Dense(3, activation="softmax", kernel_regularizer=regularizers.L1L2(0.001, 0.01), name="head")
    ], (6, 6, 2), dict(
        optimizer=optimizers.Adam(0.01, beta_1=0.8, epsilon=1e-5),
        loss=losses.CategoricalCrossentropy(label_smoothing=0.1), metrics=["accuracy"])


def logits():
    """L1, a regularized bias, weights that stay above 0; SGD with Nesterov momentum, clipping, a falling rate; logits."""
    return [
        layers.Dense(8, activation="elu", kernel_regularizer="l1", bias_regularizer=regularizers.L2(0.3), name="hidden",
                     bias_initializer="ones"),
        layers.Dense(8, activation="leaky_relu", kernel_constraint="non_neg", name="positive",
                     kernel_initializer=keras.initializers.RandomUniform(0.01, 0.2, seed=3)),
        layers.Dense(3, name="head", kernel_regularizer=regularizers.L2(0.01))
    ], (5,), dict(
        optimizer=optimizers.SGD(
            optimizers.schedules.ExponentialDecay(0.1, 5, 0.7), momentum=0.9, nesterov=True, clipnorm=0.5),
        loss=losses.SparseCategoricalCrossentropy(from_logits=True))


def yes_or_no():
    """A sigmoid; AdamW; smoothed binary targets; a frozen BatchNormalization, which keeps its statistics."""
    return [
        layers.Dense(8, activation="silu", name="hidden"),
        layers.BatchNormalization(name="norm", trainable=False, moving_mean_initializer="ones"),
        layers.Dense(1, activation="sigmoid", name="head")
    ], (5,), dict(
        optimizer=optimizers.AdamW(0.02, weight_decay=0.1), loss=losses.BinaryCrossentropy(label_smoothing=0.2))


def numbers():
    """Numbers to reach; RMSprop with momentum; mean absolute error; gamma and beta regularized.

    Beta does not begin at 0, where JAX alone takes the slope of |x| to be 1.
    """
    return [
        layers.Dense(8, activation="hard_sigmoid", name="hidden"),
        layers.BatchNormalization(name="norm", gamma_regularizer=regularizers.L2(0.02), beta_regularizer="l1",
                                  beta_initializer=keras.initializers.RandomUniform(0.1, 0.5, seed=5)),
        layers.Dense(2, name="head")
    ], (5,), dict(optimizer=optimizers.RMSprop(0.005, rho=0.8, momentum=0.5), loss="mae")


def schedules():
    """Writes the rates of 30 steps of each schedule, beside its configuration."""
    kinds = optimizers.schedules
    all_of_them = [
        kinds.ExponentialDecay(0.1, 4, 0.5), kinds.ExponentialDecay(0.1, 4, 0.5, staircase=True),
        kinds.InverseTimeDecay(0.1, 3, 0.5), kinds.PolynomialDecay(0.1, 20, 0.01, power=2.0),
        kinds.CosineDecay(0.1, 20, alpha=0.1), kinds.PiecewiseConstantDecay([5, 12], [0.1, 0.05, 0.01])
    ]
    written = [{
        "optimizer": keras.saving.serialize_keras_object(optimizers.SGD(schedule)),
        "rates": [round(float(schedule(step)), 9) for step in range(30)]
    } for schedule in all_of_them]
    (OUT / "schedules.json").write_text(json.dumps(written) + "\n")


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    schedules()
    for number, (name, make, ending) in enumerate([
            ("images", images, "keras"), ("logits", logits, "h5"), ("yes_or_no", yes_or_no, "keras"),
            ("numbers", numbers, "h5")]):
        keras.utils.set_random_seed(number)
        parts, shape, compiled = make()
        model = keras.Sequential([keras.Input(shape)] + parts, name=name)
        model.compile(**compiled)
        random = np.random.default_rng(number)
        x = random.normal(size=(SAMPLES,) + shape).astype(np.float32)
        score = x.reshape(SAMPLES, -1)[:, :3] + random.normal(size=(SAMPLES, 3)) * 0.1
        y = {
            "images": np.eye(3, dtype=np.float32)[score.argmax(1)],
            "logits": score.argmax(1).astype(np.int64),
            "yes_or_no": (score[:, :1] > 0).astype(np.float32),
            "numbers": score[:, :2].astype(np.float32),
        }[name]
        np.savez_compressed(OUT / f"{name}.npz", x=x, y=y)
        model.save(OUT / f"{name}.{ending}")
        history = model.fit(x, y, batch_size=SAMPLES, epochs=EPOCHS, shuffle=False, verbose=0).history["loss"]
        (OUT / f"{name}.json").write_text(json.dumps([round(one, 6) for one in history]) + "\n")
        print(name, history[0], history[-1], (OUT / f"{name}.{ending}").stat().st_size)


main()
