#!/usr/bin/python3
"""The golden data of the tests, computed by numpy, scipy, PyTorch and scikit-learn and not by the library.

usage: golden.py FOLDER          write all files below FOLDER
       golden.py --check FOLDER  compute all files again and compare them with the files below FOLDER

A text file contains matrices: a line "name rows cols", then the rows, in the shortest digits that are read back as the
same double. If a file has several cases, the name of a matrix begins with its case: "by_10/image". A line that begins
with # is a comment. Matrices must agree to 1e-12 (relative above 1, absolute below), all other files byte by byte. The
first difference ends the check with exit code 1. Without PyTorch (Debian: python3-torch) the files in training/ are
left out, without scikit-learn (python3-sklearn) the files in metrics/.

To add a case, add a row to a table and write. Matrices that agree keep their digits, so that only the new case is
added. A case that takes random numbers belongs at the end of its generator, so that the other cases do not change.
"""
import inspect
import io
import math
import pathlib
import struct
import sys
import zlib

import numpy as np
from scipy import ndimage
from scipy.special import expit, logit

TOLERANCE = 1e-12
FOLDERS = 'network', 'augmentation', 'images', 'model', 'npy', 'training', 'metrics'


# network/book_*: the network of the book, three layers of sigmoids without biases

def train(wih, who, rate, x, t):
    """One step per column, in place: the errors of the hidden layer are split by the weights."""
    for k in range(x.shape[1]):
        h = expit(wih @ x[:, [k]])
        o = expit(who @ h)
        e = t[:, [k]] - o
        eh = who.T @ e
        who += rate * (e * o * (1 - o)) @ h.T
        wih += rate * (eh * h * (1 - h)) @ x[:, [k]].T


def rescale(v):
    """Each column of `v`, linearly to 0.01 .. 0.99."""
    v = v - v.min(axis=0)
    return v / v.max(axis=0) * 0.98 + 0.01


def book_networks(random):
    for inputs, hidden, outputs, samples, rate in [
            (3, 3, 3, 4, 0.3), (7, 5, 2, 9, 0.1), (1, 4, 1, 6, 0.5), (784, 30, 10, 12, 0.1)]:
        wih = random.normal(0, hidden**-0.5, (hidden, inputs))
        who = random.normal(0, outputs**-0.5, (outputs, hidden))
        x = random.uniform(0.01, 1.0, (inputs, samples))
        t = np.full((outputs, samples), 0.01)
        t[random.integers(0, outputs, samples), np.arange(samples)] = 0.99
        case = dict(learning_rate=rate, wih=wih.copy(), who=who.copy(), inputs=x, targets=t,
                    query=expit(who @ expit(wih @ x)))
        if inputs > 1:  # one input has no range to rescale
            case['backquery'] = rescale(wih.T @ logit(rescale(who.T @ logit(t))))
        train(wih, who, rate, x, t)
        case.update(wih_trained=wih, who_trained=who)
        yield 'network/book_%d-%d-%d' % (inputs, hidden, outputs), 'the network of the book in numpy', case


# network/initial_weights: the documented random weights, on the unbounded integers of Python

class MersenneTwister64:
    """MT19937-64 by Matsumoto and Nishimura, as std::mt19937_64 specifies it."""

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


def uniform(bits):
    """The center of one of 2^53 equal intervals of (-1, 1)."""
    return math.ldexp(2 * (bits() >> 11) + 1 - 2**53, -53)


def decreasing_run_is_even(bits, bound, keep=lambda: True):
    """Whether the run bound > u1 > u2 > ... of 32-bit fractions has even length; `keep` may end the run too."""
    length = 0
    while True:
        u = bits() >> 32
        if not (u < bound and keep()):
            return length % 2 == 0
        bound, length = u, length + 1


def normal(bits):
    """Algorithm N of Karney (ACM Trans. Math. Softw. 42, 2016)."""
    def half():  # true with probability exp(-1/2)
        return decreasing_run_is_even(bits, 2**31)

    while True:
        k = 0
        while half():
            k += 1
        if not all(half() for _ in range(k * (k - 1))):
            continue
        last = bits()
        fraction = last >> 12
        top = fraction >> 20  # the 32 bits that are compared
        # true with probability exp(-x (2 k + x) / (2 k + 2)), k + 1 times
        keep = lambda: (bits() >> 32) * (2 * k + 2) < 2 * k * 2**32 + top
        if all(decreasing_run_is_even(bits, top, keep) for _ in range(k + 1)):
            magnitude = math.ldexp(k * 2**53 + 2 * fraction + 1, -53)
            return -magnitude if last & 1 else magnitude


