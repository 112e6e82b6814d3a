"""Writes tests/resources/keras/fixtures.zip: small models of Keras, one for each layer and notable option, and what
Keras computes with them.

    KERAS_BACKEND=jax python tools/make_keras_fixtures.py      (needs tools/requirements.txt; a minute)

With names as arguments, only those are made anew.

Entries: NAME/model.keras, NAME/model.h5 or NAME/model.weights.h5 with NAME/model.json, NAME/input_0.npy, ..., NAME/output_0.npy, ...; a name begins with the class
of the layer it is about. Weights and inputs are random, with fixed seeds; variances are positive.
"""
import io
import os
import sys
import tempfile
import warnings
import zipfile
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "jax")
warnings.filterwarnings("ignore")
import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras import Input, Model, Sequential, layers as L  # noqa: E402

TARGET = Path(__file__).parent.parent / "tests/resources/keras/fixtures.zip"
BATCH = 3
FIXTURES = {}


def fixture(name, build, form="keras", inputs=None):
    """Registers a model; `inputs` makes its inputs from a generator, otherwise they are normal."""
    assert name not in FIXTURES, name
    FIXTURES[name] = (build, form, inputs)


def one(name, layer, *shape, form="keras", dtype="float32", inputs=None):
    """A model of one layer on an input of this shape."""
    def build():
        x = Input(shape, dtype=dtype)
        return Model(x, layer()(x))
    fixture(name, build, form, inputs)


def both(name, layer, *shape, **options):
    one(name, layer, *shape, **options)
    one(name + "-h5", layer, *shape, form="h5", **options)


# core
both("Dense", lambda: L.Dense(4), 5)
one("Dense-no-bias", lambda: L.Dense(4, use_bias=False, activation="relu"), 5)
one("Dense-rank-3", lambda: L.Dense(4, activation="tanh"), 6, 5)
one("Dense-rank-4", lambda: L.Dense(4), 2, 6, 5)
one("Dense-float64", lambda: L.Dense(4, dtype="float64"), 5, dtype="float64")
both("Embedding", lambda: L.Embedding(7, 3), 5, dtype="int32", inputs=lambda r: r.integers(0, 7, (BATCH, 5)))
one("Embedding-float-indices", lambda: L.Embedding(7, 3), 5, inputs=lambda r: r.integers(0, 7, (BATCH, 5)))
one("Identity", lambda: L.Identity(), 5)
one("EinsumDense", lambda: L.EinsumDense("abc,cd->abd", output_shape=(None, 6), bias_axes="d"), 4, 5)
one("EinsumDense-heads", lambda: L.EinsumDense("abc,cde->abde", output_shape=(None, 2, 3), activation="relu"), 4, 5)

# activations
for name in ("relu", "sigmoid", "tanh", "softplus", "softsign", "exponential", "elu", "selu", "mish", "relu6",
             "leaky_relu", "hard_sigmoid", "hard_silu", "silu", "gelu", "celu", "hard_tanh", "log_sigmoid",
             "tanh_shrink", "soft_shrink", "hard_shrink", "squareplus", "sparse_plus", "sparse_sigmoid", "softmax",
             "log_softmax", "linear"):
    one(f"Activation-{name}", lambda n=name: L.Activation(n), 9)
one("Activation-softmax-image", lambda: Sequential([L.Conv2D(3, 1), L.Activation("softmax")]), 4, 4, 2)
both("ReLU", lambda: L.ReLU(), 9)
one("ReLU-all-options", lambda: L.ReLU(max_value=1.5, negative_slope=0.1, threshold=0.2), 9)
one("ReLU-limit", lambda: L.ReLU(6.0), 9)
both("LeakyReLU", lambda: L.LeakyReLU(), 9)
one("LeakyReLU-slope", lambda: L.LeakyReLU(negative_slope=0.07), 9)
both("PReLU", lambda: L.PReLU(), 4, 4, 3)
one("PReLU-shared", lambda: L.PReLU(shared_axes=[1, 2]), 4, 4, 3)
one("PReLU-behind-conv", lambda: Sequential([L.Conv2D(3, 2), L.PReLU()]), 4, 5, 2)
one("ELU", lambda: L.ELU(alpha=0.7), 9)
one("Softmax-axes", lambda: L.Softmax(axis=(1, 2)), 4, 5)


def masked_softmax():
    x, mask = Input((4, 5)), Input((4, 5))
    return Model([x, mask], L.Softmax()(x, mask=keras.ops.greater(mask, 0.2)))


fixture("Softmax-mask", masked_softmax)
both("Softmax", lambda: L.Softmax(), 9)
one("Softmax-axis", lambda: L.Softmax(axis=1), 4, 5)

# regularization
for layer in (L.Dropout(0.3), L.SpatialDropout1D(0.3), L.AlphaDropout(0.3), L.GaussianDropout(0.3),
              L.GaussianNoise(0.3), L.ActivityRegularization(l2=0.1)):
    one(type(layer).__name__, lambda c=type(layer), g=layer.get_config(): c.from_config(g), 4, 5)
one("SpatialDropout2D", lambda: L.SpatialDropout2D(0.3), 4, 5, 2)
one("SpatialDropout3D", lambda: L.SpatialDropout3D(0.3), 4, 5, 2, 2)

# reshaping
both("Flatten", lambda: L.Flatten(), 4, 3, 2)
one("Flatten-channels-first", lambda: L.Flatten(data_format="channels_first"), 4, 3, 2)
one("Flatten-conv-dense", lambda: Sequential([L.Conv2D(3, 2), L.Flatten(), L.Dropout(0.2), L.Dense(4)]), 5, 4, 2)
one("Flatten-conv-norm", lambda: Sequential([L.Conv2D(3, 2), L.Flatten(), L.BatchNormalization(), L.Dense(4)]), 5, 4, 2)
one("Flatten-conv-concat", lambda: Sequential([L.Conv2D(3, 2), L.Flatten(), L.Softmax()]), 5, 4, 2)
one("Flatten-conv-out", lambda: Sequential([L.Conv2D(3, 2), L.Flatten()]), 5, 4, 2)
one("Flatten-conv1d", lambda: Sequential([L.Conv1D(3, 2), L.Flatten(), L.Dense(2)]), 5, 4)
one("Reshape", lambda: L.Reshape((3, -1)), 4, 3, 2)
one("Reshape-behind-conv", lambda: Sequential([L.Conv2D(3, 2), L.Reshape((-1, 3)), L.Dense(2)]), 5, 4, 2)
one("Permute", lambda: L.Permute((3, 1, 2)), 4, 3, 2)
one("Permute-behind-conv", lambda: Sequential([L.Conv2D(3, 2), L.Permute((3, 1, 2)), L.Flatten(), L.Dense(2)]), 5, 4, 2)
one("RepeatVector", lambda: L.RepeatVector(4), 5)
one("Cropping1D", lambda: L.Cropping1D((1, 2)), 6, 2)
one("Cropping2D", lambda: L.Cropping2D(((1, 0), (2, 1))), 6, 5, 2)
one("Cropping2D-channels-first", lambda: L.Cropping2D(1, data_format="channels_first"), 2, 6, 5)
one("Cropping3D", lambda: L.Cropping3D(1), 4, 5, 4, 2)
one("ZeroPadding1D", lambda: L.ZeroPadding1D((1, 2)), 6, 2)
one("ZeroPadding2D", lambda: L.ZeroPadding2D(((1, 0), (2, 1))), 6, 5, 2)
one("ZeroPadding2D-conv", lambda: Sequential([L.Conv2D(2, 1), L.ZeroPadding2D((1, 2)), L.Conv2D(2, 3, 2)]), 6, 5, 2)
one("ZeroPadding3D", lambda: L.ZeroPadding3D((1, 0, 2)), 4, 5, 4, 2)
one("UpSampling1D", lambda: L.UpSampling1D(3), 4, 2)
one("UpSampling2D", lambda: L.UpSampling2D((2, 3)), 4, 3, 2)
one("UpSampling2D-bilinear", lambda: L.UpSampling2D(2, interpolation="bilinear"), 4, 3, 2)
one("UpSampling2D-channels-first", lambda: L.UpSampling2D(2, data_format="channels_first"), 2, 4, 3)
one("UpSampling3D", lambda: L.UpSampling3D(2), 3, 2, 2, 2)

