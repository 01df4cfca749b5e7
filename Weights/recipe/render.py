"""`render`: made scenes with exact lines, for training and validation; `fixtures`: the pictures of the test suite."""

import json
from pathlib import Path

import cv2

from . import linefiles
from .scenes.render import KINDS, Rendered, render_scene
from .scenes.sensor import Sensor

# name: (kind, seed, width, height, JPEG quality or PNG)
FIXTURES = {
    "room.png": ("room", 4, 640, 480, None),
    "facade.png": ("facade", 1, 512, 384, None),
    "corridor.png": ("corridor", 4, 501, 375, None),
    "study.jpg": ("room", 1, 320, 240, 90),
}


def render_set(folder: Path, count: int, seed: int, width: int, height: int, kinds=tuple(KINDS)):
    """`count` scenes `<kind>-<seed>.png` and `scenes.json`; what is already there is kept, so a stopped run goes on.

    Picture i depends on seed + i alone, so a longer run begins with a shorter one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        kind = kinds[i % len(kinds)]
        name = f"{kind}-{seed + i:06d}.png"
        entry = folder / f"{name}.json"
        if not entry.exists():
            scene = render_scene(kind, seed + i, width, height)
            _write_image(folder / name, scene, None)
            entry.write_text(json.dumps(linefiles.hawp_entry(name, width, height, scene.lines)))
        if (i + 1) % 50 == 0:
            print(f"{i + 1} of {count}", flush=True)
    entries = [json.loads(p.read_text()) for p in sorted(folder.glob("*.png.json"))]
    linefiles.write_hawp(folder / "scenes.json", entries)


def render_fixtures(folder: Path):
    """The pictures and exact line lists under Fixtures/."""
    folder.mkdir(parents=True, exist_ok=True)
    entries = []
    for name, (kind, seed, width, height, quality) in FIXTURES.items():
        # No noise: a PNG of noise is large. The blur is that of a good lens.
        scene = render_scene(kind, seed, width, height, Sensor(blur=0.6, noise=0.0))
        _write_image(folder / name, scene, quality)
        linefiles.write_text((folder / name).with_suffix(".txt"), scene.lines)
        entries.append(linefiles.hawp_entry(name, width, height, scene.lines))
    linefiles.write_hawp(folder / "rendered.json", entries)


def _write_image(path: Path, scene: Rendered, quality: int | None):
    options = [cv2.IMWRITE_PNG_COMPRESSION, 9] if quality is None else [cv2.IMWRITE_JPEG_QUALITY, quality]
    if not cv2.imwrite(str(path), scene.image[..., ::-1], options):
        raise OSError(f"{path}: could not be written")