INITIALIZERS = dict(  # distribution, scale(inputs, nodes)
    uniform=(uniform, lambda i, n: 0.5),
    uniform_fan_in=(uniform, lambda i, n: math.sqrt(1 / i)),
    normal_fan_in=(normal, lambda i, n: math.sqrt(1 / i)),
    normal_fan_out=(normal, lambda i, n: math.sqrt(1 / n)),
    glorot=(normal, lambda i, n: math.sqrt(2 / (i + n))),
    he=(normal, lambda i, n: math.sqrt(2 / i)),
)


def initial_weights():
    for seed in 1, 2**64 - 1:
        case = {}
        for name, (draw, scale) in INITIALIZERS.items():
            bits = MersenneTwister64(seed)
            case[name] = [draw(bits) * scale(i, n) for i, n in ((3, 4), (4, 2)) for _ in range(i * n)]
        yield ('network/initial_weights/seed_%d' % seed,
               'the weights of a 3-4-2 network in the order of sampling: layer by layer, column by column', case)


# augmentation/rotate_*, scale_*

def rotations(random):
    for rows, cols, degrees, background in [
            (28, 28, 10, 0.01), (28, 28, -10, 0.01), (28, 28, 37.5, 0.01), (28, 28, 90, 0.01), (28, 28, 180, 0.0),
            (5, 9, 10, 0.01), (9, 5, -63.2, 1.0), (1, 7, 20, 0.5), (28, 28, 0, 0.01), (28, 28, 725, 0.01),
            (5, 9, 30, 0.01), (5, 9, 210, 0.01), (5, 9, 330, 0.2), (28, 28, -45, 0.01), (7, 4, 270, 0.01)]:
        image = random.uniform(0.01, 1.0, (rows, cols))
        yield ('augmentation/rotate_%dx%d/by_%g' % (rows, cols, degrees), 'scipy.ndimage.rotate with order 1',
               dict(amount=degrees, background=background, image=image,
                    result=ndimage.rotate(image, degrees, cval=background, order=1, reshape=False)))


def scalings(random):
    # 9x5 by 1/2 and 7x7 by 1/3 put source points on the edge itself.
    for rows, cols, factor, background in [
            (28, 28, 1.1, 0.01), (28, 28, 0.9, 0.01), (28, 28, 1.0, 0.01), (5, 9, 2.0, 0.01), (9, 5, 0.5, 0.3),
            (9, 5, 0.73, 1.0), (4, 7, 3.7, 0.0), (1, 7, 0.8, 0.5), (6, 1, 1.3, 0.5), (11, 5, 0.3, -1.0),
            (7, 7, 1 / 3, 0.01), (8, 8, 0.01, 0.01)]:
        image = random.uniform(0.01, 1.0, (rows, cols))
        center = (np.array(image.shape) - 1) / 2
        yield ('augmentation/scale_%dx%d/by_%g' % (rows, cols, factor),
               'scipy.ndimage.affine_transform about the center with order 1',
               dict(amount=factor, background=background, image=image,
                    result=ndimage.affine_transform(image, np.eye(2) / factor, center - center / factor, order=1,
                                                    mode='constant', cval=background)))


# augmentation/gaussian_*, affine, warp_*: the parts of a deformation

def gaussians(random):
    # Radii below and above the size of the field, a radius of 0 (sigma 0.1), and sizes that fill no tile.
    for rows, cols, sigma in [
            (28, 28, 5), (28, 28, 0.1), (7, 33, 2.2), (37, 5, 1), (1, 9, 4), (24, 40, 1.5), (6, 1, 30)]:
        field = random.uniform(-1, 1, (rows, cols))
        yield ('augmentation/gaussian_%dx%d/sigma_%g' % (rows, cols, sigma),
               'scipy.ndimage.gaussian_filter with zeros outside the field',
               dict(sigma=sigma, field=field,
                    smoothed=ndimage.gaussian_filter(field, sigma, mode='constant', cval=0, truncate=4.0)))