# convolutions
both("Conv1D", lambda: L.Conv1D(3, 3), 7, 2)
one("Conv1D-same", lambda: L.Conv1D(3, 4, 2, "same"), 7, 2)
one("Conv1D-causal", lambda: L.Conv1D(3, 3, padding="causal", dilation_rate=2), 9, 2)
one("Conv1D-groups", lambda: L.Conv1D(4, 3, groups=2), 7, 4)
one("Conv1D-any-length", lambda: L.Conv1D(3, 3, padding="same", activation="relu"), None, 2,
    inputs=lambda r: r.standard_normal((BATCH, 6, 2)))
both("Conv2D", lambda: L.Conv2D(3, 3), 6, 7, 2)
one("Conv2D-same", lambda: L.Conv2D(3, (3, 4), padding="same", activation="relu"), 6, 7, 2)
one("Conv2D-same-strides", lambda: L.Conv2D(3, (3, 2), (2, 3), "same"), 6, 8, 2)
one("Conv2D-same-even", lambda: L.Conv2D(3, 4, 2, "same", use_bias=False), 7, 8, 2)
one("Conv2D-dilation", lambda: L.Conv2D(3, 3, dilation_rate=(2, 1), padding="same"), 7, 8, 2)
one("Conv2D-groups", lambda: L.Conv2D(4, 3, groups=2), 6, 7, 4)
one("Conv2D-softmax", lambda: L.Conv2D(4, 1, activation="softmax"), 3, 3, 2)
one("Conv2D-any-size", lambda: L.Conv2D(3, 3, 2, padding="same"), None, None, 2,
    inputs=lambda r: r.standard_normal((BATCH, 6, 5, 2)))
one("Conv3D", lambda: L.Conv3D(3, 2, padding="same"), 4, 5, 4, 2)
one("Conv3D-strides", lambda: L.Conv3D(3, (3, 2, 1), (2, 2, 1)), 5, 5, 4, 2)
both("Conv1DTranspose", lambda: L.Conv1DTranspose(3, 3, 2), 5, 2)
one("Conv1DTranspose-same", lambda: L.Conv1DTranspose(3, 4, 3, "same"), 5, 2)
both("Conv2DTranspose", lambda: L.Conv2DTranspose(3, 3, 2), 4, 5, 2)
one("Conv2DTranspose-same", lambda: L.Conv2DTranspose(3, 3, 2, "same", activation="relu"), 4, 5, 2)
one("Conv2DTranspose-same-even", lambda: L.Conv2DTranspose(3, 4, 2, "same"), 4, 5, 2)
one("Conv2DTranspose-small-window", lambda: L.Conv2DTranspose(3, 2, 3, "same"), 4, 5, 2)
one("Conv2DTranspose-small-window-valid", lambda: L.Conv2DTranspose(3, 2, 3), 4, 5, 2)
one("Conv2DTranspose-strides-1", lambda: L.Conv2DTranspose(3, 3, 1, "same"), 4, 5, 2)
one("Conv2DTranspose-output-padding", lambda: L.Conv2DTranspose(3, 3, 2, "same", output_padding=1), 4, 5, 2)
one("Conv2DTranspose-output-padding-0", lambda: L.Conv2DTranspose(3, 3, 2, "same", output_padding=0), 4, 5, 2)
one("Conv2DTranspose-output-padding-valid", lambda: L.Conv2DTranspose(3, 3, 2, output_padding=1), 4, 5, 2)
one("Conv2DTranspose-output-padding-even", lambda: L.Conv2DTranspose(3, 4, 3, "same", output_padding=1), 4, 5, 2)
one("Conv3DTranspose", lambda: L.Conv3DTranspose(2, 3, 2, "same"), 3, 2, 3, 2)
both("DepthwiseConv2D", lambda: L.DepthwiseConv2D(3), 6, 7, 2)
one("DepthwiseConv2D-multiplier", lambda: L.DepthwiseConv2D(3, 2, "same", depth_multiplier=2), 6, 7, 3)
one("DepthwiseConv1D", lambda: L.DepthwiseConv1D(3, depth_multiplier=2), 6, 3)
both("SeparableConv2D", lambda: L.SeparableConv2D(4, 3, padding="same", depth_multiplier=2), 6, 7, 2)
one("SeparableConv2D-no-bias", lambda: L.SeparableConv2D(4, 3, 2, use_bias=False, activation="relu"), 6, 7, 2)
one("SeparableConv1D", lambda: L.SeparableConv1D(4, 3), 6, 2)

# pooling
for n, shape in ((1, (7, 2)), (2, (7, 6, 2)), (3, (5, 4, 5, 2))):
    for kind in ("MaxPooling", "AveragePooling"):
        layer = getattr(L, f"{kind}{n}D")
        one(f"{kind}{n}D", lambda c=layer: c(2), *shape)
        one(f"{kind}{n}D-same", lambda c=layer: c(3, 2, "same"), *shape)
    for kind in ("GlobalMaxPooling", "GlobalAveragePooling"):
        layer = getattr(L, f"{kind}{n}D")
        one(f"{kind}{n}D", lambda c=layer: c(), *shape)
        one(f"{kind}{n}D-keepdims", lambda c=layer: c(keepdims=True), *shape)
one("MaxPooling2D-strides-1", lambda: L.MaxPooling2D(3, 1, "same"), 5, 6, 2)
one("AveragePooling2D-channels-first", lambda: L.AveragePooling2D(2, data_format="channels_last"), 6, 6, 2)
one("GlobalAveragePooling2D-channels-first", lambda: L.GlobalAveragePooling2D(data_format="channels_first"), 2, 6, 5)
one("GlobalAveragePooling1D-masked", lambda: Sequential([L.Embedding(5, 3, mask_zero=True), L.GlobalAveragePooling1D()]),
    6, dtype="int32", inputs=lambda r: np.concatenate([np.ones((BATCH, 1)), r.integers(0, 5, (BATCH, 5))], 1))

for kind, size in (("Average", (3, 2)), ("Max", (3, 2))):
    one(f"Adaptive{kind}Pooling1D", lambda c=getattr(L, f"Adaptive{kind}Pooling1D"): c(3), 7, 2)
    one(f"Adaptive{kind}Pooling2D", lambda c=getattr(L, f"Adaptive{kind}Pooling2D"): c((3, 2)), 7, 6, 2)
    one(f"Adaptive{kind}Pooling3D", lambda c=getattr(L, f"Adaptive{kind}Pooling3D"): c((2, 2, 1)), 4, 6, 3, 2)

# normalization
both("BatchNormalization", lambda: L.BatchNormalization(), 5)
one("BatchNormalization-image", lambda: L.BatchNormalization(), 4, 5, 2)
one("BatchNormalization-axis", lambda: L.BatchNormalization(axis=1), 4, 5, 2)
one("BatchNormalization-plain", lambda: L.BatchNormalization(scale=False, center=False, epsilon=0.01), 4, 2)
one("BatchNormalization-no-scale", lambda: L.BatchNormalization(scale=False), 4, 2)
one("BatchNormalization-no-center", lambda: L.BatchNormalization(center=False), 4, 2)
both("LayerNormalization", lambda: L.LayerNormalization(), 4, 5)
one("LayerNormalization-axes", lambda: L.LayerNormalization(axis=(1, 2)), 4, 5)
one("LayerNormalization-inner-axis", lambda: L.LayerNormalization(axis=1), 4, 5)
one("LayerNormalization-two-axes", lambda: L.LayerNormalization(axis=(1, 3), epsilon=1e-4), 4, 5, 2)
one("LayerNormalization-plain", lambda: L.LayerNormalization(scale=False, center=False), 4, 5)
one("LayerNormalization-behind-conv", lambda: Sequential([L.Conv1D(5, 2), L.LayerNormalization()]), 4, 5)
one("RMSNormalization", lambda: L.RMSNormalization(), 4, 5)
one("GroupNormalization", lambda: L.GroupNormalization(2), 4, 5, 4)
one("GroupNormalization-all", lambda: L.GroupNormalization(-1, scale=False), 4, 5, 4)
one("UnitNormalization", lambda: L.UnitNormalization(), 4, 5)
one("SpectralNormalization", lambda: L.SpectralNormalization(L.Dense(4)), 5)

