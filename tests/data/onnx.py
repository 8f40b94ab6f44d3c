#!/usr/bin/python3
"""Networks of PyTorch as ONNX files, with the outputs that PyTorch computes: the golden data of import_onnx.

usage: onnx.py FOLDER    write all files below FOLDER (Debian: python3-torch)

NAME.onnx is a model of float, or of double if NAME ends with _double. outputs.txt has the matrices NAME/x and NAME/y
for each name, in the format of golden.py: a sample in each column, the values of a sample row by row.
"""

import os
import sys

import torch
from torch import nn

INPUTS, NODES, OUTPUTS, SAMPLES = 5, 4, 3, 3


class Apply(nn.Module):
    """A function as a module."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


class Standardize(nn.Module):
    """(x - mean) / deviation for each feature, as buffers."""

    def __init__(self, *shape):
        super().__init__()
        self.register_buffer("mean", torch.rand(shape))
        self.register_buffer("deviation", torch.rand(shape) + 0.5)

    def forward(self, x):
        return (x - self.mean) / self.deviation


def scaled_tanh():
    return Apply(lambda z: 1.7159 * torch.tanh(2 / 3 * z))


ACTIVATIONS = {
    "identity": nn.Identity, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "scaled_tanh": scaled_tanh, "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU, "elu": nn.ELU, "softplus": nn.Softplus,
}


def norm(features=NODES):
    """Batch normalization with other values than those of the beginning."""
    layer = nn.BatchNorm1d(features)
    for values in (layer.weight.data, layer.bias.data, layer.running_mean):
        values.uniform_(-1, 1)
    layer.running_var.uniform_(0.5, 2)
    return layer


def first(biases=True, inputs=INPUTS):
    return nn.Linear(inputs, NODES, bias=biases)


def hidden(biases=True):
    return nn.Linear(NODES, NODES, bias=biases)


def last(biases=True):
    return nn.Linear(NODES, OUTPUTS, bias=biases)


def deep(layers, activation=nn.ReLU, biases=True):
    """A network with this number of linear layers."""
    if layers == 1:
        return [nn.Linear(INPUTS, OUTPUTS, bias=biases)]
    modules = [first(biases), activation()]
    for _ in range(layers - 2):
        modules += [hidden(biases), activation()]
    return modules + [last(biases)]


def networks():
    """The modules and the shape of a sample for each name."""
    table = {}

    def add(name, *modules, shape=(INPUTS,)):
        table[name] = (nn.Sequential(*modules), shape)

    for name, activation in ACTIVATIONS.items():
        add(name, *deep(2, activation))
        add(name + "_output_no_biases", *deep(2, activation, False), activation())
    add("softmax", *deep(2), nn.Softmax(dim=1))
    add("softmax_last_axis_no_biases", *deep(2, nn.Tanh, False), nn.Softmax(dim=-1))
    for layers in (1, 3, 4, 5, 6):
        add(f"layers_{layers}", *deep(layers, nn.Tanh))
    add("mixed_activations", first(), nn.Tanh(), hidden(False), nn.Softplus(), hidden(), nn.ELU(), last())
    add("linear_without_activation", first(), hidden(), nn.Sigmoid(), last())
    add("norm_before_activation", first(), norm(), nn.ReLU(), last())
    add("norm_before_activation_no_biases", first(False), norm(), nn.Tanh(), last(False))
    add("norm_after_activation", first(), nn.ReLU(), norm(), last())
    add("norm_after_activation_no_biases", first(False), nn.Sigmoid(), norm(), last(False))
    add("norm_first_and_last", norm(INPUTS), first(), nn.ReLU(), last(), norm(OUTPUTS))
    add("dropout", nn.Dropout(), first(), nn.ReLU(), nn.Dropout(), last(), nn.Dropout())
    image = (1, 2, 3)
    add("flatten", nn.Flatten(), first(inputs=6), nn.ReLU(), last(), shape=image)
    add("view_batch", Apply(lambda x: x.view(x.size(0), -1)), first(inputs=6), nn.ReLU(), last(), shape=image)
    add("view_features", Apply(lambda x: x.view(-1, 6)), first(inputs=6), nn.ReLU(), last(), shape=image)
    add("view_product", Apply(lambda x: x.view(-1, x.size(1) * x.size(2) * x.size(3))), first(inputs=6), nn.ReLU(),
        last(), shape=image)
    add("scaled_inputs", Apply(lambda x: (x / 255 - 0.1307) / 0.3081), first(), nn.Sigmoid(), last())
    add("scaled_inputs_no_biases", Apply(lambda x: x * 0.99 / 255 + 0.01), first(False), nn.Sigmoid(), last(False))
    add("standardized_inputs", Standardize(INPUTS), first(), nn.Tanh(), last())
    add("standardized_channels", Standardize(1, 2, 1, 1), nn.Flatten(), first(inputs=12), nn.ReLU(), last(),
        shape=(2, 2, 3))
    add("reversed_scaling", first(), nn.Tanh(), Apply(lambda x: 1 - 2 * x), last(), Apply(lambda x: 10 * x + 3))
    return table


def matrix_text(name, matrix):
    lines = [f"{name} {matrix.shape[0]} {matrix.shape[1]}"]
    return "\n".join(lines + [" ".join(repr(float(value)) for value in row) for row in matrix]) + "\n"


def write(folder):
    os.makedirs(folder, exist_ok=True)
    text = "# onnx.py: samples x and the outputs y of PyTorch " + torch.__version__ + ", of each network in double\n"
    torch.manual_seed(1)
    for name, (network, shape) in networks().items():
        network.eval()
        samples = torch.rand(SAMPLES, *shape, dtype=torch.float64) * (255 if "scaled_inputs" in name else 1)
        for suffix, kind in (("", torch.float32), ("_double", torch.float64)):
            network = network.to(kind)
            torch.onnx.export(network, samples.to(kind), os.path.join(folder, name + suffix + ".onnx"),
                              input_names=["x"], output_names=["y"], dynamic_axes={"x": {0: "N"}, "y": {0: "N"}})
        with torch.no_grad():
            outputs = network(samples).reshape(SAMPLES, -1)
        text += matrix_text(name + "/x", samples.reshape(SAMPLES, -1).T) + matrix_text(name + "/y", outputs.T)
    with open(os.path.join(folder, "outputs.txt"), "w", encoding="ascii") as file:
        file.write(text)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    write(sys.argv[1])
