"""Random views of a labelled picture: one homography for pixels and lines alike, then light and noise."""

import cv2
import numpy as np

from .scenes.hidden_lines import clipped


def squash(picture: np.ndarray, size: int) -> np.ndarray:
    """The whole picture as a square, by area averaging: what the detector feeds the network."""
    return cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA)


def squashed_lines(lines: np.ndarray, width: int, height: int, size: int) -> np.ndarray:
    scale = np.array([size / width, size / height] * 2)
    return (lines + 0.5) * scale - 0.5


def random_view(picture, lines, p, ends, size: int, rng):
    """An augmented (size, size, 3) uint8 picture with its lines, p and end confidences."""
    height, width = picture.shape[:2]
    matrix = _random_homography(width, height, size, rng)
    scale = np.sqrt(abs(np.linalg.det(matrix[:2, :2])))
    if scale < 0.75:  # averaged first, so that shrinking does not alias
        f = max(scale, 0.1)
        small = cv2.resize(picture, None, fx=f, fy=f, interpolation=cv2.INTER_AREA)
        sx, sy = small.shape[1] / width, small.shape[0] / height
        shrink = np.array([[sx, 0, 0.5 * sx - 0.5], [0, sy, 0.5 * sy - 0.5], [0, 0, 1]])
        view = cv2.warpPerspective(
            small,
            matrix @ np.linalg.inv(shrink),
            (size, size),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=(114, 114, 114),
        )
    else:
        view = cv2.warpPerspective(
            picture,
            matrix,
            (size, size),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=(114, 114, 114),
        )
    lines, p, ends = transformed(lines, p, ends, matrix, size)
    return _recoloured(view, rng), lines, p, ends


def _random_homography(width, height, size, rng):
    """Pixels of the picture to pixels of the view (both with centres at integers)."""
    unit = np.array(
        [[size / width, 0, 0.5 * size / width - 0.5], [0, size / height, 0.5 * size / height - 0.5], [0, 0, 1]]
    )
    zoom = np.exp(rng.uniform(np.log(0.8), np.log(1.5)))
    aspect = np.exp(rng.normal(0, 0.12))
    angle = np.deg2rad(rng.uniform(-12, 12)) if rng.random() < 0.35 else 0.0
    c, s = np.cos(angle), np.sin(angle)
    centre = (size - 1) / 2
    affine = np.array([[zoom * aspect * c, -zoom * s, 0], [zoom * s, zoom / aspect * c, 0], [0, 0, 1]])
    if rng.random() < 0.5:
        affine = affine @ np.diag([-1.0, 1, 1])
    if rng.random() < 0.25:
        affine = np.array([[0, -1, 0], [1, 0, 0], [0, 0, 1.0]]) @ affine
    if rng.random() < 0.3:
        tilt = np.eye(3)
        tilt[2, :2] = rng.uniform(-0.25, 0.25, 2) / size
        affine = tilt @ affine
    spare = max(zoom - 1, 0) * size / 2
    shift = rng.uniform(-spare, spare, 2) + rng.uniform(-0.05, 0.05, 2) * size
    to_origin = np.array([[1, 0, -centre], [0, 1, -centre], [0, 0, 1]])
    back = np.array([[1, 0, centre + shift[0]], [0, 1, centre + shift[1]], [0, 0, 1]])
    return back @ affine @ to_origin @ unit


def transformed(lines, p, ends, matrix, size):
    """Lines through a homography, cut at the view's frame; an end that is cut off is an end no longer."""
    if len(lines) == 0:
        return lines, p, ends
    points = np.concatenate([lines.reshape(-1, 2), np.ones((2 * len(lines), 1))], axis=1) @ matrix.T
    front = (points[:, 2] > 1e-3).reshape(-1, 2).all(axis=1)
    lines = (points[:, :2] / np.where(np.abs(points[:, 2:]) < 1e-9, 1, points[:, 2:])).reshape(-1, 4)[front]
    p, ends = p[front], ends[front]
    return framed(lines, p, ends, size, size)


def framed(lines, p, ends, width, height, shortest=3.0):
    """Lines cut at the frame of a picture, without what is left too short."""
    inside, t0, t1 = clipped(lines, width, height)
    kept = t1 > t0
    cut = np.stack([t0 > 1e-6, t1 < 1 - 1e-6], axis=1)
    p, ends = p[kept], np.where(cut, 0.0, ends)[kept]
    long = np.hypot(inside[:, 2] - inside[:, 0], inside[:, 3] - inside[:, 1]) > shortest
    return inside[long], p[long], ends[long]


def _recoloured(view, rng):
    x = view.astype(np.float32) / 255
    if rng.random() < 0.8:
        gain = rng.uniform(0.7, 1.3) * np.exp(rng.normal(0, 0.06, 3)).astype(np.float32)
        x = np.clip(x, 0, 1) ** np.float32(np.exp(rng.uniform(-0.4, 0.4))) * gain
        middle = x.mean()
        x = middle + (x - middle) * np.float32(rng.uniform(0.7, 1.3)) + np.float32(rng.uniform(-0.06, 0.06))
    if rng.random() < 0.1:
        x = np.repeat(x.mean(axis=2, keepdims=True), 3, axis=2)
    if rng.random() < 0.2:
        x = cv2.GaussianBlur(x, (0, 0), rng.uniform(0.4, 1.2))
    if rng.random() < 0.3:
        x = x + rng.uniform(0.005, 0.04) * rng.standard_normal(x.shape).astype(np.float32)
    return np.round(np.clip(x, 0, 1) * 255).astype(np.uint8)