# merging
def merged(name, layer, *shapes, form="keras"):
    def build():
        inputs = [Input(shape) for shape in shapes]
        return Model(inputs, layer()(inputs))
    fixture(name, build, form)


for kind in ("Add", "Multiply", "Average", "Maximum", "Minimum"):
    merged(kind, getattr(L, kind), (4, 3), (4, 3), (4, 3))
merged("Subtract", L.Subtract, (4, 3), (4, 3))
merged("Add-broadcast", L.Add, (4, 5, 3), (1, 1, 3))
merged("Add-ranks", L.Add, (4, 3), (3,))
merged("Add-h5", L.Add, (4, 3), (4, 3), form="h5")
merged("Concatenate", L.Concatenate, (4, 3), (4, 2))
merged("Concatenate-axis", lambda: L.Concatenate(1), (4, 3), (2, 3), form="h5")
merged("Dot", lambda: L.Dot(1), (4,), (4,))
merged("Dot-axes", lambda: L.Dot((1, 2)), (4, 3), (5, 4))
merged("Dot-normalized", lambda: L.Dot(-1, normalize=True), (4, 3), (5, 3))
merged("Dot-ranks", lambda: L.Dot((2, 1)), (4, 3), (3,))

# recurrent
for kind in ("SimpleRNN", "LSTM", "GRU"):
    layer = getattr(L, kind)
    both(kind, lambda c=layer: c(4), 5, 3)
    one(f"{kind}-sequences", lambda c=layer: c(4, return_sequences=True), 5, 3)
    one(f"{kind}-backwards", lambda c=layer: c(4, return_sequences=True, go_backwards=True), 5, 3)
    one(f"{kind}-no-bias", lambda c=layer: c(4, use_bias=False, activation="relu"), 5, 3)
    one(f"{kind}-state", lambda c=layer: c(4, return_sequences=True, return_state=True), 5, 3)
    one(f"{kind}-masked", lambda c=layer: Sequential([L.Embedding(4, 3, mask_zero=True), c(4)]), 6, dtype="int32",
        inputs=lambda r: r.integers(0, 4, (BATCH, 6)))
    one(f"{kind}-masked-sequences",
        lambda c=layer: Sequential([L.Embedding(4, 3, mask_zero=True), c(4, return_sequences=True), c(3)]), 6,
        dtype="int32", inputs=lambda r: r.integers(0, 4, (BATCH, 6)))
    one(f"{kind}-masked-backwards", lambda c=layer: Sequential(
        [L.Embedding(4, 3, mask_zero=True), c(4, return_sequences=True, go_backwards=True)]), 6, dtype="int32",
        inputs=lambda r: r.integers(0, 4, (BATCH, 6)))
    both(f"Bidirectional-{kind}", lambda c=layer: L.Bidirectional(c(4, return_sequences=True)), 5, 3)
    one(f"Bidirectional-{kind}-last", lambda c=layer: L.Bidirectional(c(4), merge_mode="sum"), 5, 3)
    one(f"Bidirectional-{kind}-masked", lambda c=layer: Sequential(
        [L.Embedding(4, 3, mask_zero=True), L.Bidirectional(c(4, return_sequences=True)), L.Bidirectional(c(2))]),
        6, dtype="int32", inputs=lambda r: r.integers(0, 4, (BATCH, 6)))
one("GRU-reset-before", lambda: L.GRU(4, reset_after=False, recurrent_activation="hard_sigmoid"), 5, 3)
one("LSTM-hard-sigmoid", lambda: L.LSTM(4, recurrent_activation="hard_sigmoid"), 5, 3)
one("LSTM-any-length", lambda: Sequential([L.LSTM(4, return_sequences=True), L.LSTM(3)]), None, 3,
    inputs=lambda r: r.standard_normal((BATCH, 6, 3)))
one("Bidirectional-ave", lambda: L.Bidirectional(L.LSTM(4), merge_mode="ave"), 5, 3)
one("Bidirectional-mul", lambda: L.Bidirectional(L.LSTM(4), merge_mode="mul"), 5, 3)
one("Bidirectional-none", lambda: L.Bidirectional(L.LSTM(4), merge_mode=None), 5, 3)
one("Bidirectional-state", lambda: L.Bidirectional(L.LSTM(4, return_state=True)), 5, 3)
one("RNN", lambda: L.RNN(L.LSTMCell(4), return_sequences=True), 5, 3)
one("RNN-stacked", lambda: L.RNN([L.LSTMCell(4), L.GRUCell(3)]), 5, 3)
one("RNN-stacked-states", lambda: L.RNN([L.LSTMCell(4), L.SimpleRNNCell(3)], return_sequences=True, return_state=True), 5, 3)
one("ConvLSTM1D", lambda: L.ConvLSTM1D(3, 2, return_sequences=True, go_backwards=True), 3, 6, 2)
both("ConvLSTM2D", lambda: L.ConvLSTM2D(3, 3, padding="same", return_sequences=True), 4, 5, 6, 2)
one("ConvLSTM2D-last", lambda: L.ConvLSTM2D(3, (3, 2), strides=2, use_bias=False, return_state=True), 3, 7, 6, 2)
one("ConvLSTM2D-dilation", lambda: Sequential([L.ConvLSTM2D(2, 3, padding="same", recurrent_activation="hard_sigmoid",
    dilation_rate=2), L.Conv2D(1, 1)]), 3, 5, 6, 2)
one("ConvLSTM3D", lambda: L.ConvLSTM3D(2, 2), 2, 3, 4, 3, 1)
one("Masking", lambda: Sequential([L.Masking(), L.LSTM(4)]), 5, 3,
    inputs=lambda r: r.standard_normal((BATCH, 5, 3)) * (r.random((BATCH, 5, 1)) > 0.4))
both("TimeDistributed", lambda: L.TimeDistributed(L.Dense(4)), 5, 3)
one("TimeDistributed-conv", lambda: L.TimeDistributed(L.Conv2D(2, 2)), 3, 4, 4, 2)
one("TimeDistributed-model", lambda: L.TimeDistributed(Sequential([L.Conv2D(2, 2), L.Flatten(), L.Dense(3)])), 3, 4, 4, 2)


def initial_state():
    x, h, c = Input((5, 3)), Input((4,)), Input((4,))
    return Model([x, h, c], L.LSTM(4)(x, initial_state=[h, c]))


fixture("LSTM-initial-state", initial_state)
fixture("LSTM-initial-state-h5", initial_state, "h5")


def stacked_initial_state():
    x, h, c, g = Input((5, 3)), Input((4,)), Input((4,)), Input((3,))
    return Model([x, h, c, g], L.RNN([L.LSTMCell(4), L.GRUCell(3)])(x, initial_state=[[h, c], g]))


def conv_initial_state():
    x, h, c = Input((3, 5, 4, 2)), Input((5, 4, 3)), Input((5, 4, 3))
    return Model([x, h, c], L.ConvLSTM2D(3, 3, padding="same")(x, initial_state=[h, c]))


fixture("RNN-stacked-initial-state", stacked_initial_state)
fixture("ConvLSTM2D-initial-state", conv_initial_state)


# attention
def attention(name, layer, *shapes, form="keras", **call):
    def build():
        inputs = [Input(shape) for shape in shapes]
        return Model(inputs, layer()(inputs, **call))
    fixture(name, build, form)


