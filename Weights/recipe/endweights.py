"""The weights of what speaks for an end of a line, as a text that `lsdnet --end-weights` reads: `EndWeights` of the LSD stage."""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

SIZES = {"end": 12, "pass": 8, "line": 4, "onLine": 4, "length": 1, "cost": 1, "share": 1, "above": 2, "below": 2}


@dataclass
class EndWeights:
    end: np.ndarray  # (12,)
    passes: np.ndarray  # (8,)
    line: np.ndarray  # (4,)
    on_line: np.ndarray  # (4,)
    length: float
    cost: float
    share: float
    above: np.ndarray  # slope and bias
    below: np.ndarray

    def text(self) -> str:
        """A line each: its name and its numbers."""
        return "".join(
            f"{name} {' '.join(f'{value:.4g}' for value in np.atleast_1d(getattr(self, field.name)))}\n"
            for name, field in zip(SIZES, fields(self), strict=True)
        )

    @classmethod
    def read(cls, path: Path) -> "EndWeights":
        """Raises SystemExit if it is not such a text."""
        try:
            rows = {name: values for name, *values in map(str.split, filter(str.strip, path.read_text().splitlines()))}
            if {name: len(values) for name, values in rows.items()} != SIZES:
                raise ValueError
            numbers = [np.array(rows[name], float) for name in SIZES]
        except ValueError:
            raise SystemExit(f"{path}: no weights as `score` and `tune` write them") from None
        return cls(*(values if SIZES[name] > 1 else values.item() for name, values in zip(SIZES, numbers, strict=True)))
