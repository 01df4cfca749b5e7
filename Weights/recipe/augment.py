"""Random views of a labelled picture: one homography for pixels and lines alike, then light and noise."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from .labellines import LabelLines
from .scenes.hidden_lines import clipped

BORDER = 114  # the grey around a picture
SHRUNK = 0.75  # pictures that a view shows smaller are averaged, so that shrinking does not alias


@dataclass(frozen=True)
class Light:
    """What becomes of a view's colours, on [0, 1], in this order; as it is by default."""

    gamma: float = 1.0
    gain: tuple = (1.0, 1.0, 1.0)
    contrast: float = 1.0  # about the mean
    shift: float = 0.0
    grey: bool = False
    blur: float = 0.0  # standard deviations, in pixels and in brightness
    noise: float = 0.0

    @staticmethod
    def random(rng) -> "Light":
        light = {}
        if rng.random() < 0.8:
            light["gain"] = tuple(rng.uniform(0.7, 1.3) * np.exp(rng.normal(0, 0.06, 3)))
            light["gamma"] = np.exp(rng.uniform(-0.4, 0.4))
            light["contrast"], light["shift"] = rng.uniform(0.7, 1.3), rng.uniform(-0.06, 0.06)
        if rng.random() < 0.1:
            light["grey"] = True
        if rng.random() < 0.2:
            light["blur"] = rng.uniform(0.4, 1.2)
        if rng.random() < 0.3:
            light["noise"] = rng.uniform(0.005, 0.04)
        return Light(**light)


def input_size(width: int, height: int, side: int, multiple: int = 32) -> tuple[int, int]:
    """Width and height that the detector brings a picture to: about as many pixels as a square of `side`, the aspect
    ratio kept up to rounding, and up to 3:1 (`InputPolicy.Size.area`)."""
    stretch = np.sqrt(np.clip(width / height, 1 / 3, 3))
    return tuple(multiple * max(1, int(s / multiple + 0.5)) for s in (side * stretch, side / stretch))


def whole(picture: np.ndarray, lines: LabelLines, size: tuple[int, int]):
    """The whole picture at `size`, as the detector feeds the network; its lines, and the homography from the picture's
    pixels to its own."""
    height, width = picture.shape[:2]
    matrix = _scaling(size[0] / width, size[1] / height)
    # Means over areas along an axis that shrinks, linear along one that grows (`ResamplingFilter.area`).
    for wide, high, grows in ((size[0], height, size[0] > width), (size[0], size[1], size[1] > height)):
        picture = cv2.resize(picture, (wide, high), interpolation=cv2.INTER_LINEAR if grows else cv2.INTER_AREA)
    return picture, transformed(lines, matrix, size), matrix


def _scaling(x: float, y: float) -> np.ndarray:
    """Pixels of a picture to those of the picture resized, all with centres at integers."""
    return np.array([[x, 0, 0.5 * x - 0.5], [0, y, 0.5 * y - 0.5], [0, 0, 1]])


def random_view(picture, lines: LabelLines, size: tuple[int, int], rng, drawn=False):
    """An augmented picture of `size` (width, height), its lines, and the homography from the picture's pixels to its own.
    One that was `drawn` may keep its hard edges."""
    height, width = picture.shape[:2]
    matrix = random_homography(width, height, size, rng)
    interpolation = cv2.INTER_NEAREST if drawn and keeps_steps(matrix, rng) else cv2.INTER_LINEAR
    view = warped(picture, matrix, size, interpolation)
    return _recoloured(view, Light.random(rng), rng), transformed(lines, matrix, size), matrix


def warped(
    picture: np.ndarray, matrix: np.ndarray, size: tuple[int, int], interpolation=cv2.INTER_LINEAR
) -> np.ndarray:
    """The picture through a homography of its pixels to those of the view, of `size` (width, height); grey around it."""
    height, width = picture.shape[:2]
    if zoom(matrix) < SHRUNK:
        f = max(zoom(matrix), 0.1)
        picture = cv2.resize(picture, None, fx=f, fy=f, interpolation=cv2.INTER_AREA)
        matrix = matrix @ np.linalg.inv(_scaling(picture.shape[1] / width, picture.shape[0] / height))
    return cv2.warpPerspective(
        picture, matrix, size, flags=interpolation, borderMode=cv2.BORDER_CONSTANT, borderValue=(BORDER,) * 3
    )