attention("Attention", L.Attention, (4, 3), (5, 3))
attention("Attention-key", lambda: L.Attention(use_scale=True), (4, 3), (5, 6), (5, 3))
attention("Attention-causal", L.Attention, (5, 3), (5, 3), use_causal_mask=True)
attention("Attention-concat", lambda: L.Attention(score_mode="concat"), (4, 3), (5, 3), form="h5")
attention("AdditiveAttention", L.AdditiveAttention, (4, 3), (5, 3))
attention("AdditiveAttention-no-scale", lambda: L.AdditiveAttention(use_scale=False), (4, 3), (5, 3))


def heads(layer, *shapes, **call):
    def build():
        inputs = [Input(shape) for shape in shapes]
        query, value = (inputs[0], inputs[0]) if len(inputs) == 1 else inputs[:2]
        key = {"key": inputs[2]} if len(inputs) > 2 else {}
        return Model(inputs, layer()(query, value, **key, **call))
    return build


fixture("MultiHeadAttention", heads(lambda: L.MultiHeadAttention(2, 3), (4, 5)))
fixture("MultiHeadAttention-h5", heads(lambda: L.MultiHeadAttention(2, 3), (4, 5)), "h5")
fixture("MultiHeadAttention-value", heads(lambda: L.MultiHeadAttention(2, 3, value_dim=4, output_shape=6, dropout=0.1), (4, 5), (6, 7)))
fixture("MultiHeadAttention-key", heads(lambda: L.MultiHeadAttention(2, 3, use_bias=False), (4, 5), (6, 7), (6, 3)))
fixture("MultiHeadAttention-causal", heads(lambda: L.MultiHeadAttention(2, 3, dropout=0.1), (4, 5), use_causal_mask=True))
fixture("MultiHeadAttention-scores", heads(lambda: L.MultiHeadAttention(2, 3), (4, 5), return_attention_scores=True))
fixture("MultiHeadAttention-rank-4", heads(lambda: L.MultiHeadAttention(2, 3), (2, 4, 5)))
fixture("MultiHeadAttention-axis", heads(lambda: L.MultiHeadAttention(2, 3, attention_axes=(2,)), (2, 4, 5)))
fixture("MultiHeadAttention-axes", heads(lambda: L.MultiHeadAttention(2, 3, attention_axes=(1, 3)), (2, 3, 4, 5)))
fixture("GroupedQueryAttention", heads(lambda: L.GroupQueryAttention(3, 4, 2), (4, 5)))


def masked_heads():
    x = Input((6,), dtype="int32")
    y = L.Embedding(4, 5, mask_zero=True)(x)
    return Model(x, L.MultiHeadAttention(2, 3)(y, y))


fixture("MultiHeadAttention-masked", masked_heads,
        inputs=lambda r: np.concatenate([np.ones((BATCH, 1)), r.integers(0, 4, (BATCH, 5))], 1))

# preprocessing
one("Rescaling", lambda: L.Rescaling(1 / 127.5, -1), 4, 4, 3)
one("Rescaling-channels", lambda: Sequential([L.Conv2D(3, 1), L.Rescaling([1., 2., 3.], [0., .5, 1.])]), 4, 4, 3)
both("Normalization", lambda: L.Normalization(), 5)
one("Normalization-given", lambda: L.Normalization(mean=[1., 2., 3.], variance=[1., 4., 9.]), 4, 4, 3)
one("Normalization-one", lambda: L.Normalization(axis=None, mean=1., variance=4.), 4)
one("Normalization-invert", lambda: L.Normalization(mean=[1., 2.], variance=[1., 4.], invert=True), 2)
one("Resizing", lambda: L.Resizing(6, 7), 4, 5, 2)
one("Resizing-nearest", lambda: L.Resizing(8, 3, interpolation="nearest"), 4, 6, 2)
one("CenterCrop", lambda: L.CenterCrop(3, 2), 6, 5, 2)
one("CategoryEncoding", lambda: L.CategoryEncoding(5), 3, dtype="int32", inputs=lambda r: r.integers(0, 5, (BATCH, 3)))
one("CategoryEncoding-one-hot", lambda: L.CategoryEncoding(5, output_mode="one_hot"), 1, dtype="int32",
    inputs=lambda r: r.integers(0, 5, (BATCH, 1)))
one("CategoryEncoding-count", lambda: L.CategoryEncoding(5, output_mode="count"), 4, dtype="int32",
    inputs=lambda r: r.integers(0, 5, (BATCH, 4)))
one("Discretization", lambda: L.Discretization([-0.5, 0.0, 0.7]), 5)
one("Discretization-one-hot", lambda: L.Discretization([-0.5, 0.0, 0.7], output_mode="one_hot"), 1)
for kind in ("RandomFlip", "RandomRotation", "RandomZoom", "RandomTranslation", "RandomContrast", "RandomBrightness"):
    options = (0.2, 0.2) if kind == "RandomTranslation" else () if kind == "RandomFlip" else (0.2,)
    one(kind, lambda c=getattr(L, kind), o=options: c(*o), 4, 4, 3)


# networks
def shared():
    a, b = Input((4,)), Input((4,))
    dense = L.Dense(3, activation="relu", name="twice")
    return Model([a, b], L.Concatenate()([dense(a), dense(b)]))


def nested():
    inner_in = Input((6, 6, 2))
    y = L.BatchNormalization()(L.Conv2D(3, 3)(inner_in))
    y = L.BatchNormalization(trainable=False)(L.Conv2D(2, 2, trainable=False)(y))
    inner = Model(inner_in, [y, L.GlobalAveragePooling2D()(y)], name="inner")
    x = Input((6, 6, 2))
    image, vector = inner(L.Activation("relu")(x))
    return Model(x, [L.Flatten()(image), L.Dense(2)(vector)])


def nested_sequential():
    return Sequential([Input((5,)), Sequential([L.Dense(4), Sequential([L.Dense(3), L.BatchNormalization()])]), L.Dense(2)])


def nested_twice():
    inner = Sequential([Input((4,)), L.Dense(3), L.Dense(2)])
    a, b = Input((4,)), Input((4,))
    return Model([a, b], L.Subtract()([inner(a), inner(b)]))


def residual():
    x = Input((6, 6, 3))
    y = L.Conv2D(4, 3, padding="same")(x)
    z = L.Conv2D(4, 3, padding="same")(L.ReLU()(L.BatchNormalization()(y)))
    y = L.Add()([y, z])
    gate = L.Dense(4, activation="sigmoid")(L.GlobalAveragePooling2D()(y))
    y = L.Multiply()([y, L.Reshape((1, 1, 4))(gate)])
    return Model(x, L.Dense(3, activation="softmax")(L.Flatten()(L.MaxPooling2D()(y))))


def operations():
    x = Input((4, 3))
    y = (x * 2.0 - 0.5) / 3.0 + keras.ops.square(x)
    y = keras.ops.concatenate([y, -x, 1.0 - x], axis=-1)
    y = keras.ops.reshape(y, (-1, 9, 4))
    y = keras.ops.transpose(y, (0, 2, 1))[:, 1:, ::2]
    return Model(x, [keras.ops.mean(y, axis=1), y[:, -1], keras.ops.expand_dims(keras.ops.max(y, axis=-1), 1),
                     keras.ops.matmul(y, keras.ops.transpose(y, (0, 2, 1))), keras.ops.sigmoid(y)])


