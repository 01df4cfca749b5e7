"""Views of a photograph through random homographies, and what the detector finds in pictures."""

import subprocess
import tempfile
import zlib
from pathlib import Path

import cv2
import numpy as np

from .augment import random_homography, warped


def views_of(picture: np.ndarray, name: str, count: int, seed: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """A photograph and `count` - 1 views of it, all of its size, and the homographies of its pixels to theirs: the same
    whenever name and seed are."""
    size = picture.shape[1::-1]
    rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
    matrices = [random_homography(*size, size, rng) for _ in range(count - 1)]
    return [picture, *(warped(picture, matrix, size) for matrix in matrices)], [np.eye(3), *matrices]


def detected(lsdnet: Path, pictures: dict[str, np.ndarray], *options) -> dict[str, np.ndarray]:
    """Segments and scores (n, 5) of RGB pictures by name, the detector run once with `options` of `lsdnet detect`."""
    with tempfile.TemporaryDirectory() as scratch:
        shown, found = Path(scratch) / "pictures", Path(scratch) / "segments"
        shown.mkdir()
        for name, picture in pictures.items():
            cv2.imwrite(str(shown / f"{name}.png"), picture[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 1])
        subprocess.run([lsdnet, "detect", shown, "-o", f"{found}/", *options, "--quiet"], check=True)
        return {name: np.array((found / f"{name}.txt").read_text().split(), float).reshape(-1, 5) for name in pictures}
