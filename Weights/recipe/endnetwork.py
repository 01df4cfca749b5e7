"""What the picture beside a line says of where it ends: `EndFitter` and `EndNetwork` of the detector.

Columns run along a line: those of the picture, or its rows, whichever the line crosses more of. What a column shows is the
brightness up to two pixels to either side of the line, from its dark side to its bright one, in contrasts of the line, less
what is seen further inside. Where a cell of the detector's grid has many pixels, they are looked at by larger steps.
"""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

OFFSETS = range(-2, 3)
HIDDEN, DEPTH = 8, 3
MARGIN = DEPTH + 1  # columns on either side that an output depends on
FARTHEST = 1.5  # cells
USUAL_CELL = 2.2  # pixels
SPACING, LARGEST_SHARE = 3.0, 0.6
FAINT = 4.0  # grey levels
SHORTEST = 6.0  # pixels
REACH = int(FARTHEST * 1.5 * USUAL_CELL) + 1  # the most that any cell asks for


class Rows:
    """A data class of tensors, or of other such rows, that are as long as each other."""

    def __getitem__(self, which):
        return type(self)(*(getattr(self, field.name)[which] for field in fields(self)))

    @classmethod
    def joined(cls, parts: list):
        def together(columns):
            return torch.cat(columns) if isinstance(columns[0], torch.Tensor) else columns[0].joined(columns)

        return cls(*(together([getattr(part, field.name) for part in parts]) for field in fields(cls)))


@dataclass
class Ends(Rows):
    """Ends of segments, and what there is to see around them."""

    columns: torch.Tensor  # (n, 5, 2 (REACH + MARGIN)), from inside the line outwards; the end's own is the middle one
    contrast: torch.Tensor  # (n,) grey levels
    place: torch.Tensor  # (n, 2 REACH) where the line may end instead, in pixels outwards
    possible: torch.Tensor  # (n, 2 REACH) whether it may; nowhere if there is too little to see, or no room
    stretch: torch.Tensor  # (n,) of a column, along the line
    cell: torch.Tensor  # (n,) pixels

    @classmethod
    def of(cls, segments: np.ndarray, grey: np.ndarray, cell: float) -> "Ends":
        """The second ends of segments (n, 4) in the pixels of a grey picture (centres at integers)."""
        segments = np.asarray(segments, float).reshape(-1, 4)
        flat = np.abs(segments[:, 2] - segments[:, 0]) >= np.abs(segments[:, 3] - segments[:, 1])
        both = cls.joined(
            [_along_rows(segments[flat], grey, cell), _along_rows(segments[~flat][:, [1, 0, 3, 2]], grey.T, cell)]
        )
        return both[np.argsort(np.concatenate([np.flatnonzero(flat), np.flatnonzero(~flat)]))]


