"""Learns the adapter: a symmetric matrix that brings pairs together and keeps them from others of their kind.

Each step draws pairs of one kind and asks of every text which of the others' it belongs to (InfoNCE, both ways). Pairs
of one kind are hard to tell apart; batches of many kinds would teach little more than telling Chinese from English and
titles from manuals, and cost what tells experts of one field apart. A penalty keeps the matrix small, so that what no
pair speaks of stays as it is. The mean of several runs is taken: what one run has by chance goes away.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn.functional import cross_entropy, normalize

from bench.encoder.pairs import KINDS, Pairs
from bench.encoder.vectors import Kept
from yinling_matching.embedding import Vectors

TEMPERATURE = 0.1
PENALTY = 0.003
STEPS = 400
BATCH = 256
RATE = 5e-4
RUNS = 4


@dataclass(frozen=True)
class Kind:
    """The pairs of a kind as vectors, shapes (pairs, dimensions), and their groups, shape (pairs,)."""

    left: torch.Tensor
    right: torch.Tensor
    groups: torch.Tensor


def embedded(pairs: Pairs, kept: Kept) -> dict[str, Kind]:
    """Embed both sides of all pairs."""
    texts = [text for found in pairs.values() for pair in found for text in (pair.left, pair.right)]
    vectors = torch.from_numpy(kept(texts))
    kinds, start = {}, 0
    for name, found in pairs.items():
        end = start + 2 * len(found)
        groups = torch.tensor([pair.group for pair in found])
        kinds[name] = Kind(vectors[start:end:2], vectors[start + 1 : end : 2], groups)
        start = end
    return kinds


def learn(kinds: Mapping[str, Kind], runs: int = RUNS, temperature: float = TEMPERATURE) -> Vectors:
    """The matrix that is added to vectors, shape (dimensions, dimensions)."""
    found: Vectors = np.mean([_run(kinds, seed, temperature) for seed in range(runs)], axis=0, dtype=np.float32)
    return found


def _run(kinds: Mapping[str, Kind], seed: int, temperature: float) -> Vectors:
    rng = np.random.default_rng(seed)
    names = list(kinds)
    chances = np.array([KINDS[name] for name in names])
    chances /= chances.sum()
    dimensions = kinds[names[0]].left.shape[1]
    matrix = torch.nn.Parameter(torch.zeros(dimensions, dimensions))
    optimiser = torch.optim.Adam([matrix], lr=RATE)
    for step in range(STEPS):
        for group in optimiser.param_groups:
            group["lr"] = RATE * (1 - step / STEPS)
        kind = kinds[names[rng.choice(len(names), p=chances)]]
        rows = torch.from_numpy(rng.choice(len(kind.groups), min(BATCH, len(kind.groups)), replace=False))
        loss = _loss(_symmetric(matrix), kind, rows, temperature) + PENALTY * (matrix**2).sum()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch says nothing of it
        optimiser.step()
    learnt: Vectors = _symmetric(matrix).detach().numpy()
    return learnt


def _loss(matrix: torch.Tensor, kind: Kind, rows: torch.Tensor, temperature: float) -> torch.Tensor:
    left, right = (normalize(side[rows] + side[rows] @ matrix, dim=1) for side in (kind.left, kind.right))
    groups = kind.groups[rows]
    own = torch.eye(len(rows), dtype=torch.bool)
    same = (groups[:, None] == groups[None]) & ~own
    likeness = (left @ right.T / temperature).masked_fill(same, -1e4)
    answers = torch.arange(len(rows))
    return (cross_entropy(likeness, answers) + cross_entropy(likeness.T, answers)) / 2


def _symmetric(matrix: torch.Tensor) -> torch.Tensor:
    return (matrix + matrix.T) / 2
