"""The maps of `targets.draw` for a whole batch of views at once, as tensors: what a GPU learns from. `targets` is the
reference, and says what the maps mean."""

from dataclasses import dataclass

import numpy as np
import torch

from . import targets
from .labellines import LabelLines
from .mixing import WEIGHT


@dataclass
class BatchLines:
    """The lines of all views of a batch, one after another."""

    view: torch.Tensor  # (n,): which view each is in
    at: torch.Tensor  # (n, 4), as in `LabelLines`, float32
    p: torch.Tensor
    ends: torch.Tensor
    sure: torch.Tensor

    @staticmethod
    def of(lines: list[LabelLines]) -> "BatchLines":
        view = torch.from_numpy(np.repeat(np.arange(len(lines)), [len(each) for each in lines]))
        columns = (
            np.concatenate([getattr(each, name).reshape(-1, *shape) for each in lines])
            for name, shape in (("at", (4,)), ("p", ()), ("ends", (2,)), ("sure", ()))
        )
        return BatchLines(view, *(torch.from_numpy(column.astype(np.float32)) for column in columns))

    def to(self, device) -> "BatchLines":
        return BatchLines(*(t.to(device, non_blocking=True) for t in vars(self).values()))


def draw(
    lines: BatchLines, views: int, size: tuple[int, int], heat: torch.Tensor, taught: torch.Tensor
) -> torch.Tensor:
    """(views, COUNT, height / 2, width / 2) for views of `size`; `heat` (views, height / 2, width / 2) is the teacher's
    where `taught` (views,) says that there is one.

    Time and memory grow with lines x cells of the longer side: of a batch of 128 views of 384 x 384, some 0.2 GB a tensor.
    """
    width, height = size[0] // targets.STRIDE, size[1] // targets.STRIDE
    canvas = _Canvas(views, width, height, lines.at.device)
    out = torch.zeros(targets.COUNT, views * width * height, device=canvas.device)
    out[targets.END_KNOWN] = 1
    cells = (lines.at + 0.5) / targets.STRIDE - 0.5
    if len(cells):
        _draw_lines(canvas, cells, lines, out)
        _draw_ends(canvas, cells, lines, out)
    out = out.view(targets.COUNT, views, height, width).transpose(0, 1).contiguous()
    mixed = WEIGHT * out[:, targets.HEAT] + (1 - WEIGHT) * heat
    out[:, targets.HEAT] = torch.where(taught[:, None, None], mixed, out[:, targets.LINE])
    return out


@dataclass
class _Canvas:
    views: int
    width: int
    height: int
    device: torch.device

    def inside(self, x, y):
        return (x >= 0) & (y >= 0) & (x < self.width) & (y < self.height)

    def cell(self, view, x, y):
        return (view * self.height + y.long()) * self.width + x.long()

    def most(self, cell, value, empty):
        """The largest value in each cell, `empty` where there is none."""
        held = torch.full((self.views * self.width * self.height,), empty, dtype=value.dtype, device=self.device)
        return held.scatter_reduce_(0, cell, value, "amax")


