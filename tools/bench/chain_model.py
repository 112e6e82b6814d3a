"""Writes a chain of 1024-wide MatMuls with random weights: chain_model.py FILE MIB [external]."""
import sys, numpy as np, onnx
from onnx import TensorProto as T, helper as H, numpy_helper as N
rng, nodes, inits, x = np.random.default_rng(0), [], [], "x"
for i in range(max(1, int(sys.argv[2]) // 4)):
    inits.append(N.from_array(rng.standard_normal((1024, 1024), dtype=np.float32) / 32, f"w{i}"))
    nodes += [H.make_node("MatMul", [x, f"w{i}"], [f"h{i}"]), H.make_node("Relu", [f"h{i}"], [f"r{i}"])]
    x = f"r{i}"
value = lambda name: H.make_tensor_value_info(name, T.FLOAT, ["N", 1024])
model = H.make_model(H.make_graph(nodes, "big", [value("x")], [value(x)], inits), opset_imports=[H.make_opsetid("", 17)])
model.ir_version = 8
external = len(sys.argv) > 3
onnx.save(model, sys.argv[1], save_as_external_data=external, location="big.onnx.data") if external else onnx.save(model, sys.argv[1])
