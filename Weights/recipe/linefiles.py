"""Line lists on disk: text (`x1 y1 x2 y2` a line) and HAWP JSON, both in pixels with centres at integers."""

import json
from pathlib import Path

import numpy as np


def write_text(path: Path, lines: np.ndarray):
    path.write_text("".join("{:.3f} {:.3f} {:.3f} {:.3f}\n".format(*line) for line in lines))


def hawp_entry(filename: str, width: int, height: int, lines: np.ndarray) -> dict:
    return {"filename": filename, "width": width, "height": height, "lines": np.round(lines, 3).tolist()}


def write_hawp(path: Path, entries: list[dict]):
    rows = ",\n".join(json.dumps(entry) for entry in sorted(entries, key=lambda e: e["filename"]))
    path.write_text(f"[\n{rows}\n]\n")


def read_entry(path: Path) -> dict:
    """One entry in a file of its own, `lines` as an array (n, 4)."""
    entry = json.loads(path.read_text())
    return entry | {"lines": np.asarray(entry["lines"], float).reshape(-1, 4)}
