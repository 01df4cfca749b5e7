"""One rendered scene: a picture and the exact line segments in it."""

from dataclasses import dataclass

import cv2
import numpy as np

from .camera import Lens
from .corridors import corridor
from .facades import facade
from .hidden_lines import clip_to_frame, tidy, visible_lines
from .rasterizer import render as rasterize
from .rooms import room
from .sensor import Sensor, expose, sample_sensor

KINDS = {"room": room, "corridor": corridor, "facade": facade}


@dataclass
class Rendered:
    image: np.ndarray  # RGB uint8
    lines: np.ndarray  # (n, 4) float: x1 y1 x2 y2, pixel centres at integers


def render_scene(
    kind: str, seed: int, width=640, height=480, sensor: Sensor | None = None, supersampling=2
) -> Rendered:
    """The scene that (kind, seed) names, the same on every run; without a sensor, one is drawn with the scene."""
    rng = np.random.default_rng([seed, list(KINDS).index(kind)])
    scene, camera = KINDS[kind](rng, width, height)
    linear = rasterize(scene, camera, rng, supersampling)
    lines = clip_to_frame(tidy(visible_lines(scene, camera)), width, height)
    sensor = sensor or sample_sensor(rng)
    if sensor.distortion:
        lens = Lens(sensor.distortion, width, height)
        grid = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1).astype(float)
        linear = cv2.remap(
            linear, lens.undistort(grid).astype(np.float32), None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
        linear = np.maximum(linear, 0)
        # A line becomes an arc; its chord stands for it (the sagitta is under 2 px at the strengths drawn).
        lines = clip_to_frame(lens.distort(lines.reshape(-1, 2, 2)).reshape(-1, 4), width, height)
    lines = lines[_contrast(linear, lines) > 0.025]
    return Rendered(
        expose(linear, sensor, rng),
        lines[np.argsort(-np.hypot(lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1]), kind="stable")],
    )


def _contrast(linear: np.ndarray, lines: np.ndarray) -> np.ndarray:
    """Per line, the median over its length of the difference between its two sides, relative to the light there.

    An edge between equal surfaces in equal light is in the model but not in the picture.
    """
    t = np.linspace(0.05, 0.95, 19)[None, :, None]
    a, d = lines[:, None, :2], (lines[:, 2:] - lines[:, :2])[:, None]
    normal = np.stack([-d[..., 1], d[..., 0]], -1) / np.maximum(np.linalg.norm(d, axis=-1, keepdims=True), 1e-9)
    middle = a + t * d
    difference = np.zeros(middle.shape[:2])
    # A thin bar differs from its surroundings, not side from side: near and middle are compared too.
    samples = [_sample(linear, middle + k * normal) for k in (-2.0, -0.75, 0.75, 2.0)]
    for i in range(4):
        for j in range(i):
            gap = np.abs(samples[i] - samples[j]).max(axis=-1)
            level = 0.5 * (samples[i] + samples[j]).mean(axis=-1) + 0.02
            difference = np.maximum(difference, gap / level)
    return np.median(difference, axis=1)


def _sample(image, points):
    x = np.clip(np.round(points[..., 0]).astype(int), 0, image.shape[1] - 1)
    y = np.clip(np.round(points[..., 1]).astype(int), 0, image.shape[0] - 1)
    return image[y, x]
