"""Takes a card's memory but for some of it, until its input ends, as another program on the same card does.

usage: hog.py GIB     says {"freeMegabytes": ...} when that much is left
"""
import json
import sys

import torch

GIB, MIB = 2**30, 2**20


def free():
    return torch.cuda.mem_get_info()[0]


def take(leave):
    """Blocks of plain device memory, smaller and smaller: the driver counts in steps of its own."""
    held = []
    for block in (4 * GIB, 512 * MIB, 64 * MIB, 4 * MIB):
        while free() - leave >= block:
            try:
                held.append(torch.empty(block, dtype=torch.uint8, device="cuda"))
            except torch.cuda.OutOfMemoryError:  # no block of that size in one piece
                break
    return held


held = take(float(sys.argv[1]) * GIB)
print(json.dumps(dict(freeMegabytes=free() // MIB)), flush=True)
sys.stdin.read()