def warped_heat(heat: np.ndarray, width: int, height: int, matrix: np.ndarray, size, stride: int) -> np.ndarray:
    """Heat (any grid over a `width` x `height` picture) in the cells of a view of `size` (width, height), float32 in
    [0, 1]; `matrix` is the view's homography."""
    cells = (size[0] // stride, size[1] // stride)
    to_cells = heat_homography(heat.shape[1] / width, heat.shape[0] / height, matrix, stride)
    return cv2.warpPerspective(heat, to_cells, cells, flags=cv2.INTER_LINEAR).astype(np.float32) / 255


def zoom(matrix: np.ndarray) -> float:
    """Pixels of the view, along a side, for one of the picture."""
    return np.sqrt(abs(np.linalg.det(matrix[:2, :2])))


def keeps_steps(matrix: np.ndarray, rng) -> bool:
    """Whether a view of a drawing takes it pixel by pixel: half of them, if not much enlarged. What interpolates has no step
    from one pixel to the next, as drawings have and photographs have not."""
    return zoom(matrix) < 2 and rng.random() < 0.5


def heat_homography(x: float, y: float, matrix: np.ndarray, stride: int) -> np.ndarray:
    """Pixels of heat, `x` and `y` for one of the picture, to cells of the view that `matrix` makes."""
    return _scaling(1 / stride, 1 / stride) @ matrix @ _scaling(1 / x, 1 / y)


def random_homography(width, height, size, rng):
    """Pixels of the picture to pixels of the view (both with centres at integers)."""
    # A scale of 1 has as many pixels as the view; the aspect ratio is the picture's own, more or less, as the detector's is.
    scale = np.sqrt(size[0] * size[1] / (width * height)) * np.exp(rng.uniform(np.log(0.8), np.log(1.5)))
    aspect = np.exp(rng.normal(0, 0.12))
    angle = np.deg2rad(rng.uniform(-12, 12)) if rng.random() < 0.35 else 0.0
    c, s = np.cos(angle), np.sin(angle)
    affine = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]) @ np.diag([scale * aspect, scale / aspect, 1])
    if rng.random() < 0.5:
        affine = affine @ np.diag([-1.0, 1, 1])
    if rng.random() < 0.25:
        affine = np.array([[0, -1, 0], [1, 0, 0], [0, 0, 1.0]]) @ affine
    if rng.random() < 0.3:
        tilt = np.eye(3)
        tilt[2, :2] = rng.uniform(-0.25, 0.25, 2) / size
        affine = tilt @ affine
    # Any part of what does not fit into the view.
    spare = np.maximum(np.abs(affine[:2, :2]) @ [width, height] - size, 0) / 2
    shift = rng.uniform(-spare, spare) + rng.uniform(-0.05, 0.05, 2) * size
    return _moving((np.array(size) - 1) / 2 + shift) @ affine @ _moving([(1 - width) / 2, (1 - height) / 2])


def _moving(by) -> np.ndarray:
    return np.array([[1, 0, by[0]], [0, 1, by[1]], [0, 0, 1]])


def lifted(matrix, points: np.ndarray) -> np.ndarray:
    """Points (..., 2) through a homography, in homogeneous coordinates (..., 3)."""
    return np.concatenate([points, np.ones((*points.shape[:-1], 1))], axis=-1) @ matrix.T


def transformed(lines: LabelLines, matrix, size: tuple[int, int]) -> LabelLines:
    """Lines through a homography, cut at the view's frame; an end that is cut off is an end no longer."""
    if len(lines) == 0:
        return lines
    points = lifted(matrix, lines.at.reshape(-1, 2))
    front = (points[:, 2] > 1e-3).reshape(-1, 2).all(axis=1)
    at = (points[:, :2] / np.where(np.abs(points[:, 2:]) < 1e-9, 1, points[:, 2:])).reshape(-1, 4)
    return framed(replace(lines, at=at)[front], *size)


def framed(lines: LabelLines, width, height, shortest=3.0) -> LabelLines:
    """Lines cut at the frame of a picture, without what is left too short."""
    inside, t0, t1 = clipped(lines.at, width, height)
    kept = t1 > t0
    cut = np.stack([t0 > 1e-6, t1 < 1 - 1e-6], axis=1)
    lines = replace(lines, ends=np.where(cut, 0.0, lines.ends))[kept]
    long = np.hypot(inside[:, 2] - inside[:, 0], inside[:, 3] - inside[:, 1]) > shortest
    return replace(lines, at=inside)[long]


def _recoloured(view, light: Light, rng):
    curve = (np.arange(256)[:, None] / 255) ** light.gamma * np.array(light.gain)
    # The contrast is changed about the mean, which a sample of the pixels tells.
    middle = np.take_along_axis(curve, view[::8, ::8].reshape(-1, 3), axis=0).mean()
    view = cv2.LUT(view, _bytes(middle + (curve - middle) * light.contrast + light.shift)[None])
    if light.grey:
        view = np.repeat(_bytes(view.mean(axis=2, keepdims=True) / 255), 3, axis=2)
    if light.blur > 0:
        view = cv2.GaussianBlur(view, (0, 0), light.blur)
    if light.noise > 0:
        view = _bytes(
            view * np.float32(1 / 255) + np.float32(light.noise) * rng.standard_normal(view.shape, np.float32)
        )
    return view


def _bytes(x):
    return np.round(np.clip(x, 0, 1) * 255).astype(np.uint8)
