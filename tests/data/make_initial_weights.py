#!/usr/bin/python3
"""The weights that NeuralNetwork draws, made a second time: the documented scheme on Python's unbounded integers.

usage: make_initial_weights.py OUT_DIR
Writes initial_weights_seed_S.txt: one row for each initializer in the order of the enumeration, holding the weights
of a 3-4-2 network in the order in which they are drawn (layer by layer, column by column), 17 significant digits.
"""
import math
import os
import sys


class MersenneTwister64:
    """Matsumoto and Nishimura's MT19937-64, as std::mt19937_64 specifies it."""

    N, M, MASK = 312, 156, (1 << 64) - 1

    def __init__(self, seed):
        self.state = [seed]
        for i in range(1, self.N):
            last = self.state[-1]
            self.state.append((6364136223846793005 * (last ^ (last >> 62)) + i) & self.MASK)
        self.index = self.N

    def __call__(self):
        if self.index == self.N:
            for i in range(self.N):
                y = (self.state[i] & 0xFFFFFFFF80000000) | (self.state[(i + 1) % self.N] & 0x7FFFFFFF)
                twist = 0xB5026F5AA96619E9 if y & 1 else 0
                self.state[i] = self.state[(i + self.M) % self.N] ^ (y >> 1) ^ twist
            self.index = 0
        x = self.state[self.index]
        self.index += 1
        x ^= (x >> 29) & 0x5555555555555555
        x ^= (x << 17) & 0x71D67FFFEDA60000
        x ^= (x << 37) & 0xFFF7EEE000000000
        return x ^ (x >> 43)


def uniform(word):
    """The center of one of 2^53 equal intervals of (-1, 1)."""
    return math.ldexp(2 * (word() >> 11) + 1 - 2**53, -53)


def decreasing_run_is_even(word, bound, keep=lambda: True):
    """Whether the run bound > u1 > u2 > ... of 32-bit fractions has even length; `keep` may end it as well."""
    length = 0
    while True:
        u = word() >> 32
        if not (u < bound and keep()):
            return length % 2 == 0
        bound, length = u, length + 1


def normal(word):
    """Karney's Algorithm N (ACM Trans. Math. Softw. 42, 2016)."""
    def half():  # exp(-1/2)
        return decreasing_run_is_even(word, 2**31)

    while True:
        k = 0
        while half():
            k += 1
        if not all(half() for _ in range(k * (k - 1))):
            continue
        last = word()
        fraction = last >> 12
        top = fraction >> 20  # the 32 bits that the tests see
        # exp(-x (2 k + x) / (2 k + 2)), k + 1 times
        keep = lambda: (word() >> 32) * (2 * k + 2) < 2 * k * 2**32 + top
        if all(decreasing_run_is_even(word, top, keep) for _ in range(k + 1)):
            magnitude = math.ldexp(k * 2**53 + 2 * fraction + 1, -53)
            return -magnitude if last & 1 else magnitude


INITIALIZERS = [  # draw, spread(inputs, nodes)
    (uniform, lambda i, n: 0.5),                       # uniform
    (uniform, lambda i, n: math.sqrt(1 / i)),          # uniform_fan_in
    (normal, lambda i, n: math.sqrt(1 / i)),           # normal_fan_in
    (normal, lambda i, n: math.sqrt(1 / n)),           # normal_fan_out
    (normal, lambda i, n: math.sqrt(2 / (i + n))),     # glorot
    (normal, lambda i, n: math.sqrt(2 / i)),           # he
]

for seed in 1, 2**64 - 1:
    rows = []
    for draw, spread in INITIALIZERS:
        word = MersenneTwister64(seed)
        rows.append([draw(word) * spread(i, n) for i, n in ((3, 4), (4, 2)) for _ in range(i * n)])
    with open(os.path.join(sys.argv[1], 'initial_weights_seed_%d.txt' % seed), 'w') as file:
        file.write('%d %d\n' % (len(rows), len(rows[0])))
        for row in rows:
            file.write(' '.join('%.17g' % value for value in row) + '\n')
