"""Label lines drawn as the maps the network learns, at stride 2.

heat     T = p g with g = exp(-d^2 / 2 s^2), d the distance to the segment in cells, s = 0.85; where lines meet, the
         largest. Where a teacher left its heat H, T = w m g + (1 - w) H instead, with M-LSD's share m of p and its
         weight w: a teacher's heat knows more than lines with one probability each.
tangent  (cos 2t, sin 2t) of the line that gave the largest p g, which is how much it counts
ends     E = p e exp(-d^2 / 2), d the distance to an end in cells, and a mask that is 0 around ends nobody vouches for
stops    how soon that same line ends to the right, to the left, down and up: exp(-d / 5), d the distance along it to the
         end on that side in cells; each counts where the line runs that way, and near ends as far as they are vouched for
"""

import numpy as np

from .labellines import LabelLines
from .mixing import WEIGHT

SIGMA = 0.85
END_SIGMA = 1.0
STOP_REACH = 5.0
STRIDE = 2
# Channels of what `draw` returns.
HEAT, COS, SIN, LINE, END, END_KNOWN = range(6)
STOP, STOP_KNOWN = slice(6, 10), slice(10, 14)
COUNT = 14


def draw(lines: LabelLines, size: tuple[int, int], heat: np.ndarray | None = None) -> np.ndarray:
    """Lines in input pixels (centres at integers), `size` (width, height) of the input, a teacher's heat in its cells.

    Returns (COUNT, height / 2, width / 2) float32: T, cos, sin, p g, E, its mask, four stops, what each counts.
    """
    width, height = size[0] // STRIDE, size[1] // STRIDE
    out = np.zeros((COUNT, height * width), np.float32)
    out[END_KNOWN] = 1
    cells = (lines.at + 0.5) / STRIDE - 0.5
    if len(cells):
        _draw_lines(cells, lines, out, width, height)
        _draw_ends(cells, lines, out, width, height)
    if heat is None:
        out[HEAT] = out[LINE]
    else:
        out[HEAT] = WEIGHT * out[HEAT] + (1 - WEIGHT) * heat.ravel()
    return out.reshape(COUNT, height, width)


def _draw_lines(cells, lines, out, width, height, reach=3):
    """Leaves m g in the heat."""
    cells = cells.astype(np.float32)
    a, d = cells[:, :2], cells[:, 2:] - cells[:, :2]
    # Candidates: along the longer axis every cell, across it those within reach.
    steep = np.abs(d[:, 1]) > np.abs(d[:, 0])
    major, minor = np.where(steep, 1, 0), np.where(steep, 0, 1)
    index = np.arange(len(cells))
    m0, dm = a[index, major], d[index, major]
    low = np.floor(np.minimum(m0, m0 + dm)).astype(int) - reach
    count = np.ceil(np.abs(dm)).astype(int) + 2 * reach + 2
    line = np.repeat(index, count)
    along = (np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + low[line]).astype(np.float32)
    n0, dn = a[line, minor[line]], d[line, minor[line]]
    m0, dm = m0[line], dm[line]
    t = np.clip((along - m0) / np.where(np.abs(dm) < 1e-9, 1.0, dm), 0, 1)
    across = np.round(n0 + t * dn)[:, None] + np.arange(-reach - 1, reach + 2, dtype=np.float32)
    vm, vn = (along - m0)[:, None], across - n0[:, None]
    dm, dn = dm[:, None], dn[:, None]
    s = np.clip((vm * dm + vn * dn) / np.maximum(dm * dm + dn * dn, 1e-9), 0, 1)
    square = (vm - s * dm) ** 2 + (vn - s * dn) ** 2
    at, column = np.nonzero(square < reach**2)
    line, along, across = line[at], along[at].astype(int), across[at, column].astype(int)
    x, y = np.where(steep[line], across, along), np.where(steep[line], along, across)
    ok = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    line, cell, at, column = line[ok], (y * width + x)[ok], at[ok], column[ok]
    s, near = s[at, column], np.exp(square[at, column] / (-2 * SIGMA**2))
    np.maximum.at(out[HEAT], cell, lines.sure.astype(np.float32)[line] * near)
    value = lines.p.astype(np.float32)[line] * near
    winner = np.full(width * height, -1)
    order = np.argsort(value, kind="stable")  # the largest is written last
    winner[cell[order]] = order
    cell = np.flatnonzero(winner >= 0)
    winner = winner[cell]
    line, s, value = line[winner], s[winner], value[winner]
    angle = 2 * np.arctan2(d[:, 1], d[:, 0])
    out[LINE, cell] = value
    out[COS, cell] = np.cos(angle)[line]
    out[SIN, cell] = np.sin(angle)[line]
    stop, known = _stops(d[line], s, lines.ends[line])
    out[STOP, cell] = stop.T
    out[STOP_KNOWN, cell] = (value[:, None] * known).T


def _stops(d, s, trust):
    """Stops (n, 4) of cells at shares `s` of lines along `d`, and how far each is known."""
    length = np.hypot(d[:, 0], d[:, 1])
    # To the line's first end, to its second.
    soon = np.exp(-np.stack([s, 1 - s], axis=1) * length[:, None] / STOP_REACH)
    # How far a line may go on where nobody vouches for its end, nobody knows; that it does not end before, is known.
    known = np.where(soon < np.exp(-3), 1.0, trust)
    stops, weights = [], []
    for axis in (0, 1):
        forward = d[:, axis] > 0
        runs = np.abs(d[:, axis]) > 0.4 * length
        for second in (forward, ~forward):
            stops.append(np.where(second, soon[:, 1], soon[:, 0]))
            weights.append(runs * np.where(second, known[:, 1], known[:, 0]))
    return np.stack(stops, axis=1), np.stack(weights, axis=1)


def _draw_ends(cells, lines, out, width, height, reach=4):
    points = cells.reshape(-1, 2)
    strength = (lines.p[:, None] * lines.ends).reshape(-1)
    vouched = lines.ends.reshape(-1) >= 0.25
    likely = np.repeat(lines.p, 2) > 0.25
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
    out[END_KNOWN, cell[unknown]] = 0
    value = strength[k] * np.exp(-square / (2 * END_SIGMA**2))
    chosen = np.flatnonzero(vouched[k] & (square < (reach - 1) ** 2))
    order = chosen[np.argsort(value[chosen], kind="stable")]
    out[END, cell[order]] = value[order]
    # An end someone vouches for counts, even beside one that nobody does.
    sure = chosen[square[chosen] < 2]
    out[END_KNOWN, cell[sure]] = 1


def taught(target, said, share: float):
    """Targets (n, COUNT, h, w), `share` of them in place of the labels' from the maps (n, 8, h, w) that another network `said`
    (Hinton et al. 2015): where labels waver, it says how often. What counts is as the labels have it."""
    mixed = target.clone()
    for of, maps in ((HEAT, said[:, 0]), (slice(COS, SIN + 1), said[:, 1:3]), (END, said[:, 3]), (STOP, said[:, 4:8])):
        mixed[:, of].lerp_(maps, share)
    return mixed