# degrees, scale_x, scale_y, shear, shift_x, shift_y, flip_horizontal, flip_vertical
DRAWS = [(0, 1, 1, 0, 0, 0, 0, 0), (12.5, 1, 1, 0, 0, 0, 0, 0), (0, 1.1, 0.87, 0, 0, 0, 0, 0),
         (0, 1, 1, 0.3, 0, 0, 0, 0), (0, 1, 1, 0, 1.25, -0.5, 0, 0), (0, 1, 1, 0, 0, 0, 1, 0),
         (0, 1, 1, 0, 0, 0, 0, 1), (-14.0, 0.9, 1.13, -0.2, -0.7, 1.6, 1, 0), (75.0, 1.2, 0.8, 0.4, 2.5, 3.5, 1, 1)]


def source_map(degrees, scale_x, scale_y, shear, shift_x, shift_y, flip_horizontal, flip_vertical):
    """The source (row, col) of a pixel, from the center: the inverse of matrices that map (row, col, 1) forward."""
    angle = np.radians(degrees)
    flip = np.diag([-1.0 if flip_vertical else 1.0, -1.0 if flip_horizontal else 1.0, 1.0])
    scale = np.diag([scale_y, scale_x, 1.0])
    sheared = np.array([[1, 0, 0], [shear, 1, 0], [0, 0, 1]])
    # Rows point down: a counterclockwise rotation, as displayed, moves pixels on the right up.
    rotation = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    shift = np.array([[1, 0, shift_y], [0, 1, shift_x], [0, 0, 1]])
    return np.linalg.inv(shift @ rotation @ sheared @ scale @ flip)[:2]


def affine_maps():
    yield ('augmentation/affine', 'a row of draws: degrees, scale_x, scale_y, shear, shift_x, shift_y, flips; '
           'the same row of maps: a 2 x 3 matrix by rows, from (row, col, 1) to the source',
           dict(draws=DRAWS, maps=[source_map(*draw).ravel() for draw in DRAWS]))


def warps(random):
    for rows, cols, draw, largest, background in [
            (28, 28, 7, 2.0, 0.01), (19, 12, 0, 3.0, 0.0), (13, 15, 8, 0.0, 0.3), (5, 35, 1, 1.0, -1.0),
            (17, 1, 0, 0.5, 0.5), (1, 6, 4, 0.4, 0.5), (20, 16, 7, 30.0, 0.01), (9, 9, 5, 0.0, 0.01)]:
        image = random.uniform(0.01, 1.0, (rows, cols))
        down, right = (random.uniform(-largest, largest, (rows, cols)) for _ in range(2))
        matrix = source_map(*DRAWS[draw])
        if rows == 1:  # otherwise every source lies outside
            down[0, ::2] = matrix[0, 2] = 0
        if cols == 1:
            right[::2] = 0
        center = (np.array([[rows], [cols]]) - 1) / 2
        grid = np.stack(np.meshgrid(np.arange(rows), np.arange(cols), indexing='ij')).reshape(2, -1)
        source = center + (matrix[:, :2] @ (grid - center) + matrix[:, 2:])
        source += np.stack([down.ravel(), right.ravel()])
        yield ('augmentation/warp_%dx%d' % (rows, cols), 'scipy.ndimage.map_coordinates with order 1',
               dict(map=matrix, background=background, image=image, down=down, right=right,
                    warped=ndimage.map_coordinates(image, source, order=1, mode='constant',
                                                   cval=background).reshape(rows, cols)))


# training/optimizers, training/schedules

STEPS = 20


def correct_nadam(torch):
    """PyTorch below 2.0 multiplies by mu twice in NAdam (pytorch pull request 92699), and its product has float32."""
    module = sys.modules['torch.optim.nadam']
    source = inspect.getsource(module._single_tensor_nadam)
    exec(source.replace('mu_product * mu * mu_next', 'mu_product * mu_next'), vars(module))
    torch.set_default_dtype(torch.double)