def more_operations():
    o = keras.ops
    x, i = Input((4, 3)), Input((4,))
    a, b, c = o.split(x, 3, axis=-1)
    d, e = o.split(x, [1], axis=1)
    y = o.stack([x, o.flip(x, axis=1)], axis=1)
    best = o.cast(o.argmax(x, axis=-1), "int32")
    return Model([x, i], [
        o.where(x > 0.1, x, 0.5 * x), o.where(o.logical_and(x > 0, x < 1), 1.0, o.square(x)), a * c - b, o.tile(d, (1, 2, 2)),
        o.repeat(e, 2, axis=1), o.pad(x, ((0, 0), (1, 2), (0, 1))), o.pad(x, ((0, 0), (1, 1), (0, 0)), mode="reflect"), y,
        o.swapaxes(y, 1, 3), o.one_hot(best, 3), o.take(x, [2, 0], axis=1), o.std(x, axis=1), o.var(x, axis=-1, keepdims=True),
        o.logsumexp(x, axis=1), o.cumsum(x, axis=1), o.einsum("abc,ab->ac", x, i), o.maximum(x, 0.2),
        x // 0.3, o.round(x), o.sign(x), o.log1p(o.abs(x)), o.expm1(x), o.prod(x, axis=1),
        o.cast(o.any(x > 1, axis=1), "float32"), o.reshape(x, (-1, 3)), x[:, None, 0], x[..., -2:], o.squeeze(x[:, :1], 1),
        o.relu(x), o.leaky_relu(x, 0.1), o.gelu(x), o.softmax(x, axis=1), o.normalize(x, axis=-1), o.clip(x, -0.5, 0.5)])


def image_operations():
    o = keras.ops
    x = Input((4, 6, 4))
    return Model(x, [o.image.resize(x, (8, 9)), o.image.resize(x, (2, 3), interpolation="nearest"), o.max_pool(x, (2, 2), (2, 2)),
                     o.average_pool(x, (2, 2), (1, 1), "same")])


def masked_call():
    x = Input((6,), dtype="int32")
    y = L.Embedding(5, 4, mask_zero=True)(x)
    return Model(x, L.LSTM(3)(L.Embedding(5, 4)(x), mask=keras.ops.not_equal(x, 0)) + L.LSTM(3)(y))


def masked_and_initial_state():
    x, h = Input((6,), dtype="int32"), Input((3,))
    y = L.GRU(3, return_sequences=True)(L.Embedding(5, 4, mask_zero=True)(x), initial_state=h)
    return Model([x, h], [y, L.LSTM(2)(y)])


def masks_merged(axis, add):
    def build():
        a, b, c = (Input((5,), dtype="int32") for _ in range(3))
        table = L.Embedding(4, 3, mask_zero=True)
        x, y, z = table(a), table(b), L.Embedding(4, 3)(c)
        first = L.Add()([x, y]) if add else L.Concatenate(axis)([x, y])
        return Model([a, b, c], [L.GRU(3)(first), L.LSTM(2)(L.Concatenate(axis)([x, z]))])
    return build


def shared_behind_flatten():
    a, b, c = Input((4, 5, 2)), Input((4, 5, 2)), Input((3, 24))
    conv, dense = L.Conv2D(3, 2), L.Dense(4)
    flat = [L.Flatten()(conv(x)) for x in (a, b)]
    other = L.Flatten()(L.Permute((2, 1))(L.Conv1D(12, 1)(c)))
    return Model([a, b, c], [*map(dense, flat), dense(other)])


def pad_before_pool():
    return Sequential([Input((6, 6, 2)), L.Conv2D(3, 1), L.Rescaling(1.0, -9.0), L.ZeroPadding2D(1), L.MaxPooling2D(3, 2)])


def multiple():
    a, b = Input((4,), name="left"), Input((3,), name="right")
    y = L.Concatenate()([a, b])
    return Model({"left": a, "right": b}, {"sum": L.Dense(2, name="sum")(y), "class": L.Dense(3, name="class")(y)})


for name, build in (("shared", shared), ("nested", nested), ("nested-sequential", nested_sequential),
                    ("nested-twice", nested_twice), ("residual", residual)):
    fixture(f"network-{name}", build)
    fixture(f"network-{name}-h5", build, "h5")
fixture("network-operations", operations)
fixture("network-operations-h5", operations, "h5")
fixture("network-more-operations", more_operations)
fixture("network-image-operations", image_operations)
fixture("network-masked-call", masked_call, inputs=lambda r: r.integers(0, 5, (BATCH, 6)))
fixture("GRU-masked-initial-state", masked_and_initial_state)
for name, axis, add in (("Concatenate-masks", -1, False), ("Concatenate-masks-steps", 1, False), ("Add-masks", -1, True)):
    fixture(name, masks_merged(axis, add), inputs=lambda r: [r.integers(0, 4, (BATCH, 5)) for _ in range(3)])
fixture("network-shared-behind-flatten", shared_behind_flatten)
fixture("network-pad-before-pool", pad_before_pool)


def layer_scale():
    from keras.src.applications.convnext import LayerScale, StochasticDepth
    x = Input((4, 4, 3))
    return Model(x, StochasticDepth(0.1)(LayerScale(0.5, 3)(L.Conv2D(3, 2)(x))))


def scaled_sum():
    from keras.src.applications.inception_resnet_v2 import CustomScaleLayer
    a, b = Input((4, 3)), Input((4, 3))
    return Model([a, b], CustomScaleLayer(0.3)([a, b]))


fixture("LayerScale", layer_scale)
fixture("StochasticDepth", layer_scale, "h5")
fixture("CustomScaleLayer", scaled_sum)
fixture("network-multiple", multiple)


fixture("weights-only", nested, "weights.h5")
fixture("weights-only-sequential", nested_sequential, "weights.h5")


# older formats, written by hand; what they mean is computed with today's Keras
LEGACY = {}


def legacy(name, version, build, layers, weights, layout="channels_last"):
    """A file of `version`: `layers` and `weights(model)`, which has [(name, array), ...] by layer, as it was then."""
    LEGACY[name] = (version, build, layers, weights, layout)


def arrays(model):
    return [np.asarray(w) for w in model.get_weights()]


def gates(matrix, count):
    return np.split(matrix, count, axis=-1)


def keras_one_gates(order, names):
    def make(model):
        kernel, recurrent, bias = (gates(a, len(order)) for a in arrays(model)[:3])
        row = [(f"{n}_{g}", part[i]) for i, g in zip(order, names)
               for n, part in (("r_W", kernel), ("r_U", recurrent), ("r_b", bias))]
        return {"r": row}
    return make


legacy("Keras1-conv-tf", "1.2.2", lambda: Sequential(
    [Input((6, 7, 2)), L.Conv2D(3, (3, 2), (2, 1), "same", activation="relu"), L.MaxPooling2D(2), L.Flatten(), L.Dense(4)]),
    [("Convolution2D", dict(name="c", batch_input_shape=[None, 6, 7, 2], nb_filter=3, nb_row=3, nb_col=2, bias=True,
                            subsample=[2, 1], border_mode="same", dim_ordering="tf", activation="relu")),
     ("MaxPooling2D", dict(name="p", pool_size=[2, 2], strides=[2, 2], border_mode="valid", dim_ordering="tf")),
     ("Flatten", dict(name="f")), ("Dropout", dict(name="o", p=0.5)),
     ("Dense", dict(name="d", output_dim=4, bias=True, activation="linear"))],
    lambda m: {"c": [("c_W", arrays(m)[0]), ("c_b", arrays(m)[1])], "d": [("d_W", arrays(m)[2]), ("d_b", arrays(m)[3])]})
legacy("Keras1-conv-th", "1.1.0", lambda: Sequential([Input((6, 7, 2)), L.Conv2D(3, (3, 2)), L.AveragePooling2D(2)]),
    [("Convolution2D", dict(name="c", batch_input_shape=[None, 2, 6, 7], nb_filter=3, nb_row=3, nb_col=2, bias=True,
                            subsample=[1, 1], border_mode="valid", dim_ordering="th", activation="linear")),
     ("AveragePooling2D", dict(name="p", pool_size=[2, 2], strides=[2, 2], border_mode="valid", dim_ordering="th"))],
    lambda m: {"c": [("c_W", arrays(m)[0][::-1, ::-1].transpose(3, 2, 0, 1)), ("c_b", arrays(m)[1])]}, "channels_first")
