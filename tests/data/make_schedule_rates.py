#!/usr/bin/python3
"""Learning rates of PyTorch's schedulers (Debian: python3-torch) over 20 steps.

usage: make_schedule_rates.py OUT_DIR
Writes schedule_rates.txt, one matrix: "rows cols" first, then a row for each case below, 17 significant digits.
"""
import os
import sys

import torch
from torch.optim import lr_scheduler

STEPS, RATE = 20, 0.3


def rates(scheduler, steps, **options):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=RATE, momentum=0.9)
    schedule = scheduler(optimizer, **options)
    values = []
    for _ in range(steps):
        values.append(optimizer.param_groups[0]['lr'])
        optimizer.step()
        schedule.step()
    return values


def warm_up(steps):
    return rates(lr_scheduler.LinearLR, steps, start_factor=0.2, total_iters=steps) if steps else []


rows = []
for warm in 0, 5:  # warm_up 0 and 0.25
    left = STEPS - warm
    rows += [
        warm_up(warm) + [RATE] * left,
        # drops 4, final_factor 0.0625
        warm_up(warm) + rates(lr_scheduler.StepLR, left, step_size=left // 5, gamma=0.5),
        # final_factor 0.05
        warm_up(warm) + rates(lr_scheduler.ExponentialLR, left, gamma=0.05 ** (1 / left)),
        warm_up(warm) + rates(lr_scheduler.CosineAnnealingLR, left, T_max=left, eta_min=0.05 * RATE),
    ]
for share in 0.1, 0.3, 0.33:  # peaks at steps 1, 5 and 5.6
    rows.append(rates(lr_scheduler.OneCycleLR, STEPS, max_lr=RATE, total_steps=STEPS, pct_start=share))
rows.append(rates(lr_scheduler.OneCycleLR, STEPS, max_lr=RATE, total_steps=STEPS, pct_start=0.4, div_factor=5,
                  final_div_factor=4))

with open(os.path.join(sys.argv[1], 'schedule_rates.txt'), 'w') as file:
    file.write('%d %d\n' % (len(rows), STEPS))
    for row in rows:
        file.write(' '.join('%.17g' % value for value in row) + '\n')