def _along_rows(segments: np.ndarray, grey: np.ndarray, cell: float) -> Ends:
    """Of segments that are closer to a picture's rows than to its columns."""
    step = max(1, int(cell / USUAL_CELL + 0.5))
    reach = int(FARTHEST * cell / step) + 1
    x, y = segments[:, 2], segments[:, 3]
    dx, dy = x - segments[:, 0], y - segments[:, 1]
    length, direction = np.hypot(dx, dy), np.where(dx < 0, -1, 1)
    run = np.maximum(np.abs(dx), 1e-9)
    column = np.floor(x + 0.5).astype(int)

    def look(outwards: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Brightness (n, 5, m) at columns so many pixels (n, m) outwards, and whether they and it lie in the picture."""
        at = column[:, None] + direction[:, None] * outwards
        row = y[:, None] + (at - x[:, None]) * (dy / (direction * run))[:, None]
        inside = (at >= 0) & (at < grey.shape[1]) & (row >= 2 * step) & (row < grey.shape[0] - 3 * step)
        at, row = np.where(inside, at, 0), np.where(inside, row, 2 * step)
        whole = np.floor(row).astype(int)

        def pixel(across):
            return grey[np.clip(whole + across, 0, grey.shape[0] - 1), at]

        part = (row - whole) / step
        seen = [pixel(k * step) * (1 - part) + pixel((k + 1) * step) * part for k in OFFSETS]
        return np.stack(seen, axis=1), inside

    spacing = np.minimum(SPACING * step, LARGEST_SHARE / 4 * run)
    inner, there = look(-np.floor(np.outer(spacing, np.arange(1, 5))).astype(int))
    usual = np.sort(inner, axis=2)[:, :, 1:3].mean(axis=2)
    across = usual[:, 3] - usual[:, 1]
    contrast = np.abs(across)
    k = np.arange(-REACH - MARGIN, REACH + MARGIN)
    seen, inside = look(np.broadcast_to(step * k, (len(segments), len(k))))
    needed = (k >= -reach - MARGIN) & (k < reach + MARGIN)
    enough = (length >= SHORTEST) & (contrast >= FAINT) & there.all(axis=1) & inside[:, needed].all(axis=1)
    seen = np.clip((seen - usual[:, :, None]) / np.maximum(contrast, FAINT)[:, None, None], -2, 2)
    seen[across < 0] = seen[across < 0, ::-1]

    stretch = length / run
    places = np.arange(-REACH, REACH)
    place = ((direction * (column - x))[:, None] + step * (places + 0.5)) * stretch[:, None]
    possible = (
        enough[:, None] & (places >= -reach) & (places < reach)
        & (np.abs(place) <= FARTHEST * cell) & (place > -0.4 * length[:, None])
    )  # fmt: skip

    def single(v):
        return torch.from_numpy(v.astype(np.float32))

    return Ends(
        single(seen), single(contrast), single(place), torch.from_numpy(possible), single(stretch),
        torch.full((len(segments),), float(cell)),
    )  # fmt: skip


class EndNetwork(nn.Module):
    """How far outwards ends are to be moved (n,), in pixels: the mean of all places by their probability."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv1d(len(OFFSETS) + 1, HIDDEN, 3)
        self.further = nn.ModuleList(nn.Conv1d(HIDDEN, HIDDEN, 3) for _ in range(DEPTH - 1))
        self.last = nn.Conv1d(HIDDEN, 2, 3)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)
        self.deviation = nn.Parameter(torch.tensor(0.5).log())  # the logarithm, in cells, of the prior's

    def forward(self, ends: Ends) -> torch.Tensor:
        contrast = (ends.contrast.clamp(min=1).log() / 3)[:, None, None].expand(-1, 1, ends.columns.shape[2])
        x = F.relu(self.first(torch.cat([ends.columns, contrast], dim=1)))
        for layer in self.further:
            x = F.relu(layer(x))
        belongs, ended = self.last(x).unbind(dim=1)
        prior = -0.5 * (ends.place / (self.deviation.exp() * ends.cell[:, None])) ** 2
        logarithm = belongs.cumsum(dim=1) * ends.stretch[:, None] + ended + prior
        # Not infinite, which no derivative survives where nothing is possible.
        probability = torch.softmax(torch.where(ends.possible, logarithm, -1e9), dim=1) * ends.possible
        return (probability * ends.place).sum(dim=1)

    def rows(self) -> np.ndarray:
        """All numbers, (74, 8), in the order that `EndNetwork` of the detector reads."""
        rows = []
        for layer in (self.first, *self.further):
            weight = layer.weight.detach().permute(2, 1, 0)  # tap, input, output
            rows.append(layer.bias.detach()[None])
            if layer is self.first:
                # One for all columns, so that a sum says all of it.
                rows.append(weight[:, -1].sum(dim=0)[None])
                weight = weight[:, :-1]
            rows.append(weight.reshape(-1, HIDDEN))
        rows.append(self.last.weight.detach().permute(0, 2, 1).reshape(-1, HIDDEN))
        tail = torch.cat([self.deviation.detach()[None], self.last.bias.detach()])
        rows.append(F.pad(tail, (0, HIDDEN - len(tail)))[None])
        return torch.cat(rows).numpy().astype("<f4")

    def write(self, path: Path):
        """The file that the detector carries, whole or not at all."""
        scratch = path.with_suffix(".part")
        self.rows().tofile(scratch)
        scratch.rename(path)

    @classmethod
    def read(cls, path: Path) -> "EndNetwork":
        """Raises SystemExit if it is no such file."""
        net = cls()
        rows = torch.from_numpy(np.fromfile(path, "<f4").astype(np.float32))
        if rows.shape != net.rows().reshape(-1).shape:
            raise SystemExit(f"{path}: no network of ends, as `recipe ends` writes it")
        rows = rows.reshape(-1, HIDDEN)
        with torch.no_grad():
            for layer in (net.first, *net.further):
                layer.bias.copy_(rows[0])
                inputs = layer.weight.shape[1] - (layer is net.first)
                skipped = 1 + (layer is net.first)
                weight = rows[skipped : skipped + 3 * inputs].reshape(3, inputs, HIDDEN).permute(2, 1, 0)
                layer.weight[:, :inputs] = weight
                if layer is net.first:
                    layer.weight[:, -1] = rows[1][:, None] / 3
                rows = rows[skipped + 3 * inputs :]
            net.last.weight.copy_(rows[:6].reshape(2, 3, HIDDEN).permute(0, 2, 1))
            net.deviation.copy_(rows[6, 0])
            net.last.bias.copy_(rows[6, 1:3])
        return net
