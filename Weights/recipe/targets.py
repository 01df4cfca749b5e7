"""Label lines drawn as the maps the network learns, at stride 2.

heat     T = p exp(-d^2 / 2 s^2), d the distance to the segment in cells, s = 0.85; where lines meet, the largest
tangent  (cos 2t, sin 2t) of the line that gave T
ends     E = p e exp(-d^2 / 2), d the distance to an end in cells, and a mask that is 0 around ends nobody vouches for
offset   from a cell's centre to the end that gave E, in cells
"""

import numpy as np

SIGMA = 0.85
END_SIGMA = 1.0
STRIDE = 2


def draw(lines: np.ndarray, p: np.ndarray, ends: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Lines (n, 4) in input pixels (centres at integers), p (n,), end confidence (n, 2); `size` (width, height) of the
    input. Returns (7, height / 2, width / 2) float32: T, cos, sin, E, mask, offset x, offset y."""
    width, height = size[0] // STRIDE, size[1] // STRIDE
    out = np.zeros((7, height * width), np.float32)
    out[4] = 1
    cells = (lines + 0.5) / STRIDE - 0.5
    _draw_lines(cells, p, out, width, height)
    _draw_ends(cells, p, ends, out, width, height)
    return out.reshape(7, height, width)


def _draw_lines(cells, p, out, width, height, reach=3):
    if len(cells) == 0:
        return
    a, d = cells[:, :2], cells[:, 2:] - cells[:, :2]
    # Candidates: along the longer axis every cell, across it 2 reach + 1 of them.
    steep = np.abs(d[:, 1]) > np.abs(d[:, 0])
    major, minor = np.where(steep, 1, 0), np.where(steep, 0, 1)
    index = np.arange(len(cells))
    m0, dm = a[index, major], d[index, major]
    low = np.floor(np.minimum(m0, m0 + dm)).astype(int) - reach
    count = np.ceil(np.abs(dm)).astype(int) + 2 * reach + 2
    line = np.repeat(index, count)
    along = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + low[line]
    safe = np.where(np.abs(dm) < 1e-9, 1.0, dm)
    t = np.clip((along - m0[line]) / safe[line], 0, 1)
    centre = np.round(a[line, minor[line]] + t * d[line, minor[line]])
    across = centre[:, None] + np.arange(-reach - 1, reach + 2)
    along = np.broadcast_to(along[:, None], across.shape)
    line = np.broadcast_to(line[:, None], across.shape).ravel()
    along, across = along.ravel(), across.ravel()
    x = np.where(steep[line], across, along)
    y = np.where(steep[line], along, across)
    ok = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    x, y, line = x[ok], y[ok], line[ok]
    vx, vy = x - a[line, 0], y - a[line, 1]
    dx, dy = d[line, 0], d[line, 1]
    s = np.clip((vx * dx + vy * dy) / np.maximum(dx * dx + dy * dy, 1e-9), 0, 1)
    square = (vx - s * dx) ** 2 + (vy - s * dy) ** 2
    value = p[line] * np.exp(-square / (2 * SIGMA**2))
    keep = square < reach**2
    order = np.flatnonzero(keep)[np.argsort(value[keep], kind="stable")]  # the largest is written last
    cell = (y[order] * width + x[order]).astype(int)
    angle = 2 * np.arctan2(dy[order], dx[order])
    out[0, cell] = value[order]
    out[1, cell] = np.cos(angle)
    out[2, cell] = np.sin(angle)


def _draw_ends(cells, p, ends, out, width, height, reach=4):
    points = cells.reshape(-1, 2)
    strength = (p[:, None] * ends).reshape(-1)
    vouched = ends.reshape(-1) >= 0.25
    likely = np.repeat(p, 2) > 0.25
    base = np.round(points).astype(int)
    offsets = np.arange(-reach, reach + 1)
    x = (base[:, 0, None, None] + offsets[None, None, :]) + 0 * offsets[None, :, None]
    y = (base[:, 1, None, None] + offsets[None, :, None]) + 0 * offsets[None, None, :]
    k = np.broadcast_to(np.arange(len(points))[:, None, None], x.shape)
    ok = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    x, y, k = x[ok], y[ok], k[ok]
    dx, dy = points[k, 0] - x, points[k, 1] - y
    square = dx * dx + dy * dy
    cell = y * width + x
    unknown = likely[k] & ~vouched[k] & (square < reach**2)
    out[4, cell[unknown]] = 0
    value = strength[k] * np.exp(-square / (2 * END_SIGMA**2))
    chosen = np.flatnonzero(vouched[k] & (square < (reach - 1) ** 2))
    order = chosen[np.argsort(value[chosen], kind="stable")]
    out[3, cell[order]] = value[order]
    out[5, cell[order]] = dx[order]
    out[6, cell[order]] = dy[order]
    # An end someone vouches for counts, even beside one that nobody does.
    sure = chosen[square[chosen] < 2]
    out[4, cell[sure]] = 1
