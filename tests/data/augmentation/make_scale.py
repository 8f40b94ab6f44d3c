#!/usr/bin/python3
"""Golden vectors of bilinear scaling about the center, from numpy and scipy (Debian: python3-numpy, python3-scipy).

usage: make_scale.py OUT_DIR
Writes one matrix a file, "rows cols" first, then the rows, 17 significant digits:
scaleN_args (factor, background), scaleN_image, scaleN_scaled.
"""
import os
import sys

import numpy as np
from scipy import ndimage

out = sys.argv[1]
rng = np.random.default_rng(2016)


def save(name, matrix):
    with open(os.path.join(out, name + '.txt'), 'w') as file:
        file.write('%d %d\n' % matrix.shape)
        for row in matrix:
            file.write(' '.join('%.17g' % value for value in row) + '\n')


# 9x5 at 1/2 and 7x7 at 1/3 put source points on the edge itself.
for case, (rows, cols, factor, background) in enumerate([
        (28, 28, 1.1, 0.01), (28, 28, 0.9, 0.01), (28, 28, 1.0, 0.01), (5, 9, 2.0, 0.01), (9, 5, 0.5, 0.3),
        (9, 5, 0.73, 1.0), (4, 7, 3.7, 0.0), (1, 7, 0.8, 0.5), (6, 1, 1.3, 0.5), (11, 5, 0.3, -1.0),
        (7, 7, 1 / 3, 0.01), (8, 8, 0.01, 0.01)]):
    image = rng.uniform(0.01, 1.0, (rows, cols))
    center = (np.array(image.shape) - 1) / 2
    save('scale%d_args' % case, np.array([[factor, background]]))
    save('scale%d_image' % case, image)
    save('scale%d_scaled' % case, ndimage.affine_transform(
        image, np.eye(2) / factor, center - center / factor, order=1, mode='constant', cval=background))
