"""`adapt`: label lines as the teachers and a trained network agree on them over many views of a photograph.

Self-training with homographic adaptation (DeTone et al. 2018, SuperPoint; Pautrat et al. 2021, SOLD2): the detector
looks at each photograph through random homographies; what it finds goes back onto the photograph, and lines that are
the same there are one, as sure as the share of the views that show it, its ends the mean. M-LSD's lines take part as
one view that counts as much as all others. Heat stays as the teachers have it: pieces of a line that views cut
differently are each less sure than that something is there.
"""

from dataclasses import dataclass, fields, replace
from pathlib import Path

import cv2
import numpy as np

from .augment import lifted
from .label import Label, label_path, load, read_picture, unfinished, write
from .labellines import LabelLines
from .mixing import certainty, covered, direction_of, probability, profile
from .teachers import GRID
from .views import detected, views_of

NEAR = 5 / 512  # ends that are the same, as a share of the picture's side, the root of its pixels
ALONG = 0.97  # the cosine of 14 degrees: lines of one direction
FRAME = 4.0  # an end so near to a view's frame in pixels may be cut off
DOUBLED = 0.5  # the share of a line on surer ones from which on it is another reading of these
LEAST, LEAST_OTHER = 0.08, 0.15  # what is less sure is no line, and no other reading of one
TRUST = 0.83  # in an end that all agree on, so that the map of ends is as hot in the mean as `mixing` makes it
LEAST_SCORE = 0.03  # of the detector's segments that are looked at
CHUNK = 16  # photographs for which the detector is started once


@dataclass
class View:
    """Lines that one view shows, in the photograph's pixels, and which part of it that view sees."""

    lines: np.ndarray  # (n, 4)
    scores: np.ndarray  # (n,)
    weight: float
    matrix: np.ndarray | None = None  # the photograph's pixels to the view's; None: it sees everything
    size: tuple[int, int] = (0, 0)  # of the view: width, height

    def sees(self, points: np.ndarray) -> np.ndarray:
        """Which of the points (..., 2) it shows."""
        if self.matrix is None:
            return np.ones(points.shape[:-1], bool)
        at = through(self.matrix, points)
        return ((at > FRAME) & (at < np.array(self.size) - 1 - FRAME)).all(axis=-1)


