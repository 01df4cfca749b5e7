"""The public detectors that label photographs, run by onnxruntime on one thread.

Both see the whole photograph squashed to a square. Everything is returned on one label grid of GRID x GRID cells with
cell centres at integers, so a cell (x, y) lies at ((x + 0.5) W / GRID - 0.5, likewise y) of a W x H photograph.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import onnxruntime

GRID = 512


@dataclass
class Fields:
    heat: np.ndarray  # (GRID, GRID) in [0, 1], 0 off lines
    cosine: np.ndarray  # of twice the tangent angle, in the grid's own frame
    sine: np.ndarray


def session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


class LSDNetTeacher:
    """The LSDNet authors' network: heat and tangent at 288 x 288, averaged over a flip and 2 x 2 tiles.

    `thorough` flips the tiles as well: ten passes an image instead of six.
    """

    SIZE = 288
    FLOOR, CENTRE = 0.30, 0.89  # the network's heat far from a line and on one
    COVER = 0.56  # of the width and height that a tile sees: neighbours overlap by 12 %

    def __init__(self, path: Path, thorough=True, threads=1):
        self.session = session(path, threads)
        self.input = self.session.get_inputs()[0]
        self.thorough = thorough

    def __call__(self, image: np.ndarray) -> Fields:
        """`image` is RGB uint8 of any size."""
        total = np.zeros((3, GRID, GRID), np.float32)
        weight = np.zeros((GRID, GRID), np.float32)
        self._add(image, (0, 0, GRID, GRID), True, total, weight)
        side = int(self.COVER * GRID)
        for y in (0, GRID - side):
            for x in (0, GRID - side):
                self._add(image, (x, y, x + side, y + side), self.thorough, total, weight)
        heat, cosine, sine = total / weight
        heat = np.clip((heat - self.FLOOR) / (self.CENTRE - self.FLOOR), 0, 1)
        return Fields(heat, cosine, sine)

    def _add(self, image, window, flip, total, weight):
        x0, y0, x1, y1 = window
        height, width = image.shape[:2]
        # The crop in whole pixels, and the part of the label grid that it covers exactly.
        px0, px1 = round(x0 / GRID * width), round(x1 / GRID * width)
        py0, py1 = round(y0 / GRID * height), round(y1 / GRID * height)
        crop = cv2.resize(image[py0:py1, px0:px1], (self.SIZE, self.SIZE), interpolation=cv2.INTER_LINEAR)
        maps = self._run(crop)
        if flip:
            maps = 0.5 * (maps + self._flipped(self._run(crop[:, ::-1])))
        scale_x = self.SIZE * width / ((px1 - px0) * GRID)
        scale_y = self.SIZE * height / ((py1 - py0) * GRID)
        shift_x = (0.5 * width / GRID - px0) * self.SIZE / (px1 - px0) - 0.5
        shift_y = (0.5 * height / GRID - py0) * self.SIZE / (py1 - py0) - 0.5
        columns = (np.arange(x0, x1) * scale_x + shift_x).astype(np.float32)
        rows = (np.arange(y0, y1) * scale_y + shift_y).astype(np.float32)
        grid_x, grid_y = np.meshgrid(columns, rows)
        local = np.stack(
            [cv2.remap(m, grid_x, grid_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) for m in maps]
        )
        feather = np.ones((y1 - y0, x1 - x0), np.float32)
        if (x1 - x0) < GRID:
            ramp = np.minimum(np.arange(x1 - x0) + 1, 24) / 24
            left, right = (ramp if x0 > 0 else 1), (ramp[::-1] if x1 < GRID else 1)
            up, down = (ramp if y0 > 0 else 1), (ramp[::-1] if y1 < GRID else 1)
            feather = (feather * left * right) * np.broadcast_to(up * np.ones(y1 - y0) * down, (y1 - y0,))[:, None]
        total[:, y0:y1, x0:x1] += feather * local
        weight[y0:y1, x0:x1] += feather

    def _run(self, rgb):
        """Heat, cos 2t, sin 2t at 288 x 288, whichever of NHWC and NCHW the file uses."""
        x = np.ascontiguousarray(rgb, np.float32)[None] / 255
        if self.input.shape[1] == 3:
            x = x.transpose(0, 3, 1, 2)
        y = self.session.run(None, {self.input.name: np.ascontiguousarray(x)})[0][0]
        if y.shape[0] != 2:
            y = y.transpose(2, 0, 1)
        return np.stack([y[0], np.cos(2 * np.pi * y[1]), np.sin(2 * np.pi * y[1])])

    @staticmethod
    def _flipped(maps):
        """A mirrored line at angle t lies at pi - t: the sine of 2t changes its sign."""
        return maps[:, :, ::-1] * np.float32([1, 1, -1])[:, None, None]


class MLSDTeacher:
    """M-LSD 512: line segments with scores; `thorough` averages them over a flip."""

    SIZE = 512
    # Where a cell of the 256 x 256 output lies, in cells of the label grid: between 2c and the centre of the four
    # grid cells at 2c + 0.5. Measured: with + 0.5, lines and the lines of the mirrored image lie 0.65 apart.
    OFFSET = 0.5 - 0.65 / 2

    def __init__(self, path: Path, thorough=True, least=0.08, threads=1):
        self.session = session(path, threads)
        self.input = self.session.get_inputs()[0]
        self.least = least
        self.thorough = thorough

    def __call__(self, image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Lines (n, 4) on the label grid and scores (n,) in [0, 1]."""
        squashed = cv2.resize(image, (self.SIZE, self.SIZE), interpolation=cv2.INTER_AREA)
        lines, scores = self._run(squashed)
        if not self.thorough:
            return lines, scores
        mirrored, mirrored_scores = self._run(squashed[:, ::-1])
        mirrored = mirrored * [-1, 1, -1, 1] + [self.SIZE - 1, 0, self.SIZE - 1, 0]
        return _averaged(lines, scores, mirrored, mirrored_scores)

    def _run(self, squashed):
        x = np.concatenate([squashed, np.ones(squashed.shape[:2] + (1,), squashed.dtype)], axis=2)
        outputs = self.session.run(None, {self.input.name: x[None].astype(np.float32)})
        centres, scores, displacements = _by_shape(outputs)
        row, column = centres.astype(int).T
        keep = scores > self.least
        row, column, scores = row[keep], column[keep], scores[keep]
        d = displacements[row, column]
        at = np.stack([column, row, column, row], axis=1) + d
        lines = 2 * at + self.OFFSET
        long = np.hypot(lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1]) > 8
        return lines[long].astype(float), scores[long].astype(float)


