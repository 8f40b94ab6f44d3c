#!/usr/bin/python3
"""Root mean squared errors of scikit-learn's MLPRegressor on the two regressions of tests/training/regression_test.cpp:
the mean of 5 seeds for each. usage: regression.py (needs Debian's python3-sklearn; takes 20 s)
"""
import math
import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor

TRAINING, TEST = 800, 400
MASK = 2**64 - 1


class SplitMix:
    """S. Vigna, splitmix64: the same numbers as in the test."""

    def __init__(self):
        self.state = 0

    def uniform(self):
        self.state = (self.state + 0x9e3779b97f4a7c15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xbf58476d1ce4e5b9) & MASK
        z = ((z ^ (z >> 27)) * 0x94d049bb133111eb) & MASK
        return ((z ^ (z >> 31)) >> 11) * 2.0**-53

    def noise(self):
        return sum(self.uniform() for _ in range(12)) - 6


def friedman(random):
    """J. Friedman, "Multivariate adaptive regression splines" (1991), scaled to a deviation of about 1."""
    x = [random.uniform() for _ in range(10)]
    y = 10 * math.sin(math.pi * x[0] * x[1]) + 20 * (x[2] - 0.5)**2 + 10 * x[3] + 5 * x[4] + random.noise()
    return x, [(y - 14.4) / 5]


def arm(random):
    """The hand of an arm of two joints, for angles from -pi / 2 to pi / 2."""
    x = [2 * random.uniform() - 1 for _ in range(2)]
    first = math.pi / 2 * x[0]
    second = first + math.pi / 2 * x[1]
    return x, [math.cos(first) + 0.7 * math.cos(second) + 0.05 * random.noise(),
               math.sin(first) + 0.7 * math.sin(second) + 0.05 * random.noise()]


def error(sample, activation, seed):
    random = SplitMix()
    samples = [sample(random) for _ in range(TRAINING + TEST)]
    x, t = np.array([s[0] for s in samples]), np.array([s[1] for s in samples])
    network = MLPRegressor((50,), activation=activation, solver='adam', alpha=0, batch_size=32,
                           learning_rate_init=0.001, max_iter=200, random_state=seed, tol=0, n_iter_no_change=1000)
    network.fit(x[:TRAINING], t[:TRAINING].squeeze())
    outputs = network.predict(x[TRAINING:]).reshape(TEST, -1)
    return np.sqrt(((outputs - t[TRAINING:])**2).mean(axis=0)).mean()


def main():
    warnings.simplefilter('ignore', ConvergenceWarning)
    for sample, activation in (friedman, 'relu'), (arm, 'tanh'):
        errors = [error(sample, activation, seed) for seed in range(1, 6)]
        print('%s %.4f (%s)' % (sample.__name__, np.mean(errors), ', '.join('%.4f' % e for e in errors)))


if __name__ == '__main__':
    main()