legacy("Keras1-conv1d", "1.2.0", lambda: Sequential([Input((7, 2)), L.Conv1D(3, 3, 2, "same")]),
    [("Convolution1D", dict(name="c", batch_input_shape=[None, 7, 2], nb_filter=3, filter_length=3, subsample_length=2,
                            border_mode="same", bias=True, activation="linear"))],
    lambda m: {"c": [("c_W", arrays(m)[0][:, None]), ("c_b", arrays(m)[1])]})
legacy("Keras1-lstm", "1.2.2", lambda: Sequential([Input((5, 3)), L.LSTM(4)]),
    [("LSTM", dict(name="r", batch_input_shape=[None, 5, 3], output_dim=4, activation="tanh",
                   inner_activation="sigmoid", return_sequences=False, consume_less="cpu"))],
    keras_one_gates((0, 2, 1, 3), "icfo"))
legacy("Keras1-gru", "1.2.2", lambda: Sequential([Input((5, 3)), L.GRU(4, reset_after=False)]),
    [("GRU", dict(name="r", batch_input_shape=[None, 5, 3], output_dim=4, activation="tanh",
                  inner_activation="sigmoid", return_sequences=False, consume_less="cpu"))],
    keras_one_gates((0, 1, 2), "zrh"))


def one_branch(name, width, units):
    return {"class_name": "Sequential", "config": [{"class_name": "Dense", "config": dict(
        name=name, batch_input_shape=[None, width], output_dim=units, bias=True, activation="tanh")}]}


def two_branches():
    a, b = Input((4,)), Input((3,))
    return Model([a, b], L.Concatenate()([L.Dense(2, activation="tanh")(a), L.Dense(3, activation="tanh")(b)]))


legacy("Merge", "1.2.2", two_branches,
    [("Merge", dict(name="m", mode="concat", concat_axis=-1, layers=[one_branch("a", 4, 2), one_branch("b", 3, 3)]))],
    lambda m: {n: [(n + "_W", w), (n + "_b", b)] for n, w, b in zip("ab", arrays(m)[::2], arrays(m)[1::2])})
legacy("ThresholdedReLU", "2.2.4", lambda: Sequential([Input((9,)), L.Lambda(lambda x: x * keras.ops.cast(x > 0.4, x.dtype))]),
    [("ThresholdedReLU", dict(name="t", batch_input_shape=[None, 9], theta=0.4))], lambda m: {})
legacy("Keras2-hard-sigmoid", "2.4.0", lambda: Sequential([Input((9,)), L.Lambda(lambda x: keras.ops.clip(x / 5 + .5, 0, 1))]),
    [("Activation", dict(name="t", batch_input_shape=[None, 9], activation="hard_sigmoid"))], lambda m: {})


def call(name, function, *inbound, slices=False):
    """A function of TensorFlow between layers, as tf.keras 2.4 wrote it down."""
    return ("SlicingOpLambda" if slices else "TFOpLambda",
            dict(name=name, trainable=True, dtype="float32", function=function), list(inbound))


def node(name, op, constants, attributes, *inbound):
    """The same in tf.keras 2.0 to 2.3."""
    import json
    text = json.dumps({"name": name, "op": op, "attr": {"T": {"type": "DT_FLOAT"}, **attributes}})
    return ("TensorFlowOpLayer", dict(name=name, trainable=True, dtype="float32", node_def=text, constants=constants),
            [[[n, 0, 0, {}] for n in inbound]])


def lambdas():
    o, x = keras.ops, Input((4, 6))
    y = (x / 2.5 - 1.0)[:, 1::2]
    z = o.concatenate([y, 1.0 - y], axis=-1)
    return Model(x, [o.mean(o.transpose(o.reshape(z, (-1, 2, 2, 6)), (0, 2, 1, 3)), axis=(1, 2), keepdims=True),
        o.matmul(z, o.transpose(z, (0, 2, 1))), o.stack(o.split(z, [4], axis=-1)[:1] * 2, axis=1), o.relu(o.expand_dims(z, 1)),
        o.relu6(o.sum(z, axis=-1)), o.reshape(o.leaky_relu(z, 0.2), (-1, 12))])


WHOLE = {"start": None, "stop": None, "step": None}
legacy("Keras2-TFOpLambda", "2.4.0", lambdas, [
    ("InputLayer", dict(name="x", batch_input_shape=[None, 4, 6], dtype="float32"), []),
    call("div", "math.truediv", ["x", 0, 0, {"y": 2.5, "name": None}]),
    call("sub", "math.subtract", ["div", 0, 0, {"y": 1.0, "name": None}]),
    call("y", "__operators__.getitem", ["sub", 0, 0, {"slice_spec": [WHOLE, {"start": 1, "stop": None, "step": 2}]}],
         slices=True),
    call("minus", "math.subtract", ["_CONSTANT_VALUE", -1, 1.0, {"y": ["y", 0, 0], "name": None}]),
    call("z", "concat", [["y", 0, 0, {"axis": -1}], ["minus", 0, 0, {"axis": -1}]]),
    call("shape", "compat.v1.shape", ["z", 0, 0, {}]),
    call("batch", "__operators__.getitem", ["shape", 0, 0, {"slice_spec": 0}], slices=True),
    call("reshape", "reshape", ["z", 0, 0, {"shape": [["batch", 0, 0], 2, 2, 6]}]),
    call("transpose", "transpose", ["reshape", 0, 0, {"perm": [0, 2, 1, 3]}]),
    call("out0", "math.reduce_mean", ["transpose", 0, 0, {"axis": [1, 2], "keepdims": True}]),
    call("out1", "linalg.matmul", ["z", 0, 0, {"b": ["z", 0, 0], "transpose_b": True}]),
    call("parts", "split", ["z", 0, 0, {"num_or_size_splits": [4, 8], "axis": -1}]),
    call("out2", "stack", [["parts", 0, 0, {"axis": 1}], ["parts", 0, 0, {"axis": 1}]]),
    call("expand", "expand_dims", ["z", 0, 0, {"axis": 1}]), call("out3", "nn.relu", ["expand", 0, 0, {}]),
    call("sum", "math.reduce_sum", ["z", 0, 0, {"axis": -1}]), call("out4", "nn.relu6", ["sum", 0, 0, {}]),
    call("leaky", "nn.leaky_relu", ["z", 0, 0, {}]), call("out5", "reshape", ["leaky", 0, 0, {"shape": [-1, 12]}])],
    lambda m: {})
legacy("Keras2-TensorFlowOpLayer", "2.3.0-tf", lambdas, [
    ("InputLayer", dict(name="x", batch_input_shape=[None, 4, 6], dtype="float32"), []),
    node("div", "RealDiv", {"1": 2.5}, {}, "x"), node("sub", "Sub", {"1": 1.0}, {}, "div"),
    node("y", "StridedSlice", {"1": [0, 1], "2": [0, 0], "3": [1, 2]}, {"begin_mask": {"i": "1"}, "end_mask": {"i": "3"}}, "sub"),
    node("minus", "Sub", {"0": 1.0}, {}, "y"), node("z", "ConcatV2", {"2": -1}, {"N": {"i": "2"}}, "y", "minus"),
    node("reshape", "Reshape", {"1": [-1, 2, 2, 6]}, {}, "z"), node("transpose", "Transpose", {"1": [0, 2, 1, 3]}, {}, "reshape"),
    node("out0", "Mean", {"1": [1, 2]}, {"keep_dims": {"b": True}}, "transpose"),
    node("out1", "BatchMatMulV2", {}, {"adj_x": {"b": False}, "adj_y": {"b": True}}, "z", "z"),
    node("parts", "SplitV", {"1": [4, 8], "2": 2}, {"num_split": {"i": "2"}}, "z"),
    node("out2", "Pack", {}, {"axis": {"i": "1"}, "N": {"i": "2"}}, "parts", "parts"),
    node("expand", "ExpandDims", {"1": 1}, {}, "z"), node("out3", "Relu", {}, {}, "expand"),
    node("sum", "Sum", {"1": -1}, {"keep_dims": {"b": False}}, "z"), node("out4", "Relu6", {}, {}, "sum"),
    node("leaky", "LeakyRelu", {}, {"alpha": {"f": 0.2}}, "z"), node("out5", "Reshape", {"1": [-1, 12]}, {}, "leaky")],
    lambda m: {})