def _by_shape(outputs):
    squeezed = [np.asarray(o, np.float32).squeeze() for o in outputs]
    centres = next(o for o in squeezed if o.ndim == 2)
    scores = next(o for o in squeezed if o.ndim == 1)
    displacements = next(o for o in squeezed if o.ndim == 3)
    return centres, scores, displacements


def _averaged(a, scores_a, b, scores_b, near=6.0):
    """Lines that both passes found are averaged; one that a single pass found keeps half its score."""
    if len(a) == 0 or len(b) == 0:
        both = np.concatenate([a, b])
        return both.reshape(-1, 4), 0.5 * np.concatenate([scores_a, scores_b])
    swapped = b[:, [2, 3, 0, 1]]
    straight = np.abs(a[:, None] - b[None]).max(axis=2)
    turned = np.abs(a[:, None] - swapped[None]).max(axis=2)
    distance = np.minimum(straight, turned)
    lines, scores, taken = [], [], np.zeros(len(b), bool)
    for i in np.argsort(-scores_a):
        j = int(np.argmin(np.where(taken, np.inf, distance[i])))
        if not taken[j] and distance[i, j] < near:
            taken[j] = True
            other = b[j] if straight[i, j] <= turned[i, j] else swapped[j]
            lines.append(0.5 * (a[i] + other))
            scores.append(0.5 * (scores_a[i] + scores_b[j]))
        else:
            lines.append(a[i])
            scores.append(0.5 * scores_a[i])
    lines.extend(b[~taken])
    scores.extend(0.5 * scores_b[~taken])
    return np.array(lines), np.array(scores)
