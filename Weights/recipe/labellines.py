"""Lines with what is known of each."""

from dataclasses import dataclass

import numpy as np


@dataclass
class LabelLines:
    at: np.ndarray  # (n, 4): x1, y1, x2, y2 in pixels, centres at integers
    p: np.ndarray  # (n,): that it is a line; 0: it only says where there is heat
    ends: np.ndarray  # (n, 2): how far each end can be trusted as one; 0: the line may well go on
    sure: np.ndarray  # (n,): the part of p that has no heat of its own, see `targets`

    @staticmethod
    def certain(at: np.ndarray, ends: np.ndarray | None = None) -> "LabelLines":
        """Lines that are known to be there, and to end where they do unless told otherwise."""
        n = len(at)
        return LabelLines(at, np.ones(n), np.ones((n, 2)) if ends is None else ends, np.ones(n))

    def __len__(self):
        return len(self.at)

    def __getitem__(self, index) -> "LabelLines":
        return LabelLines(self.at[index], self.p[index], self.ends[index], self.sure[index])

    @property
    def likely(self) -> np.ndarray:
        """(m, 4): what validation takes for true."""
        return self.at[self.p >= 0.5]
