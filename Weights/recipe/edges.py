"""`snap`: label lines moved onto the photograph's own edges, and their ends to where these end, to parts of a pixel.

Teachers see 512 x 512 pixels; the photograph is sharper. As the detector does with the segments of a network (`EdgeFitter`),
but a label line may be further off than those; only ends that are trusted move, by a plainer rule than `endnetwork`'s.
"""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from .label import label_path, load, read_picture, unfinished, write
from .labellines import LabelLines
from .mixing import bilinear, direction_of, normal_of

# How far a line, or an end along it, may be off: 1.3 cells of a network of 480 x 480 pixels.
REACH = 1.3 * 2 / 480
SHORTEST = 8
# Grey levels over two pixels that are an edge; the share of its strength from which on another leaves open which is meant.
CLEAR, RIVAL = 8.0, 0.6
PLACES = 0.1 + 0.8 * (np.arange(16) + 0.5) / 16
# Where a line is looked at for how it should look, in pixels from an end, the last at most this share of its length away.
INSIDE, LARGEST_SHARE = np.array([3.0, 6, 9, 12]), 0.6
FAINT = 4.0
TRUSTED = 0.2


def snap(folders: list[Path], labels: Path, out: Path):
    """Snaps the labels of photographs, one npz a photograph; those that are there are left."""
    for name, path in unfinished(folders, labels, out):
        known = load(label_path(labels, name))
        grey = cv2.cvtColor(read_picture(path, known.size), cv2.COLOR_RGB2GRAY)
        write(label_path(out, name), replace(known, lines=snapped(known.lines, grey)))


def snapped(lines: LabelLines, grey: np.ndarray) -> LabelLines:
    """Lines in the pixels of a grey photograph (centres at integers)."""
    grey = grey.astype(np.float32)
    reach = REACH * np.sqrt(grey.size)
    at = np.array(lines.at, float).reshape(-1, 4)
    for i, line in enumerate(at):
        if np.hypot(*(line[2:] - line[:2])) >= SHORTEST:
            line[:] = on_edge(line, grey, reach)
            first, last = end_shift(line[[2, 3, 0, 1]], grey, reach), end_shift(line, grey, reach)
            u = direction_of(line)
            line[:2] -= first * u * (lines.ends[i, 0] >= TRUSTED)
            line[2:] += last * u * (lines.ends[i, 1] >= TRUSTED)
    return replace(lines, at=at)


def on_edge(line: np.ndarray, grey: np.ndarray, reach: float) -> np.ndarray:
    """The line fitted to the edge that stands out within `reach` pixels across it; between edges if several do or none
    is straight; as it is where there is none."""
    normal = normal_of(line)
    offsets = np.arange(-reach - 1.5, reach + 1.5, 0.5)
    points = line[:2] + PLACES[:, None] * (line[2:] - line[:2])
    across = points[:, None] + offsets[:, None] * normal
    derivative = bilinear(grey, across + normal) - bilinear(grey, across - normal)
    mean = derivative.mean(axis=0)
    strength = np.abs(mean)
    peak = np.zeros(len(offsets), bool)
    peak[1:-1] = (strength[1:-1] >= strength[:-2]) & (strength[1:-1] >= strength[2:])
    likely = np.flatnonzero(peak & (np.abs(offsets) <= reach) & (strength >= CLEAR))
    if not len(likely):
        return line
    best = likely[np.argmax(strength[likely])]
    rivals = peak & (np.abs(offsets - offsets[best]) > 1) & (strength > RIVAL * strength[best])
    fitted = None if rivals.any() else _fitted(derivative * np.sign(mean[best]), best, strength[best], offsets)
    if fitted is None:
        weight = strength**2
        fitted = np.repeat((weight * offsets).sum() / weight.sum(), 2)
    if np.abs(fitted).max() > reach:
        return line
    return np.concatenate([line[:2] + fitted[0] * normal, line[2:] + fitted[1] * normal])


def _fitted(derivative, best, strength, offsets):
    """How far off the ends of a line through the edge's places are; nothing if too few of them lie on one."""
    window = derivative[:, max(best - 3, 1) : min(best + 4, len(offsets) - 1)]
    at = max(best - 3, 1) + window.argmax(axis=1)
    row = np.arange(len(derivative))
    before, value, after = (derivative[row, at + k] for k in (-1, 0, 1))
    shown = (value >= 0.3 * strength) & (value >= before) & (value >= after)
    if shown.mean() < 0.6:
        return None
    bend = before - 2 * value + after
    part = np.where(bend < 0, 0.5 * (before - after) / np.where(bend < 0, bend, -1), 0)
    edge = offsets[at] + 0.5 * part
    near = shown
    for limit in (1.5, 0.75, None):
        slope, middle = np.polyfit(PLACES[near], edge[near], 1)
        if limit is None:
            return np.array([middle, middle + slope])
        near = shown & (np.abs(edge - middle - slope * PLACES) <= limit)
        if near.sum() < max(4, 0.6 * shown.sum()):
            return None


def end_shift(line: np.ndarray, grey: np.ndarray, reach: float) -> float:
    """How far outwards the second end is to be moved: the mean of all places within `reach` by their probability to be
    where the line ends, with the given end as the prior."""
    length, u, normal = np.hypot(*(line[2:] - line[:2])), direction_of(line), normal_of(line)

    def seen(along):
        points = line[2:] + along[:, None] * u
        return (
            bilinear(grey, points + normal) - bilinear(grey, points - normal),
            np.stack([bilinear(grey, points + 2 * normal), bilinear(grey, points - 2 * normal)]),
        )

    across, sides = seen(-INSIDE * min(1, LARGEST_SHARE * length / INSIDE[-1]))
    contrast, usual = abs(np.median(across)), np.median(sides, axis=1, keepdims=True)
    if contrast < FAINT:
        return 0.0
    # Pixel by pixel; the line may end between one and the next.
    along = np.arange(-np.floor(reach) - 1, np.floor(reach) + 2)
    across, sides = seen(along)
    change = np.minimum(np.abs(sides - usual).min(axis=0) / contrast, 1)
    evidence = np.cumsum(2 * (2 * np.minimum(np.abs(across) / contrast, 1) - change - 1))
    place = along + 0.5
    logarithm = evidence - 0.5 * (2 * place / reach) ** 2
    logarithm[(np.abs(place) > reach) | (place <= -0.4 * length)] = -np.inf
    probability = np.exp(logarithm - logarithm.max())
    return float((probability * place).sum() / probability.sum())