legacy("FixedDropout", "2.4.0", lambda: Sequential([Input((4,)), L.Identity()]),
    [("FixedDropout", dict(name="d", batch_input_shape=[None, 4], rate=0.2))], lambda m: {})
legacy("Keras2-softmax-v2", "2.2.4-tf", lambda: Sequential([Input((4,)), L.Dense(3, activation="softmax")]),
    [("Dense", dict(name="d", batch_input_shape=[None, 4], units=3, activation="softmax_v2"))],
    lambda m: {"d": [("d/kernel:0", arrays(m)[0]), ("d/bias:0", arrays(m)[1])]})


class Contrib(L.Layer):
    """InstanceNormalization as keras-contrib has it."""

    def build(self, shape):
        self.gamma, self.beta = self.add_weight(shape=(shape[-1],)), self.add_weight(shape=(shape[-1],))

    def call(self, x):
        mean, deviation = keras.ops.mean(x, (1, 2), True), keras.ops.std(x, (1, 2), True)
        return self.gamma * (x - mean) / (deviation + 0.01) + self.beta


legacy("InstanceNormalization", "2.4.0", lambda: Sequential([Input((4, 5, 2)), Contrib()]),
    [("InstanceNormalization", dict(name="i", batch_input_shape=[None, 4, 5, 2], axis=-1, epsilon=0.01, center=True, scale=True))],
    lambda m: {"i": [("i/gamma:0", arrays(m)[0]), ("i/beta:0", arrays(m)[1])]})
legacy("InstanceNormalization-addons", "2.4.0", lambda: Sequential([Input((4, 5, 2)), L.GroupNormalization(-1, epsilon=0.01)]),
    [("Addons>InstanceNormalization", dict(name="i", batch_input_shape=[None, 4, 5, 2], groups=-1, axis=-1, epsilon=0.01,
        center=True, scale=True))],
    lambda m: {"i": [("i/gamma:0", arrays(m)[0]), ("i/beta:0", arrays(m)[1])]})


legacy("AddLoss", "2.4.0", lambda: (lambda x: Model(x, x * 2.0))(Input((4,))), [
    ("InputLayer", dict(name="x", batch_input_shape=[None, 4], dtype="float32"), []),
    ("AddLoss", dict(name="loss", unconditional=False), [[["x", 0, 0, {}]]]),
    call("random", "random.normal", ["x", 0, 0, {}]), call("out", "math.multiply", ["loss", 0, 0, {"y": 2.0}])], lambda m: {})
legacy("AddMetric", "2.4.0", lambda: Sequential([Input((4,)), L.Identity()]),
    [("AddMetric", dict(name="m", batch_input_shape=[None, 4], aggregation="mean", metric_name="m"))], lambda m: {})
# tf.image.resize_bilinear of TensorFlow 1: every second row is one of the image, the others lie between
legacy("UpSampling2D-bilinear-corners", "2.2.4", lambda: (lambda x: Model(x, keras.ops.reshape(keras.ops.stack(
    [x, (x + keras.ops.concatenate([x[:, 1:], x[:, -1:]], 1)) / 2], 2), (-1, 6, 1, 2))))(Input((3, 1, 2))),
    [("UpSampling2D", dict(name="u", batch_input_shape=[None, 3, 1, 2], size=[2, 1], data_format="channels_last",
        interpolation="bilinear"))], lambda m: {})


def highway(model):
    kernel, bias = model.get_layer("h").get_weights()
    carry, carry_bias = model.get_layer("t").get_weights()
    return {"h": [("h_W", kernel), ("h_W_carry", carry), ("h_b", bias), ("h_b_carry", carry_bias)]}


def two_dense():
    x = Input((4,))
    h, t = L.Dense(4, activation="tanh", name="h")(x), L.Dense(4, activation="sigmoid", name="t")(x)
    return Model(x, t * h + (1 - t) * x)


def maxout():
    x = Input((4,))
    return Model(x, L.Maximum()([L.Dense(3)(x), L.Dense(3)(x)]))


legacy("Highway", "1.2.2", two_dense, [("Highway", dict(name="h", batch_input_shape=[None, 4], activation="tanh",
    bias=True, input_dim=4))], highway)
legacy("MaxoutDense", "1.2.2", maxout, [("MaxoutDense", dict(name="m", batch_input_shape=[None, 4], output_dim=3,
    nb_feature=2, bias=True, input_dim=4))],
    lambda m: {"m": [("m_W", np.stack(arrays(m)[::2])), ("m_b", np.stack(arrays(m)[1::2]))]})


class Scales(L.Layer):
    def build(self, shape):
        self.a, self.b = self.add_weight(shape=shape[1:]), self.add_weight(shape=shape[1:])

    def call(self, x):
        return self.a * keras.ops.softplus(self.b * x)


legacy("ParametricSoftplus", "1.2.2", lambda: Sequential([Input((4,)), Scales()]),
    [("ParametricSoftplus", dict(name="p", batch_input_shape=[None, 4]))],
    lambda m: {"p": [("p_alpha", arrays(m)[0]), ("p_beta", arrays(m)[1])]})


