"""What validation measures on the maps."""

import cv2
import numpy as np

from . import targets
from .ridge import ridge


class Validation:
    """Pooled measures of heat, tangent and ends over a validation set.

    `F` stands in for F^H while training: ridge pixels of the heat against true lines drawn 1 px wide, within 0.01 of
    the map's diagonal, but by distance alone (not one to one), the best over thresholds. `check` measures F^H itself.
    """

    THRESHOLDS = np.linspace(0.05, 0.9, 18)

    def __init__(self):
        n = len(self.THRESHOLDS)
        self.found, self.right, self.recalled = np.zeros(n), np.zeros(n), np.zeros(n)
        self.true = 0
        self.angle = self.angle_weight = 0.0
        self.end_found, self.end_right, self.end_recalled = np.zeros(n), np.zeros(n), np.zeros(n)
        self.end_true = 0

    def add(self, maps: np.ndarray, target: np.ndarray, lines: np.ndarray):
        """`maps` (C, h, w) as probabilities; `target` of `targets.draw`; true `lines` (n, 4) in input pixels."""
        heat = maps[0]
        tolerance = 0.01 * np.hypot(*heat.shape)
        truth = np.zeros(heat.shape, np.uint8)
        cells = (lines + 0.5) / 2 - 0.5
        for line in cells:
            a, b = np.round(line[:2]).astype(int), np.round(line[2:]).astype(int)
            cv2.line(truth, a.tolist(), b.tolist(), 1, 1)
        truth = truth.astype(bool)
        on_ridge = ridge(*maps[:3])
        to_truth = _distance(truth)
        self.true += truth.sum()
        for i, t in enumerate(self.THRESHOLDS):
            found = on_ridge & (heat > t)
            self.found[i] += found.sum()
            self.right[i] += (found & (to_truth <= tolerance)).sum()
            self.recalled[i] += (truth & (_distance(found) <= tolerance)).sum()
        agree = maps[1] * target[targets.COS] + maps[2] * target[targets.SIN]
        norm = np.maximum(np.hypot(maps[1], maps[2]), 1e-6)
        error = 0.5 * np.degrees(np.arccos(np.clip(agree / norm, -1, 1)))
        strong = target[targets.LINE] > 0.5
        self.angle += error[strong].sum()
        self.angle_weight += strong.sum()
        if maps.shape[0] > 3:
            self._add_ends(maps[3], target)

    def _add_ends(self, probability, target, tolerance=2.0):
        peak = probability >= cv2.dilate(probability, np.ones((3, 3), np.uint8)) - 1e-7
        true = (target[targets.END] > 0.3) & (
            target[targets.END] >= cv2.dilate(target[targets.END], np.ones((3, 3), np.uint8)) - 1e-7
        )
        known = target[targets.END_KNOWN] > 0
        to_true = _distance(true)
        self.end_true += true.sum()
        for i, t in enumerate(self.THRESHOLDS):
            found = peak & (probability > t) & known
            self.end_found[i] += found.sum()
            self.end_right[i] += (found & (to_true <= tolerance)).sum()
            self.end_recalled[i] += (true & (_distance(found) <= tolerance)).sum()

    def figures(self) -> dict:
        f, i = _best(self.found, self.right, self.recalled, self.true)
        result = {"F": 100 * f, "threshold": float(self.THRESHOLDS[i]), "angle": self.angle / max(self.angle_weight, 1)}
        if self.end_true:
            e, _ = _best(self.end_found, self.end_right, self.end_recalled, self.end_true)
            result["ends_F"] = 100 * e
        return {k: round(float(v), 3) for k, v in result.items()}


def _best(found, right, recalled, true):
    precision = right / np.maximum(found, 1)
    recall = recalled / max(true, 1)
    f = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
    i = int(np.argmax(f))
    return f[i], i


def _distance(mask):
    if not mask.any():
        return np.full(mask.shape, 1e9, np.float32)
    return cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