def optimizers(torch):
    """Trajectories down a quadratic bowl with the gradients curvature (w - bottom)."""
    correct_nadam(torch)
    optim = torch.optim
    methods = dict(  # optimizer, highest rate, options, norm that gradients are clipped to
        sgd=(optim.SGD, 0.1, {}, None),
        sgd_momentum=(optim.SGD, 0.1, dict(momentum=0.9), None),
        sgd_nesterov=(optim.SGD, 0.1, dict(momentum=0.8, nesterov=True, weight_decay=0.1), None),
        sgd_clipped=(optim.SGD, 0.1, dict(momentum=0.9, weight_decay=0.1), 1.0),
        rmsprop=(optim.RMSprop, 0.05, {}, None),
        rmsprop_clipped=(optim.RMSprop, 0.02, dict(alpha=0.9, eps=1e-3, momentum=0.7, weight_decay=0.1), 1.5),
        adam=(optim.Adam, 0.2, {}, None),
        adam_decayed=(optim.Adam, 0.2, dict(betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1), None),
        adamw=(optim.AdamW, 0.2, dict(weight_decay=0.1), None),
        adamw_clipped=(optim.AdamW, 0.2, dict(betas=(0.95, 0.9), eps=1e-2, weight_decay=0.3), 0.5),
        nadam=(optim.NAdam, 0.2, {}, None),
        nadam_clipped=(optim.NAdam, 0.1, dict(betas=(0.8, 0.95), eps=1e-2, weight_decay=0.1), 1.0),
    )
    is_weight = [True] * 4 + [False] * 2 + [True] * 2 + [False]
    torch.manual_seed(2016)
    start, bottom = torch.randn(2, len(is_weight), dtype=torch.double)
    curvature = torch.rand(len(is_weight), dtype=torch.double) + 0.5
    case = dict(start=start, bottom=bottom, curvature=curvature)
    for name, (method, rate, options, clip_norm) in methods.items():
        w = [torch.nn.Parameter(value.clone()) for value in start]
        biases = dict(params=[p for p, weight in zip(w, is_weight) if not weight], weight_decay=0)
        weights = dict(params=[p for p, weight in zip(w, is_weight) if weight])
        optimizer = method([weights, biases], lr=rate, **options)
        rows = []
        for step in range(STEPS):
            gradients = curvature * (torch.stack([p.detach() for p in w]) - bottom)
            if clip_norm is not None and gradients.norm() > clip_norm:
                gradients *= clip_norm / gradients.norm()  # torch.nn.utils.clip_grad_norm_ adds 1e-6 to the norm
            for p, g in zip(w, gradients):
                p.grad = g.clone()
            for group in optimizer.param_groups:
                group['lr'] = rate * (1 - step / 40)
            optimizer.step()
            rows.append([p.item() for p in w])
        case[name] = rows
    yield ('training/optimizers', 'PyTorch; a column is a parameter of a 2-2-1 network in the order W0 (by columns), '
           'b0, W1, b1; a row of a method is a step', case)


