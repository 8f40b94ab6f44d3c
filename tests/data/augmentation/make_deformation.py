#!/usr/bin/python3
"""Golden vectors of deformation, from numpy and scipy (Debian: python3-numpy, python3-scipy).

usage: make_deformation.py OUT_DIR
Writes one matrix a file, "rows cols" first, then the rows, 17 significant digits:
gaussianN_sigma, gaussianN_field, gaussianN_smoothed;
affineN_draw (degrees, scale_x, scale_y, shear, shift_x, shift_y, flip_horizontal, flip_vertical) and affineN_map, where
a pixel comes from, measured from the center: two rows, row and column, of a 2 x 3 matrix times (row, col, 1);
warpN_map (as affineN_map), warpN_background, warpN_image, warpN_down, warpN_right, warpN_warped.
"""
import os
import sys

import numpy as np
from scipy import ndimage

out = sys.argv[1]
rng = np.random.default_rng(2003)


def save(name, matrix):
    matrix = np.atleast_2d(np.asarray(matrix, dtype=float))
    with open(os.path.join(out, name + '.txt'), 'w') as file:
        file.write('%d %d\n' % matrix.shape)
        for row in matrix:
            file.write(' '.join('%.17g' % value for value in row) + '\n')


# Radii below and above the size of the field; none at all for 0.1; sizes that fill no tile.
for case, (rows, cols, sigma) in enumerate([
        (28, 28, 5), (28, 28, 0.1), (7, 33, 2.2), (37, 5, 1), (1, 9, 4), (24, 40, 1.5), (6, 1, 30)]):
    field = rng.uniform(-1, 1, (rows, cols))
    save('gaussian%d_sigma' % case, sigma)
    save('gaussian%d_field' % case, field)
    save('gaussian%d_smoothed' % case,
         ndimage.gaussian_filter(field, sigma, mode='constant', cval=0, truncate=4.0))


def source_map(degrees, scale_x, scale_y, shear, shift_x, shift_y, flip_horizontal, flip_vertical):
    """What is done to an image, as matrices that take (row, col, 1) forward, multiplied and inverted."""
    angle = np.radians(degrees)
    flip = np.diag([-1.0 if flip_vertical else 1.0, -1.0 if flip_horizontal else 1.0, 1.0])
    scale = np.diag([scale_y, scale_x, 1.0])
    sheared = np.array([[1, 0, 0], [shear, 1, 0], [0, 0, 1]])
    # rows go down: anticlockwise as displayed, what lies on the right goes up
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    shift = np.array([[1, 0, shift_y], [0, 1, shift_x], [0, 0, 1]])
    return np.linalg.inv(shift @ turn @ sheared @ scale @ flip)[:2]


draws = [(0, 1, 1, 0, 0, 0, 0, 0), (12.5, 1, 1, 0, 0, 0, 0, 0), (0, 1.1, 0.87, 0, 0, 0, 0, 0),
         (0, 1, 1, 0.3, 0, 0, 0, 0), (0, 1, 1, 0, 1.25, -0.5, 0, 0), (0, 1, 1, 0, 0, 0, 1, 0),
         (0, 1, 1, 0, 0, 0, 0, 1), (-14.0, 0.9, 1.13, -0.2, -0.7, 1.6, 1, 0), (75.0, 1.2, 0.8, 0.4, 2.5, 3.5, 1, 1)]
for case, draw in enumerate(draws):
    save('affine%d_draw' % case, draw)
    save('affine%d_map' % case, source_map(*draw))

# (rows, cols, draw, largest displacement, background)
for case, (rows, cols, draw, alpha, background) in enumerate([
        (28, 28, draws[7], 2.0, 0.01), (19, 12, draws[0], 3.0, 0.0), (13, 15, draws[8], 0.0, 0.3),
        (5, 35, draws[1], 1.0, -1.0), (17, 1, draws[0], 0.5, 0.5), (1, 6, draws[4], 0.4, 0.5),
        (20, 16, draws[7], 30.0, 0.01), (9, 9, draws[5], 0.0, 0.01)]):
    image = rng.uniform(0.01, 1.0, (rows, cols))
    down, right = (rng.uniform(-alpha, alpha, (rows, cols)) for _ in range(2))
    if rows == 1:
        down[0, ::2] = 0  # else nothing but background
    if cols == 1:
        right[::2] = 0
    matrix = source_map(*draw)
    center = (np.array([rows, cols]) - 1) / 2
    grid = np.stack(np.meshgrid(np.arange(rows), np.arange(cols), indexing='ij')).reshape(2, -1)
    if rows == 1:
        matrix[0, 2] = 0
    source = center[:, None] + (matrix[:, :2] @ (grid - center[:, None]) + matrix[:, 2:])
    source += np.stack([down.ravel(), right.ravel()])
    save('warp%d_map' % case, matrix)
    save('warp%d_background' % case, background)
    save('warp%d_image' % case, image)
    save('warp%d_down' % case, down)
    save('warp%d_right' % case, right)
    save('warp%d_warped' % case, ndimage.map_coordinates(
        image, source, order=1, mode='constant', cval=background).reshape(rows, cols))