def _draw_lines(canvas, cells, lines, out, reach=3):
    a, d = cells[:, :2], cells[:, 2:] - cells[:, :2]
    # Candidates (line, along, across): along the longer axis every cell, across it those within reach.
    steep = (d[:, 1].abs() > d[:, 0].abs())[:, None]
    (m0, n0), (dm, dn) = (torch.where(steep, v.flip(1), v).T[..., None] for v in (a, d))
    longest = max(canvas.width, canvas.height) + 2 * reach + 3
    along = torch.minimum(m0, m0 + dm).floor() - reach + torch.arange(longest, device=canvas.device)
    t = ((along - m0) / torch.where(dm.abs() < 1e-9, 1.0, dm)).clamp(0, 1)
    beside = torch.arange(-reach - 1, reach + 2, device=canvas.device)
    across = (n0 + t * dn).round()[..., None] + beside
    along = along[..., None]
    vm, vn, dm, dn = along - m0[..., None], across - n0[..., None], dm[..., None], dn[..., None]
    s = ((vm * dm + vn * dn) / (dm * dm + dn * dn).clamp(min=1e-9)).clamp(0, 1)
    square = (vm - s * dm) ** 2 + (vn - s * dn) ** 2
    steep = steep[..., None]
    x, y = torch.where(steep, across, along), torch.where(steep, along, across)
    chosen = ((square < reach**2) & canvas.inside(x, y)).nonzero(as_tuple=True)
    index = chosen[0]
    cell = canvas.cell(lines.view[index], x[chosen], y[chosen])
    near = torch.exp(square[chosen] / (-2 * targets.SIGMA**2))
    out[targets.HEAT] = canvas.most(cell, lines.sure[index] * near, 0.0)
    value = lines.p[index] * near
    # The largest value and whose it is, as one number: a positive float's bits order as it does.
    best = canvas.most(cell, (value.view(torch.int32).long() << 32) | index, -1)
    line = (best & 0xFFFFFFFF).clamp(max=len(cells) - 1)
    drawn = best >= 0
    flat = torch.arange(len(best), device=canvas.device) % (canvas.width * canvas.height)
    at = torch.stack([flat % canvas.width, flat // canvas.width], dim=1)
    s = (((at - a[line]) * d[line]).sum(1) / (d[line] ** 2).sum(1).clamp(min=1e-9)).clamp(0, 1)
    value = (best >> 32).clamp(min=0).int().view(torch.float32)
    angle = 2 * torch.atan2(d[:, 1], d[:, 0])
    out[targets.LINE] = value
    out[targets.COS] = torch.where(drawn, angle.cos()[line], 0)
    out[targets.SIN] = torch.where(drawn, angle.sin()[line], 0)
    stop, known = _stops(d[line], s, lines.ends[line])
    out[targets.STOP] = torch.where(drawn, stop, 0)
    out[targets.STOP_KNOWN] = value * known


def _stops(d, s, trust):
    """(4, cells) each: stops of cells at shares `s` of lines along `d`, and how far each is known."""
    length = d.square().sum(1).sqrt()
    soon = torch.exp(-torch.stack([s, 1 - s], dim=1) * length[:, None] / targets.STOP_REACH)
    known = torch.where(soon < np.exp(-3), 1.0, trust)
    stops, weights = [], []
    for axis in (0, 1):
        forward = d[:, axis] > 0
        runs = d[:, axis].abs() > 0.4 * length
        for second in (forward, ~forward):
            stops.append(torch.where(second, soon[:, 1], soon[:, 0]))
            weights.append(runs * torch.where(second, known[:, 1], known[:, 0]))
    return torch.stack(stops), torch.stack(weights)


def _draw_ends(canvas, cells, lines, out, reach=4):
    point = cells.reshape(-1, 2)
    offset = torch.arange(-reach, reach + 1, device=canvas.device)
    x = (point[:, 0].round()[:, None] + offset)[:, None, :].expand(-1, len(offset), -1)
    y = (point[:, 1].round()[:, None] + offset)[:, :, None].expand(-1, -1, len(offset))
    square = (point[:, 0, None, None] - x) ** 2 + (point[:, 1, None, None] - y) ** 2
    chosen = ((square < reach**2) & canvas.inside(x, y)).nonzero(as_tuple=True)
    square, end = square[chosen], chosen[0]
    cell = canvas.cell(lines.view[end // 2], x[chosen], y[chosen])
    trust, p = lines.ends.flatten()[end], lines.p[end // 2]
    vouched = trust >= 0.25
    value = p * trust * torch.exp(-square / (2 * targets.END_SIGMA**2))
    out[targets.END] = canvas.most(cell, torch.where(vouched & (square < (reach - 1) ** 2), value, 0), 0.0)
    unknown = canvas.most(cell, ((p > 0.25) & ~vouched).float(), 0.0)
    # An end someone vouches for counts, even beside one that nobody does.
    sure = canvas.most(cell, (vouched & (square < 2)).float(), 0.0)
    out[targets.END_KNOWN] = 1 - unknown * (1 - sure)
