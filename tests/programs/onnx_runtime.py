#!/usr/bin/python3
"""Checks the files of tests/model/onnx_files_test.cpp by the checker of ONNX, and computes their outputs with numpy.

usage: onnx_runtime.py FOLDER    (Debian: python3-onnx)
"""

import pathlib
import sys

try:
    import numpy
    import onnx
    from onnx import numpy_helper
except ImportError:
    print("skipped: python3 has no module onnx (Debian: apt-get install python3-onnx)")
    sys.exit(0)


def softmax(z):
    e = numpy.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


OPERATORS = {
    "Gemm": lambda node, a, b, c=0: a @ b + c,
    "Mul": lambda node, a, b: a * b,
    "Sigmoid": lambda node, z: 1 / (1 + numpy.exp(-z)),
    "Tanh": lambda node, z: numpy.tanh(z),
    "Relu": lambda node, z: numpy.maximum(z, 0),
    "LeakyRelu": lambda node, z: numpy.where(z < 0, z.dtype.type(node.attribute[0].f) * z, z),
    "PRelu": lambda node, z, slope: numpy.where(z < 0, slope * z, z),
    "Elu": lambda node, z: numpy.where(z < 0, numpy.expm1(numpy.minimum(z, 0)), z),
    "Softplus": lambda node, z: numpy.maximum(z, 0) + numpy.log1p(numpy.exp(-numpy.abs(z))),
    "Softmax": lambda node, z: softmax(z),
}


def run(graph, x):
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    values["input"] = x
    for node in graph.node:
        values[node.output[0]] = OPERATORS[node.op_type](node, *[values[name] for name in node.input])
    return values["output"]


def check(path):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    kind, inputs, outputs, samples = path.with_suffix(".txt").read_text().split()
    values = numpy.fromfile(path.with_suffix(".bin"), dtype="<f4" if kind == "float" else "<f8")
    x = values[: int(inputs) * int(samples)].reshape(int(samples), int(inputs))
    expected = values[int(inputs) * int(samples):].reshape(int(samples), int(outputs))
    difference = numpy.abs(run(model.graph, x) - expected).max()
    passed = difference <= (1e-5 if kind == "float" else 1e-12)
    print("passed" if passed else "FAILED", path.stem, "difference", difference)
    return passed


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    results = [check(path) for path in sorted(pathlib.Path(sys.argv[1]).glob("*.onnx"))]
    sys.exit(0 if results and all(results) else 1)
