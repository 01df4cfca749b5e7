"""From the two teachers' answers to label lines: whole lines with ends where M-LSD has them, traced ones elsewhere.

A label line is x1, y1, x2, y2, p, e1, e2, m: ends on the label grid, the probability that it is a line, how far each
end can be trusted as an end of the line (0: the line may well go on), and how sure M-LSD alone is of it.
"""

from math import atan2, cos, hypot, sin, sqrt

import numpy as np

from .ridge import ridge
from .scenes.hidden_lines import clipped
from .teachers import GRID, Fields

WEIGHT = 0.4  # of M-LSD in the mix: the best of those measured on labels


def mixed_lines(fields: Fields, lines: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Label lines (n, 8), surest first."""
    lines = np.array([snapped(line, fields.heat) for line in lines]).reshape(-1, 4)
    lines, scores, cut = _inside(lines, scores)
    lines, scores, cut = _without_doubles(lines, scores, cut)
    rows = []
    claimed = np.zeros(fields.heat.shape, bool)
    for line, score, ended in zip(lines, scores, ~cut):
        support = profile(line, fields.heat)
        sure, p = certainty(score), probability(score, support)
        ends = _end_confidence(line, fields.heat, support, score)
        rows.append([*line, p, *(ends * ended), sure])
        if p > 0.2:
            _claim(line, fields, claimed)
    for line, mean in traced(fields, claimed):
        # M-LSD did not see it: the mix has M-LSD's share missing. Where it ends is anyone's guess.
        rows.append([*line, (1 - WEIGHT) * mean, 0.0, 0.0, 0.0])
    rows = np.array(rows, np.float32).reshape(-1, 8)
    rows = rows[rows[:, 4] > 0.08]
    return rows[np.argsort(-rows[:, 4], kind="stable")]


def certainty(score):
    """What a score of M-LSD's kind, which hardly passes 0.8, says for sure."""
    return np.minimum(1.0, 1.25 * score)


def probability(score, support):
    """That it is a line: of its score and of LSDNet's heat along it."""
    return WEIGHT * certainty(score) + (1 - WEIGHT) * support.mean()


def _points(line, step=2.0):
    a, b = np.asarray(line[:2]), np.asarray(line[2:4])
    n = max(2, int(np.hypot(*(b - a)) / step) + 1)
    return a + np.linspace(0, 1, n)[:, None] * (b - a)


def bilinear(field, points):
    height, width = field.shape
    x = np.clip(points[..., 0], 0, width - 1.001)
    y = np.clip(points[..., 1], 0, height - 1.001)
    i, j = x.astype(int), y.astype(int)
    u, v = x - i, y - j
    return (field[j, i] * (1 - u) + field[j, i + 1] * u) * (1 - v) + (
        field[j + 1, i] * (1 - u) + field[j + 1, i + 1] * u
    ) * v


def profile(line, heat, reach=1.5):
    """Heat along a line: at each point the best within `reach` cells across it."""
    points, normal = _points(line), normal_of(line)
    return np.max([bilinear(heat, points + k * normal) for k in (-reach, 0, reach)], axis=0)


def direction_of(line):
    """In which a line, or each of lines (n, 4), runs from its first end."""
    line = np.asarray(line)
    d = line[..., 2:4] - line[..., :2]
    return d / np.maximum(np.hypot(d[..., :1], d[..., 1:]), 1e-9)


def normal_of(line):
    u = direction_of(line)
    return np.array([-u[1], u[0]])


def snapped(line, heat, reach=3.0):
    """The line shifted and turned onto the ridge of heat beside it, by a weighted fit of the ridge's centroids."""
    points, normal = _points(line), normal_of(line)
    offsets = np.linspace(-reach, reach, 13)
    h = bilinear(heat, points[:, None] + offsets[None, :, None] * normal) ** 2
    weight = h.sum(axis=1)
    if weight.sum() < 0.05 * len(points):
        return line
    centroid = (h * offsets).sum(axis=1) / np.maximum(weight, 1e-6)
    t = np.linspace(-1, 1, len(points))
    # Weighted least squares of offset = c0 + c1 t, drawn towards no change where there is little heat.
    a00, a01, a11 = weight.sum() + 0.5, (weight * t).sum(), (weight * t * t).sum() + 0.5
    b0, b1 = (weight * centroid).sum(), (weight * t * centroid).sum()
    det = a00 * a11 - a01 * a01
    c0, c1 = (a11 * b0 - a01 * b1) / det, (a00 * b1 - a01 * b0) / det
    limit = reach - 1
    first, last = np.clip(c0 - c1, -limit, limit), np.clip(c0 + c1, -limit, limit)
    return np.concatenate([line[:2] + first * normal, line[2:4] + last * normal])


def _inside(lines, scores):
    """The parts of the lines inside the picture, and which ends were cut off: M-LSD's lines may reach out of it."""
    kept, t0, t1 = clipped(lines, GRID, GRID)
    return kept, scores[t1 > t0], np.stack([t0 > 1e-6, t1 < 1 - 1e-6], axis=1)[t1 > t0]


def _without_doubles(lines, scores, cut, near=3.0):
    """Of lines that lie on one another, the better-scored stays."""
    order = np.argsort(-scores, kind="stable")
    kept = []
    for i in order:
        # What covers most of a line covers its middle.
        beside = np.array(kept, int)[_near_middle(lines[i], lines[kept], near)]
        if not any(covered(lines[i], lines[j : j + 1], near) > 0.85 for j in beside):
            kept.append(i)
    return lines[kept], scores[kept], cut[kept]


def _near_middle(line, others, near):
    """Which of the other lines pass the middle of `line` within `near` cells."""
    d = others[:, 2:] - others[:, :2]
    length = np.maximum(np.hypot(d[:, 0], d[:, 1]), 1e-6)
    rel = 0.5 * (line[:2] + line[2:4]) - others[:, :2]
    along = (rel * d).sum(axis=1) / length
    across = np.abs(rel[:, 1] * d[:, 0] - rel[:, 0] * d[:, 1]) / length
    return (along > -near) & (along < length + near) & (across < near)


def covered(line, others, near=3.0):
    """The share of `line` within `near` cells of any of `others` (n, 4)."""
    points = _points(line, 4.0)
    on = np.zeros(len(points), bool)
    for other in others:
        a, d = other[:2], other[2:4] - other[:2]
        length = np.hypot(*d)
        if length >= 1e-6:
            u = d / length
            along, across = (points - a) @ u, np.abs((points - a) @ np.array([-u[1], u[0]]))
            on |= (along > -near) & (along < length + near) & (across < near)
    return float(on.mean())


def _end_confidence(line, heat, support, score):
    """M-LSD's score, lowered where LSDNet's heat runs on beyond the end or stops well before it."""
    a, b, u = line[:2], line[2:4], direction_of(line)
    result = []
    for end, out, inside in ((a, -u, support[:4]), (b, u, support[-4:])):
        beyond = bilinear(heat, end + np.arange(5, 11, 2)[:, None] * out).min()
        edge = np.any(end < 4) or np.any(end > np.array(heat.shape[::-1]) - 5)
        agreement = 1.0 if edge else 1 - 0.6 * min(1, beyond / 0.6)
        result.append(certainty(score) * agreement * (0.5 + 0.5 * min(1, inside.mean() / 0.5)))
    return np.array(result)


def _claim(line, fields, claimed, reach=3):
    """Marks the cells along a line whose tangent agrees: they are explained."""
    d = np.asarray(line[2:4]) - np.asarray(line[:2])
    angle = 2 * np.arctan2(d[1], d[0])
    points, normal = _points(line, 1.0), normal_of(line)
    height, width = claimed.shape
    for k in np.arange(-reach, reach + 1):
        x, y = np.round(points + k * normal).astype(int).T
        ok = (x >= 0) & (y >= 0) & (x < width) & (y < height)
        x, y = x[ok], y[ok]
        agree = fields.cosine[y, x] * np.cos(angle) + fields.sine[y, x] * np.sin(angle) > 0.5
        claimed[y[agree], x[agree]] = True


def traced(fields: Fields, claimed: np.ndarray, seed=0.35, low=0.2, shortest=14.0):
    """Regions of agreeing tangent on the thinned ridge of what is not claimed: (line, mean heat) pairs.

    Region growing as in LSD, on ridge cells only, so that plain Python is quick enough (some thousand cells).
    """
    on_ridge = ridge(fields.heat, fields.cosine, fields.sine)
    ys, xs = np.nonzero(on_ridge & (fields.heat > low) & ~claimed)
    heat = fields.heat[ys, xs]
    norm = np.maximum(np.hypot(fields.cosine[ys, xs], fields.sine[ys, xs]), 1e-6)
    cosine, sine = (fields.cosine[ys, xs] / norm).tolist(), (fields.sine[ys, xs] / norm).tolist()
    cell = {(x, y): k for k, (x, y) in enumerate(zip(xs.tolist(), ys.tolist()))}
    used = [False] * len(heat)
    around = [(dx, dy) for dx in range(-2, 3) for dy in range(-2, 3) if dx or dy]
    for start in np.argsort(-heat, kind="stable").tolist():
        if heat[start] < seed:
            break
        if used[start]:
            continue
        region, used[start] = [start], True
        sum_c, sum_s = cosine[start], sine[start]
        for k in region:
            x, y = int(xs[k]), int(ys[k])
            for dx, dy in around:
                n = cell.get((x + dx, y + dy))
                if n is None or used[n]:
                    continue
                # cos of the doubled difference to the running mean: 13 degrees.
                if cosine[n] * sum_c + sine[n] * sum_s > 0.9 * sqrt(sum_c * sum_c + sum_s * sum_s):
                    used[n] = True
                    region.append(n)
                    sum_c += cosine[n]
                    sum_s += sine[n]
        if len(region) < 0.6 * shortest:
            continue
        line = _fitted(xs[region], ys[region], heat[region], 0.5 * atan2(sum_s, sum_c))
        if line is not None and hypot(line[2] - line[0], line[3] - line[1]) >= shortest:
            yield line, float(heat[region].mean())


def _fitted(x, y, weight, angle):
    """The weighted principal axis, cut at the outermost cells; nothing if the region is not thin."""
    w = weight / weight.sum()
    centre = np.array([w @ x, w @ y])
    dx, dy = x - centre[0], y - centre[1]
    sxx, sxy, syy = w @ (dx * dx), w @ (dx * dy), w @ (dy * dy)
    axis = 0.5 * atan2(2 * sxy, sxx - syy)
    if abs(cos(axis - angle)) < 0.95:
        axis = angle
    u, n = np.array([cos(axis), sin(axis)]), np.array([-sin(axis), cos(axis)])
    across = dx * n[0] + dy * n[1]
    if sqrt(float(w @ (across * across))) > 1.6:
        return None
    along = dx * u[0] + dy * u[1]
    return np.concatenate([centre + along.min() * u, centre + along.max() * u])
