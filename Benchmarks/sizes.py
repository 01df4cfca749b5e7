"""Times lsdnet over sizes of one photograph: how time and memory grow with the pixels."""

import subprocess
import tempfile
from pathlib import Path

from PIL import Image

SIZES = [
    (160, 120), (320, 240), (640, 480), (1280, 960), (1632, 1224), (2832, 2124), (4000, 3000), (5664, 4248),
]


def measure(bench, photograph, rounds):
    """One record a size, smallest first: milliseconds of each stage and memory, on one thread.

    `bench(path, options)` runs `lsdnet bench` in a process of its own and returns its JSON. Each size is taken
    `rounds` times, the one after the other, and the medians of the quickest run are kept: whatever else the machine
    does only slows a run.
    """
    records = []
    with tempfile.TemporaryDirectory() as folder, Image.open(photograph) as image:
        image = image.convert("RGB")
        for width, height in SIZES:
            path = Path(folder) / f"{width}x{height}.jpg"
            image.resize((width, height), Image.Resampling.LANCZOS).save(path, quality=92)
            frames = max(5, min(50, 20_000_000 // (width * height)))
            runs = [bench(path, ["--frames", str(frames)]) for _ in range(rounds)]
            best = min(runs, key=lambda run: run["median_ms"]["total"])
            records.append(
                {
                    "width": width,
                    "height": height,
                    "median_ms": best["median_ms"],
                    "startup_ms": min(run["startup_ms"] for run in runs),
                    "resident_mb": best["resident_mb"],
                }
            )
            path.unlink()
    return records
