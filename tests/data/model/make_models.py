#!/usr/bin/python3
"""Model files of version 1, written from the description in include/backquery/model/format.hpp, not by the library.

usage: make_models.py OUT_DIR
These files pin the format: what is read today must be read for good. Never make them anew from a changed script.
"""
import os
import struct
import sys
import zlib

MAGIC = bytes([0x89]) + b'BQM\r\n\x1a\n'


def model(value, seed, loss, initializer, error_propagation, biases, hidden, activations, sizes, rate, layers):
    """`value` is the struct code of one value; `layers` are lists of values: weights by column, then biases."""
    body = struct.pack('<Q6I', seed, loss, initializer, error_propagation, biases, hidden, len(activations))
    body += struct.pack('<%dI' % len(activations), *activations)
    body += struct.pack('<%dQ' % len(sizes), *sizes)
    body += struct.pack('<' + value, rate)
    for values in layers:
        body += b''.join(v if isinstance(v, bytes) else struct.pack('<' + value, v) for v in values)
    length = len(MAGIC) + 4 + 4 + 8 + len(body) + 4
    whole = MAGIC + struct.pack('<IIQ', 1, struct.calcsize(value), length) + body
    return whole + struct.pack('<I', zlib.crc32(whole))


inf = float('inf')
nan_with_payload = struct.pack('<I', 0xffc01234)

# tanh (2), softmax (6), cross_entropy (2), glorot (4), gradient (1), biases
float_classifier = model('f', 0x0123456789abcdef, 2, 4, 1, 1, 2, [2, 6], [3, 2, 4], 0.125, [
    [0.5, -0.25, 1, 2, nan_with_payload, -0.0] + [0.75, -1.5],
    [1, 2, 3, 4, inf, -inf, 1e-45, 3.4028234663852886e38] + [-1, -2, -3, -4]])

# No hidden layer, though the option is leaky_relu (5); output identity (0), squared_error (0), uniform (0),
# split_by_weights (0), no biases
double_perceptron = model('d', 2**64 - 1, 0, 0, 0, 0, 5, [0], [2, 3], 0.1, [[0.1, 0.2, 0.3, 1e-320, 1e300, -7]])

for name, content in [('float_classifier', float_classifier), ('double_perceptron', double_perceptron)]:
    with open(os.path.join(sys.argv[1], name + '.bqm'), 'wb') as file:
        file.write(content)