def schedules(torch):
    scheduler, rate = torch.optim.lr_scheduler, 0.3

    def rates(schedule_type, steps, **options):
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=rate, momentum=0.9)
        schedule = schedule_type(optimizer, **options)
        values = []
        for _ in range(steps):
            values.append(optimizer.param_groups[0]['lr'])
            optimizer.step()
            schedule.step()
        return values

    case = {}
    for suffix, warm in ('', 0), ('_warm_up', 5):  # warm_up 0 and 0.25
        left = STEPS - warm
        rise = rates(scheduler.LinearLR, warm, start_factor=0.2, total_iters=warm) if warm else []
        case['constant' + suffix] = rise + [rate] * left
        case['step' + suffix] = rise + rates(scheduler.StepLR, left, step_size=left // 5, gamma=0.5)
        case['exponential' + suffix] = rise + rates(scheduler.ExponentialLR, left, gamma=0.05 ** (1 / left))
        case['cosine' + suffix] = rise + rates(scheduler.CosineAnnealingLR, left, T_max=left, eta_min=0.05 * rate)
    for share in 0.1, 0.3, 0.33:  # the highest rate at steps 1, 5 and 5.6
        case['one_cycle_%g' % share] = rates(scheduler.OneCycleLR, STEPS, max_lr=rate, total_steps=STEPS,
                                             pct_start=share)
    case['one_cycle_flat'] = rates(scheduler.OneCycleLR, STEPS, max_lr=rate, total_steps=STEPS, pct_start=0.4,
                                   div_factor=5, final_div_factor=4)
    yield 'training/schedules', 'the learning rates of PyTorch over 20 steps', case


# images/*: the same seven random images of 3 x 4 pixels as CSV and as IDX

def images():
    random = np.random.default_rng(1)
    pixels = random.integers(0, 256, (7, 12), dtype=np.uint8)
    pixels[:, ::3] = 0  # background, and numbers of one, two and three digits elsewhere
    labels = random.permutation(7).astype(np.uint8)
    lines = [','.join(str(value) for value in (label, *row)) for label, row in zip(labels, pixels)]
    yield 'images/images.csv', ('\n'.join(lines) + '\n').encode()
    yield 'images/images-idx3-ubyte', struct.pack('>4I', 2051, 7, 3, 4) + pixels.tobytes()
    yield 'images/labels-idx1-ubyte', struct.pack('>2I', 2049, 7) + labels.tobytes()


# model/*: model files of version 1, and of version 2 with "_2" in their names, from the description in
# include/backquery/model/detail/format.hpp. They pin the format: a valid file must stay readable, so never write them
# again from changed code. float_not_finite.bqm has weights that are NaN or infinite, and must be rejected.

def model(value, seed, loss, initializer, error_propagation, biases, hidden, activations, sizes, rate, layers,
          by_layer=None, sections={}):
    """`value` is the struct code of a value; `layers` are lists of values: weights by columns, then biases. A file of
    version 2 has by_layer 0 or 1, and sections."""
    body = struct.pack('<Q5I', seed, loss, initializer, error_propagation, biases, hidden)
    if by_layer is not None:
        body += struct.pack('<I', by_layer)
    body += struct.pack('<I', len(activations))
    body += struct.pack('<%dI' % len(activations), *activations)
    body += struct.pack('<%dQ' % len(sizes), *sizes)
    body += struct.pack('<' + value, rate)
    for values in layers:
        body += b''.join(v if isinstance(v, bytes) else struct.pack('<' + value, v) for v in values)
    for name, content in sorted(sections.items()):
        body += struct.pack('<Q', len(name)) + name + struct.pack('<Q', len(content)) + content
    magic = b'\x89BQM\r\n\x1a\n'
    length = len(magic) + 4 + 4 + 8 + len(body) + 4
    whole = magic + struct.pack('<IIQ', 1 if by_layer is None else 2, struct.calcsize(value), length) + body
    return whole + struct.pack('<I', zlib.crc32(whole))


def models():
    inf = float('inf')
    nan_with_payload = struct.pack('<I', 0xffc01234)
    for name, last_inputs, infinities in (('classifier', [2.5, -0.0], [-6, 7]),
                                          ('not_finite', [nan_with_payload, -0.0], [inf, -inf])):
        # tanh (2), softmax (6), cross_entropy (2), glorot (4), gradient (1), biases
        yield f'model/float_{name}.bqm', model('f', 0x0123456789abcdef, 2, 4, 1, 1, 2, [2, 6], [3, 2, 4], 0.125, [
            [0.5, -0.25, 1, 2] + last_inputs + [0.75, -1.5],
            [1, 2, 3, 4] + infinities + [1e-45, 3.4028234663852886e38] + [-1, -2, -3, -4]])
    # no hidden layer, though the option is leaky_relu (5); output identity (0), squared_error (0), uniform (0),
    # split_by_weights (0), no biases
    perceptron = 'd', 2**64 - 1, 0, 0, 0, 0, 5, [0], [2, 3], 0.1, [[0.1, 0.2, 0.3, 1e-320, 1e300, -7]]
    yield 'model/double_perceptron.bqm', model(*perceptron)
    yield 'model/double_perceptron_2.bqm', model(*perceptron, by_layer=0)
    # a hidden layer of relu (4) and one of tanh (2), output sigmoid (1), binary_cross_entropy (1), he (5), gradient,
    # biases; the option for all hidden layers is identity (0), which does not count
    yield 'model/float_layers_2.bqm', model('f', 3, 1, 5, 1, 1, 0, [4, 2, 1], [2, 1, 2, 1], 0.5, [
        [1, -2, 0.25], [3, 4, -0.5, 0.75], [-1, 2, 0.125]], by_layer=1, sections={b'b': b'', b'classes': b'cat\0dog'})
    # identity outputs for the images of tiny.csv: at a learning rate of 1e38, the second step overflows on every
    # machine; sigmoids would saturate instead
    yield 'model/float_linear.bqm', model('f', 1, 0, 0, 0, 0, 1, [0], [16, 10], 0.1, [[0] * 160])


# npy/*: arrays as numpy writes them. The values of a type are 2 x 3. big_*.npy have the other byte order and Fortran
# order. The arrays from vector.npy on have other shapes, or are rejected.

def numpy_arrays():
    reals = [[1.5, -0.0, 65504], [2**-14, 2**-24, -math.inf]]
    for size in 2, 4, 8:
        yield 'f%d' % size, np.array(reals, 'f%d' % size)
    for kind in 'iu':
        for size in 1, 2, 4, 8:
            limits = np.iinfo('%s%d' % (kind, size))
            yield '%s%d' % (kind, size), np.array([[limits.min, limits.max, 1], [2, 3, 100]], '%s%d' % (kind, size))
    yield 'b1', np.array([[True, False, False], [False, True, True]])


def numpy_others():
    yield 'vector', np.array([0.5, -0.25, 3], 'f4')
    yield 'row', np.array([[0.5, -0.25, 3]], 'f4')
    yield 'value', np.array(0.5, 'f4')
    yield 'empty', np.zeros((0, 3), 'f4')
    yield 'not_a_number', np.array([math.nan, 1], 'f2')
    yield 'large', np.array([1e300])
    yield 'cube', np.zeros((2, 2, 2), 'f4')
    yield 'complex', np.array([1j])
    yield 'text', np.array(['a'])
    yield 'bytes', np.array([b'a'])
    yield 'date', np.array([1], 'M8[s]')
    yield 'duration', np.array([1], 'm8[s]')
    yield 'raw', np.zeros(1, 'V2')
    yield 'object', np.array([None])
    yield 'structured', np.array([(1, 2.5)], [('a', 'i4'), ('b', 'f8')])


def numpy_files():
    def written(array, version=None):
        stream = io.BytesIO()
        np.lib.format.write_array(stream, array, version)
        return stream.getvalue()
    for name, array in numpy_arrays():
        yield 'npy/%s.npy' % name, written(array)
        if array.itemsize > 1:
            big = np.asfortranarray(array.astype(array.dtype.newbyteorder('>')))
            yield 'npy/big_%s.npy' % name, written(big, (2 if array.itemsize > 4 else 3, 0))
    for name, array in numpy_others():
        yield 'npy/%s.npy' % name, written(array)
    stream = io.BytesIO()
    np.savez(stream, np.ones(1))
    yield 'npy/archive.npz', stream.getvalue()


# metrics/*: outputs, targets or labels, and scores of scikit-learn

def scores(metrics):
    random = np.random.default_rng(17)
    for rows in 1, 3:
        outputs, targets = random.normal(0, 2, (2, rows, 40))
        targets[:, :30] += outputs[:, :30]
        arguments = targets.T, outputs.T
        yield 'metrics/regression/of_%d' % rows, 'scores of scikit-learn', dict(
            outputs=outputs, targets=targets,
            mean_squared_error=metrics.mean_squared_error(*arguments),
            root_mean_squared_error=metrics.mean_squared_error(*arguments, squared=False),
            mean_absolute_error=metrics.mean_absolute_error(*arguments),
            r2=metrics.r2_score(*arguments))
    for rows in 1, 2, 5:
        classes = max(rows, 2)
        z = random.normal(0, 1.5, (classes, 60))
        p = np.exp(z) / np.exp(z).sum(axis=0)
        labels = random.integers(0, 4 if rows == 5 else classes, 60)  # class 4 is no label
        predicted = p.argmax(axis=0)
        parts = metrics.precision_recall_fscore_support(labels, predicted, labels=range(classes), zero_division=0)
        case = dict(outputs=p if rows > 1 else p[1:], labels=labels, precision=parts[0], recall=parts[1],
                    f1_score=parts[2], log_loss=metrics.log_loss(labels, p.T, labels=range(classes)))
        for k in range(1, classes):
            score = p[1] if classes == 2 else p.T
            case['top_%d' % k] = metrics.top_k_accuracy_score(labels, score, k=k, labels=range(classes))
        yield 'metrics/classification/of_%d' % rows, 'scores of scikit-learn', case


def text_cases(torch, metrics):
    """Folder/file, or folder/file/case for a file of several cases; comment; and matrices by name."""
    random = np.random.default_rng(7)
    yield from book_networks(random)
    yield from rotations(random)
    yield from scalings(np.random.default_rng(2016))
    random = np.random.default_rng(2003)
    yield from gaussians(random)
    yield from affine_maps()
    yield from warps(random)
    yield from initial_weights()
    if torch is not None:
        yield from optimizers(torch)
        yield from schedules(torch)
    if metrics is not None:
        yield from scores(metrics)


def digits(value):
    text = repr(float(value))
    return text[:-2] if text.endswith('.0') else text


def to_text(comment, case):
    lines = ['# ' + comment]
    for name, matrix in case.items():
        lines.append('%s %d %d' % (name, *matrix.shape))
        lines += [' '.join(digits(value) for value in row) for row in matrix]
    return '\n'.join(lines) + '\n'


def from_text(text):
    lines = [line.split() for line in text.splitlines() if not line.startswith('#')]
    case = {}
    while lines:
        (name, rows, cols), lines = lines[0], lines[1:]
        rows, cols = int(rows), int(cols)
        case[name] = np.array(lines[:rows], dtype=float).reshape(rows, cols)
        lines = lines[rows:]
    return case


def distance(stored, computed):
    """The largest difference of two matrices: relative above 1, absolute below, infinite for different shapes."""
    if stored is None or stored.shape != computed.shape:
        return math.inf
    return (np.abs(stored - computed) / np.maximum(np.abs(computed), 1)).max()


def check_text(path, case, stored):
    if list(case) != list(stored):
        sys.exit('golden.py: %s: the matrices are %s, expected %s' % (path, ', '.join(stored), ', '.join(case)))
    for name, matrix in case.items():
        if not distance(stored[name], matrix) <= TOLERANCE:
            sys.exit('golden.py: %s: %s differs by %g' % (path, name, distance(stored[name], matrix)))
    return max(distance(stored[name], matrix) for name, matrix in case.items())


def check(folder, texts, others, skipped):
    largest = max(check_text(path, case, stored) for path, (_, case, stored) in texts.items())
    for path, content in others.items():
        if not (folder / path).is_file() or (folder / path).read_bytes() != content:
            sys.exit('golden.py: %s: the bytes differ' % path)
    for path in (p.relative_to(folder).as_posix() for name in FOLDERS for p in (folder / name).iterdir()):
        if path not in texts and path not in others and not path.startswith(skipped):
            sys.exit('golden.py: %s: not computed' % path)
    print('golden.py: %d files agree, the largest difference is %.1e' % (len(texts) + len(others), largest))


def write(folder, texts, others):
    for name in FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)
    for path, (comment, case, stored) in texts.items():
        for name in case:
            if distance(stored.get(name), case[name]) <= TOLERANCE:
                case[name] = stored[name]
        (folder / path).write_text(to_text(comment, case))
    for path, content in others.items():
        (folder / path).write_bytes(content)


def main(arguments):
    if len(arguments) not in (1, 2) or arguments[:-1] not in ([], ['--check']):
        sys.exit(__doc__)
    try:
        import torch
    except ImportError:
        torch = None
        print('golden.py: training/ is left out, because PyTorch is not installed')
    try:
        from sklearn import metrics
    except ImportError:
        metrics = None
        print('golden.py: metrics/ is left out, because scikit-learn is not installed')
    folder = pathlib.Path(arguments[-1])
    texts = {}
    for path, comment, case in text_cases(torch, metrics):
        directory, file, *prefix = path.split('/')
        path = '%s/%s.txt' % (directory, file)
        if path not in texts:
            texts[path] = comment, {}, from_text((folder / path).read_text()) if (folder / path).is_file() else {}
        for name, matrix in case.items():
            texts[path][1]['/'.join([*prefix, name])] = np.atleast_2d(np.asarray(matrix, dtype=float))
    others = dict([*images(), *models(), *numpy_files()])
    if len(arguments) == 2:
        check(folder, texts, others, skipped=tuple(
            name for name, module in (('training/', torch), ('metrics/', metrics)) if module is None))
    else:
        write(folder, texts, others)


if __name__ == '__main__':
    main(sys.argv[1:])
