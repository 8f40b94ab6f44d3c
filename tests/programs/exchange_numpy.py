#!/usr/bin/python3
"""Matrices and networks of numpy and scikit-learn, read and written by the program EXCHANGE.

usage: exchange_numpy.py EXCHANGE FOLDER
"""
import pathlib
import subprocess
import sys

import numpy as np

TOLERANCE = 1e-12


def run(*arguments):
    subprocess.run([str(argument) for argument in arguments], check=True)


def copy_arrays(program, folder):
    """Every type, byte order, storage order and format version."""
    random = np.random.default_rng(1)
    count = 0
    for kind in 'f2', 'f4', 'f8', 'i1', 'i2', 'i4', 'i8', 'u1', 'u2', 'u4', 'u8', 'b1':
        for order, shape, version in ('<C', (5, 3), (1, 0)), ('>F', (70, 40), (2, 0)), ('>C', (9,), (3, 0)), ('<F', (), None):
            array = np.asarray((random.normal(size=shape) * 50).astype(order[0] + kind), order=order[1])
            with open(folder / 'in.npy', 'wb') as stream:
                np.lib.format.write_array(stream, array, version)
            run(program, 'copy', folder / 'in.npy', folder / 'out.npy')
            copied = np.load(folder / 'out.npy')
            expected = array.astype(float).reshape(array.shape if array.ndim == 2 else (-1, 1))
            if copied.dtype != float or copied.shape != expected.shape or not (copied == expected).all():
                sys.exit('%s %s %s: the copy differs' % (order, kind, shape))
            count += 1
    print('%d arrays are equal' % count)


def compare(program, folder, name, weights, biases, activations, x, y):
    """Compares the outputs with y. Layers, x and y have one column for each sample."""
    for path in folder.glob('*.npy'):
        path.unlink()
    for layer, matrix in enumerate(weights, 1):
        np.save(folder / ('w%d.npy' % layer), matrix)
    for layer, vector in enumerate(biases, 1):
        np.save(folder / ('b%d.npy' % layer), vector)
    np.save(folder / 'x.npy', x)
    run(program, 'query', folder, *activations)
    difference = np.abs(np.load(folder / 'y.npy') - y).max()
    print('%s: the largest difference is %.1e' % (name, difference))
    if not difference <= TOLERANCE:
        sys.exit('%s: expected at most %.1e' % (name, TOLERANCE))


def book_network(program, folder):
    random = np.random.default_rng(2)
    wih, who, x = random.normal(size=(200, 784)) / 28, random.normal(size=(10, 200)) / 14, random.random((784, 20))
    sigmoid = lambda z: 1 / (1 + np.exp(-z))
    compare(program, folder, 'book', [wih, who], [], ['sigmoid', 'sigmoid'], x, sigmoid(who @ sigmoid(wih @ x)))


def scikit_learn_networks(program, folder):
    import warnings
    from sklearn.datasets import load_digits
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    warnings.simplefilter('ignore')  # three iterations do not converge
    x, labels = load_digits(return_X_y=True)
    x = x / 16
    names = dict(logistic='sigmoid', relu='relu', tanh='tanh', identity='identity', softmax='softmax')
    for activation in 'relu', 'logistic', 'tanh', 'identity':
        for kind, hidden, targets in (MLPClassifier, (30, 20), labels), (MLPClassifier, (10,), labels > 4), \
                (MLPRegressor, (12,), labels), (MLPRegressor, (12, 8), x[:, :3]):
            mlp = kind(hidden, activation=activation, max_iter=3, random_state=1).fit(x, targets)
            y = mlp.predict_proba(x) if kind is MLPClassifier else mlp.predict(x).reshape(len(x), -1)
            if mlp.out_activation_ == 'logistic':
                y = y[:, 1:]  # one output: the probability of the second class
            activations = [names[activation]] * len(hidden) + [names[mlp.out_activation_]]
            compare(program, folder, '%s %s, %s' % (kind.__name__, hidden, activation),
                    [coefs.T for coefs in mlp.coefs_], mlp.intercepts_, activations, x.T, y.T)


def main(program, folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    copy_arrays(program, folder)
    book_network(program, folder)
    try:
        import sklearn
    except ImportError:
        print('skipped: scikit-learn is not installed (Debian: python3-sklearn)')
    else:
        scikit_learn_networks(program, folder)


if __name__ == '__main__':
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