def through(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Points (..., 2) through a homography."""
    at = lifted(matrix, points)
    return at[..., :2] / at[..., 2:]


def seen(lines: np.ndarray, scores: np.ndarray, matrix: np.ndarray, size, picture_size) -> View:
    """What a detector found in a view, brought back: without what the view's frame may have cut, if the photograph goes on there."""
    back = through(np.linalg.inv(matrix), lines.reshape(-1, 2, 2))
    at, limit = lines.reshape(-1, 2, 2), np.array(size) - 1 - FRAME
    framed = ((at < FRAME) | (at > limit)).any(axis=2)
    end = np.array(picture_size) - 1
    going_on = ((back > FRAME) & (back < end - FRAME)).all(axis=2)
    kept = ~(framed & going_on).any(axis=1) & ((back > -2) & (back < end + 2)).all(axis=(1, 2))
    return View(back.reshape(-1, 4)[kept], scores[kept], 1.0, matrix, size)


def agreed(views: list[View], near: float) -> tuple[np.ndarray, np.ndarray]:
    """Lines (n, 4) with mean ends, and scores: the mean over the views that see it of what each gives a line whose ends
    are within `near` pixels; surest first. O(n^2) for n lines of all views."""
    lines = np.concatenate([v.lines for v in views])
    scores = np.concatenate([v.scores for v in views])
    view = np.repeat(np.arange(len(views)), [len(v.lines) for v in views])
    weight = np.array([v.weight for v in views])
    turned = lines[:, [2, 3, 0, 1]]
    sight = weight @ np.stack([v.sees(lines.reshape(-1, 2, 2)).all(axis=1) for v in views])
    free = np.ones(len(lines), bool)
    found, sure = [], []
    for i in np.argsort(-scores, kind="stable"):
        if not free[i]:
            continue
        straight, other = np.abs(lines - lines[i]).max(axis=1), np.abs(turned - lines[i]).max(axis=1)
        distance = np.minimum(straight, other)
        like = np.flatnonzero(free & (distance < near))
        # The nearest of each view.
        like = like[np.lexsort((distance[like], view[like]))]
        like = like[np.unique(view[like], return_index=True)[1]]
        free[like] = False
        same = np.where((straight[like] <= other[like])[:, None], lines[like], turned[like])
        share = scores[like] * weight[view[like]]
        found.append(share @ same / share.sum())
        sure.append(share.sum() / max(sight[i], weight[view[like]].sum()))
    order = np.argsort(-np.array(sure), kind="stable")
    return np.array(found).reshape(-1, 4)[order], np.array(sure)[order]


def ends_agreed(lines: np.ndarray, views: list[View], near: float) -> np.ndarray:
    """How sure it is that a line ends at each end (n, 2), whether or not its other end is the same: the mean over the
    views that see the end of the best score of a line that ends there and comes from there."""
    result = np.zeros((len(lines), 2))
    # Lines from either of their ends.
    both_ways = [np.concatenate([view.lines, view.lines[:, [2, 3, 0, 1]]]) for view in views]
    for k, ended in enumerate((lines, lines[:, [2, 3, 0, 1]])):
        ends, onward = ended[:, :2], direction_of(ended)
        for view, others in zip(views, both_ways):
            there = np.abs(others[:, :2] - ends[:, None]).max(axis=2) < near
            same = there & (onward @ direction_of(others).T > ALONG)
            result[:, k] += view.weight * np.where(same, np.tile(view.scores, 2), 0).max(axis=1, initial=0)
        sight = sum(view.weight * view.sees(ends) for view in views)
        result[:, k] /= np.maximum(sight, 1e-9)
    return np.minimum(result, 1)


def relabelled(label: Label, views: list[View]) -> LabelLines:
    """The label's lines anew, surest first: what the views, M-LSD's lines among them, agree on; lines that LSDNet alone saw; and the
    teachers' own lines without a probability, which go on saying where there is heat."""
    scale = GRID / np.array(label.size * 2)
    near = NEAR * np.sqrt(label.width * label.height)
    heat = cv2.imdecode(label.heat, cv2.IMREAD_GRAYSCALE).astype(np.float32) / 255
    heat = cv2.resize(heat, (GRID, GRID), interpolation=cv2.INTER_LINEAR)

    mlsd = label.lines.sure > 0
    teacher = View(label.lines.at[mlsd], label.lines.sure[mlsd], float(len(views)))
    lines, scores = agreed([*views, teacher], near)
    cells = (lines + 0.5) * scale - 0.5
    kept: list[int] = []
    others: list[int] = []
    for i in np.flatnonzero(scores > LEAST):
        if covered(cells[i], cells[kept]) <= DOUBLED:
            kept.append(i)
        elif scores[i] > LEAST_OTHER:
            others.append(i)
    # Another reading of a line says where lines may end, as far as it is believed.
    other = LabelLines(lines[others], scores[others], np.full((len(others), 2), TRUST), np.zeros(len(others)))
    lines, scores, cells = lines[kept], scores[kept], cells[kept]
    ends = TRUST * certainty(ends_agreed(lines, [*views, teacher], near))
    p = np.array([probability(s, profile(line, heat)) for s, line in zip(scores, cells)])

    alone = np.flatnonzero(~mlsd)
    traced = (label.lines.at[alone] + 0.5) * scale - 0.5
    alone = alone[[covered(line, cells) <= DOUBLED for line in traced]] if len(alone) else alone
    hot = label.lines[mlsd]
    parts = [
        LabelLines(lines, p, ends, np.zeros(len(lines))),
        other,
        label.lines[alone],
        replace(hot, p=np.zeros(len(hot)), ends=np.zeros((len(hot), 2))),
    ]
    everything = LabelLines(*(np.concatenate([getattr(x, f.name) for x in parts]) for f in fields(LabelLines)))
    return everything[np.argsort(-everything.p, kind="stable")]


def adapt(folders: list[Path], labels: Path, out: Path, lsdnet: Path, model: Path, size: int, count: int, seed: int):
    """Labels anew, one npz a photograph; those that are there are left. `model` is what looks, `size` its input, `count` how many views."""
    todo = unfinished(folders, labels, out)
    for start in range(0, len(todo), CHUNK):
        chunk = [(path, load(label_path(labels, name))) for name, path in todo[start : start + CHUNK]]
        shown = [views_of(read_picture(path, known.size), known.name, count, seed) for path, known in chunk]
        pictures = {f"{k}-{n}": view for k, (views, _) in enumerate(shown) for n, view in enumerate(views)}
        options = ["--weights", model, "--input-size", str(size), "--min-score", str(LEAST_SCORE)]
        found = detected(lsdnet, pictures, *options)
        for k, ((_, known), (_, matrices)) in enumerate(zip(chunk, shown)):
            rows = [found[f"{k}-{n}"] for n in range(count)]
            views = [seen(row[:, :4], row[:, 4], matrix, known.size, known.size) for row, matrix in zip(rows, matrices)]
            write(label_path(out, known.name), replace(known, lines=relabelled(known, views)))
        print(f"{start + len(chunk)} of {len(todo)}", flush=True)