class Local(L.Layer):
    """A convolution with a kernel of its own at each place: [places..., window..., channels, filters]."""

    def __init__(self, filters, window, strides, same=False):
        super().__init__()
        self.filters, self.window, self.strides, self.same = filters, window, strides, same

    def build(self, shape):
        self.channels = shape[-1]
        places = [-(-(n if self.same else n - w + 1) // s) for n, w, s in zip(shape[1:], self.window, self.strides)]
        self.places = tuple(places)
        self.kernel = self.add_weight(shape=(*places, *self.window, shape[-1], self.filters))
        self.bias = self.add_weight(shape=(*places, self.filters))

    def pads(self, shape):
        totals = [max(0, (p - 1) * s + w - n) if self.same else 0
            for p, s, w, n in zip(self.places, self.strides, self.window, shape)]
        return [(t // 2, t - t // 2) for t in totals]

    def call(self, x):
        x = keras.ops.pad(x, [(0, 0), *self.pads(x.shape[1:]), (0, 0)])
        rows = []
        for at in np.ndindex(self.places):
            index = tuple(slice(a * s, a * s + w) for a, s, w in zip(at, self.strides, self.window))
            piece = keras.ops.reshape(x[(slice(None), *index)], (-1, int(np.prod(self.window)) * self.channels))
            rows.append(piece @ keras.ops.reshape(self.kernel[at], (-1, self.filters)) + self.bias[at])
        return keras.ops.reshape(keras.ops.stack(rows, 1), (-1, *self.places, self.filters))


def local_pairs(layer, shape):
    """Of each weight: place, filter, where it lies under the window, where that is in the image (None: outside)."""
    pads = layer.pads(shape)
    for at in np.ndindex(layer.places):
        for spot in np.ndindex(layer.window):
            image = [a * s + w - p[0] for a, s, w, p in zip(at, layer.strides, spot, pads)]
            inside = all(0 <= i < n for i, n in zip(image, shape))
            yield at, spot, tuple(image) if inside else None


def local(implementation, first=False):
    def make(model):
        layer = model.layers[-1]
        kernel, bias = arrays(model)
        places, filters, channels = layer.places, layer.filters, layer.channels
        shape = model.inputs[0].shape[1:-1]
        if implementation == 1:
            n = len(places)
            turned = np.moveaxis(kernel, -2, n) if first else kernel
            stored = turned.reshape(int(np.prod(places)), -1, filters)
        else:
            outside = (channels, *shape, filters, *places) if first else (*shape, channels, *places, filters)
            stored, used = np.zeros(outside, "float32"), np.zeros(outside, bool)
            for at, spot, image in local_pairs(layer, shape):
                for c, f in np.ndindex(channels, filters) if image else ():
                    index = (c, *image, f, *at) if first else (*image, c, *at, f)
                    stored[index], used[index] = kernel[at + spot + (c, f)], True
            if implementation == 3:  # all outputs in order, and the inputs of each in order
                half = int(np.prod(shape)) * channels
                stored = stored.reshape(half, -1).T[used.reshape(half, -1).T]
        return {"l": [("l/kernel:0", stored), ("l/bias:0", bias)]}
    return make


for implementation in (1, 2, 3):
    for same in (False, True) if implementation > 1 else (False,):
        legacy(f"LocallyConnected1D-{implementation}{'-same' if same else ''}", "2.4.0",
            lambda s=same: Sequential([Input((7, 2)), Local(3, (3,), (2,), s)]),
            [("LocallyConnected1D", dict(name="l", batch_input_shape=[None, 7, 2], filters=3, kernel_size=[3], strides=[2],
                padding="same" if same else "valid", data_format="channels_last", activation="linear", use_bias=True,
                implementation=implementation))], local(implementation))
    for first in (False, True):
        legacy(f"LocallyConnected2D-{implementation}{'-channels-first' if first else ''}", "2.4.0",
            lambda: Sequential([Input((4, 5, 2)), Local(2, (2, 3), (1, 1))]),
            [("LocallyConnected2D", dict(name="l", batch_input_shape=[None, 2, 4, 5] if first else [None, 4, 5, 2],
                filters=2, kernel_size=[2, 3], strides=[1, 1], padding="valid",
                data_format="channels_first" if first else "channels_last", activation="linear", use_bias=True,
                implementation=implementation))], local(implementation, first),
            "channels_first" if first else "channels_last")


def cudnn(count, model):
    kernel, recurrent, bias = arrays(model)
    turned = np.concatenate([g.T.reshape(-1).reshape(g.shape) for g in gates(kernel, count)], 1)
    again = np.concatenate([g.T for g in gates(recurrent, count)], 1)
    full = bias.reshape(-1) if bias.ndim == 2 else np.concatenate([bias * 0.25, bias * 0.75])
    return {"r": [("r/kernel:0", turned), ("r/recurrent_kernel:0", again), ("r/bias:0", full)]}


for kind, layer, count in (("CuDNNLSTM", L.LSTM, 4), ("CuDNNGRU", L.GRU, 3)):
    legacy(kind, "2.2.4", lambda c=layer: Sequential([Input((5, 3)), c(4)]),
        [(kind, dict(name="r", batch_input_shape=[None, 5, 3], units=4, return_sequences=False))],
        lambda m, n=count: cudnn(n, m))


def with_mask(model):
    kernel, bias = arrays(model)
    mask = (np.arange(kernel.size).reshape(kernel.shape) % 3 > 0).astype("float32")
    garbage = np.where(mask > 0, kernel, 7).astype("float32")
    model.set_weights([kernel * mask, bias])
    n = "prune_low_magnitude_d/"
    return {"prune_low_magnitude_d": [(n + "kernel:0", garbage), (n + "bias:0", bias), (n + "mask:0", mask),
        (n + "threshold:0", np.float32(0.1)), (n + "pruning_step:0", np.int64(7))]}


legacy("PruneLowMagnitude", "2.13.1", lambda: Sequential([Input((5,)), L.Dense(4)]),
    [("PruneLowMagnitude", dict(name="prune_low_magnitude_d", batch_input_shape=[None, 5], layer={
        "class_name": "Dense", "config": dict(name="d", units=4, activation="linear", use_bias=True)}))],
    with_mask)


def write_legacy(archive, name):
    import json
    import h5py
    version, build, layers, weights, layout = LEGACY[name]
    keras.backend.clear_session()
    random = np.random.default_rng([ord(c) for c in name])
    model = randomized(build(), random)
    stored = weights(model)
    inputs = [random.standard_normal((BATCH,) + tuple(x.shape[1:])).astype("float32") for x in model.inputs]
    outputs = flat(model(inputs if len(inputs) > 1 else inputs[0], training=False))
    if layout == "channels_first":
        inputs, outputs = ([np.moveaxis(np.asarray(a), -1, 1) for a in b] for b in (inputs, outputs))
    config = [{"class_name": c, "config": s} for c, s, *_ in layers]
    kind = "Sequential"
    if version[0] != "1":
        config = {"name": "sequential", "layers": config}
    if len(layers[0]) > 2:
        kind = "Model"
        for item, (_, settings, inbound) in zip(config["layers"], layers):
            item.update(name=settings["name"], inbound_nodes=inbound)
        names = [settings["name"] for _, settings, _ in layers]
        config.update(input_layers=[["x", 0, 0]], output_layers=[[n, 0, 0] for n in names if n.startswith("out")])
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.attrs["keras_version"] = version.encode()
        if version[0] != "1":
            file.attrs["backend"] = b"tensorflow"
        file.attrs["model_config"] = json.dumps({"class_name": kind, "config": config}).encode()
        group = file.create_group("model_weights")
        names = [*{**{s["name"]: 0 for _, s, *_ in layers}, **stored}]
        group.attrs["layer_names"] = [n.encode() for n in names]
        for layer in names:
            row = stored.get(layer, [])
            inner = group.create_group(layer)
            inner.attrs["weight_names"] = [n.encode() for n, _ in row]
            for n, array in row:
                inner.create_dataset(n, data=array)
    add(archive, f"{name}/model.h5", buffer.getvalue())
    add_arrays(archive, name, inputs, outputs)


def randomized(model, random):
    for weight in model.weights:
        if str(weight.dtype).startswith(("float", "bfloat")):
            shape = tuple(weight.shape)
            values = random.standard_normal(shape) * 0.5
            if "variance" in weight.name or "gamma" in weight.name:
                values = random.uniform(0.5, 1.5, shape)
            weight.assign(values)
    for layer in model.layers:
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()
    return model


def flat(outputs):
    return keras.tree.flatten(outputs)


def write(archive, name):
    build, form, make = FIXTURES[name]
    keras.backend.clear_session()
    keras.utils.set_random_seed(1)
    random = np.random.default_rng([ord(c) for c in name])
    model = randomized(build(), random)
    made = make(random) if make else None
    inputs = made if isinstance(made, list) else [made] if make else [
        random.standard_normal((BATCH,) + tuple(x.shape[1:])) for x in model.inputs]
    inputs = [np.asarray(x).astype(i.dtype) for x, i in zip(inputs, model.inputs)]
    outputs = flat(model(inputs if len(inputs) > 1 else inputs[0], training=False))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"model.{form}"
        if form == "weights.h5":
            model.save_weights(path)
            add(archive, f"{name}/model.json", model.to_json().encode())
        else:
            model.save(path)
        add(archive, f"{name}/model.{form}", path.read_bytes())
    add_arrays(archive, name, inputs, outputs)


def add_arrays(archive, name, inputs, outputs):
    for kind, values in (("input", inputs), ("output", outputs)):
        for i, array in enumerate(values):
            contents = io.BytesIO()
            np.save(contents, np.ascontiguousarray(array))
            add(archive, f"{name}/{kind}_{i}.npy", contents.getvalue())


def add(archive, name, contents):
    entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, contents)


if __name__ == "__main__":
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    failed = []
    wanted = sys.argv[1:] or [*FIXTURES, *LEGACY]
    kept = {}
    if sys.argv[1:]:
        with zipfile.ZipFile(TARGET) as old:
            kept = {n: old.read(n) for n in old.namelist() if n.split("/")[0] in {*FIXTURES, *LEGACY} - {*wanted}}
    with zipfile.ZipFile(TARGET, "w") as archive:
        for name, contents in kept.items():
            add(archive, name, contents)
        for name in wanted:
            try:
                (write if name in FIXTURES else write_legacy)(archive, name)
            except Exception as e:
                failed.append(f"{name}: {type(e).__name__}: {e}".splitlines()[0][:200])
    print(len(wanted) - len(failed), "fixtures made,", TARGET.stat().st_size, "bytes")
    sys.exit("\n".join(failed) if failed else 0)
