#!/usr/bin/python3
"""Trajectories of PyTorch's optimizers (Debian: python3-torch) down a quadratic bowl.

usage: make_optimizer_trajectories.py OUT_DIR
Writes optimizer_trajectories.txt, one matrix: "rows cols" first, then the rows, 17 significant digits. A column is a
parameter of a 2-2-1 network in the order W_1 (column by column), b_1, W_2, b_2. Rows: where w starts, the bottom c and
the curvature k of the bowl, whose gradients are k (w - c); then, for each case below, w after each of 20 steps.
"""
import os
import sys

import torch

STEPS = 20
IS_WEIGHT = [True] * 4 + [False] * 2 + [True] * 2 + [False]

CASES = [  # optimizer, highest rate, options, norm that gradients are clipped to
    (torch.optim.SGD, 0.1, {}, None),
    (torch.optim.SGD, 0.1, dict(momentum=0.9), None),
    (torch.optim.SGD, 0.1, dict(momentum=0.8, nesterov=True, weight_decay=0.1), None),
    (torch.optim.SGD, 0.1, dict(momentum=0.9, weight_decay=0.1), 1.0),
    (torch.optim.RMSprop, 0.05, {}, None),
    (torch.optim.RMSprop, 0.02, dict(alpha=0.9, eps=1e-3, momentum=0.7, weight_decay=0.1), 1.5),
    (torch.optim.Adam, 0.2, {}, None),
    (torch.optim.Adam, 0.2, dict(betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1), None),
    (torch.optim.AdamW, 0.2, dict(weight_decay=0.1), None),
    (torch.optim.AdamW, 0.2, dict(betas=(0.95, 0.9), eps=1e-2, weight_decay=0.3), 0.5),
]

torch.manual_seed(2016)
start, bottom = torch.randn(2, len(IS_WEIGHT), dtype=torch.double)
curvature = torch.rand(len(IS_WEIGHT), dtype=torch.double) + 0.5
rows = [start, bottom, curvature]
for method, rate, options, clip_norm in CASES:
    w = [torch.nn.Parameter(value.clone()) for value in start]
    biases = dict(params=[p for p, weight in zip(w, IS_WEIGHT) if not weight], weight_decay=0)
    weights = dict(params=[p for p, weight in zip(w, IS_WEIGHT) if weight])
    optimizer = method([weights, biases], lr=rate, **options)
    for step in range(STEPS):
        gradients = curvature * (torch.stack([p.detach() for p in w]) - bottom)
        if clip_norm is not None and gradients.norm() > clip_norm:
            gradients *= clip_norm / gradients.norm()  # torch.nn.utils.clip_grad_norm_ adds 1e-6 to the norm
        for p, g in zip(w, gradients):
            p.grad = g.clone()
        for group in optimizer.param_groups:
            group['lr'] = rate * (1 - step / 40)
        optimizer.step()
        rows.append(torch.stack([p.detach() for p in w]))

with open(os.path.join(sys.argv[1], 'optimizer_trajectories.txt'), 'w') as file:
    file.write('%d %d\n' % (len(rows), len(IS_WEIGHT)))
    for row in rows:
        file.write(' '.join('%.17g' % value for value in row) + '\n')
