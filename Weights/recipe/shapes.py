"""Drawn shapes on plain ground: what photographs of rooms do not show, and diagrams, documents and toys do. Every line is
exact; circles and writing are there to be no lines."""

import cv2
import numpy as np

from .labellines import LabelLines

KINDS_ALONE = 0.8, 0.1, 0.05, 0.05, 0.0  # filled, outlined, lattice, round, writing
KINDS_AMONG = 0.45, 0.2, 0.2, 0.1, 0.05
FINE = 3  # drawn so many times larger, then averaged: edges to a part of a pixel


def draw_some_small(size: int, rng) -> tuple[np.ndarray, LabelLines]:
    """`draw` at `size`, or at a half or a quarter of it, so that some come out as soft as a small picture does."""
    return draw(size // int(rng.choice([1, 1, 1, 2, 4])), rng)


def draw(size: int, rng) -> tuple[np.ndarray, LabelLines]:
    """An RGB uint8 picture (size, size, 3), and its lines. Each shape has a square of a grid to itself, so that none hides
    another."""
    ground = rng.uniform(0, 255, 3)
    slope = rng.uniform(-0.25, 0.25, (2, 3)) * 255 * (rng.random() < 0.3)
    ramp = np.linspace(-0.5, 0.5, size)
    picture = np.clip(ground + ramp[:, None, None] * slope[0] + ramp[None, :, None] * slope[1], 0, 255)
    picture = cv2.resize(picture.astype(np.uint8), None, fx=FINE, fy=FINE, interpolation=cv2.INTER_NEAREST)
    lines = []
    parts = int(rng.choice([1, 2, 3, 4], p=[0.5, 0.25, 0.15, 0.1]))
    side = size / parts
    for row in range(parts):
        for column in range(parts):
            if parts == 1 or rng.random() < 0.8:
                colour = _apart_from(ground, rng)
                corner = np.array([column, row]) * side
                kind = rng.choice(
                    [_filled, _outlined, _lattice, _round, _writing], p=KINDS_ALONE if parts == 1 else KINDS_AMONG
                )
                lines += kind(picture, corner + 0.08 * side, 0.84 * side, colour, rng)
    picture = cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA)
    return picture, LabelLines.certain(np.array(lines, float).reshape(-1, 4))


def _apart_from(ground, rng):
    """A colour whose grey is at least 25 levels from the ground's."""
    while True:
        colour = rng.uniform(0, 255, 3)
        if abs((colour - ground) @ [0.299, 0.587, 0.114]) > 25:
            return colour


def _fine(points):
    """Pixels to those of the large picture, all with centres at integers."""
    return np.round((np.asarray(points) + 0.5) * FINE - 0.5).astype(np.int32)


def _polygon(corner, side, rng):
    """A rectangle, level or turned, or a convex polygon, within a square."""
    if rng.random() < 0.7:
        half = side / 2 * rng.uniform(0.35, 1, 2)
        points = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
        turn = 0.0 if rng.random() < 0.6 else rng.uniform(0, np.pi)
        if turn:
            points *= 0.7
    else:
        count = int(rng.integers(3, 7))
        angles = 2 * np.pi * (np.arange(count) + rng.uniform(-0.3, 0.3, count)) / count
        points = np.stack([np.cos(angles), np.sin(angles)], axis=1) * side / 2 * rng.uniform(0.6, 1)
        turn = rng.uniform(0, 2 * np.pi)
    c, s = np.cos(turn), np.sin(turn)
    return points @ np.array([[c, s], [-s, c]]) + corner + side / 2


def _sides(points):
    return [[*a, *b] for a, b in zip(points, np.roll(points, -1, axis=0))]


def _filled(picture, corner, side, colour, rng):
    points = _polygon(corner, side, rng)
    cv2.fillPoly(picture, [_fine(points)], colour)
    return _sides(points)


def _stroke(rng):
    return int(FINE * rng.uniform(1, 3.5))


def _outlined(picture, corner, side, colour, rng):
    points = _polygon(corner, side, rng)
    cv2.polylines(picture, [_fine(points)], True, colour, _stroke(rng))
    return _sides(points)


def _lattice(picture, corner, side, colour, rng):
    """Lines that pass one another, as in a table or a window."""
    columns, rows = rng.integers(1, 6, 2)
    xs = corner[0] + side * np.linspace(0, 1, columns + 1)
    ys = corner[1] + side * np.linspace(0, 1, rows + 1)
    lines = [[x, ys[0], x, ys[-1]] for x in xs] + [[xs[0], y, xs[-1], y] for y in ys]
    width = _stroke(rng)
    for line in lines:
        a, b = _fine(np.reshape(line, (2, 2))).tolist()
        cv2.line(picture, a, b, colour, width)
    return lines


def _round(picture, corner, side, colour, rng):
    centre = _fine(corner + side / 2).tolist()
    axes = (FINE * side / 2 * rng.uniform(0.3, 1, 2)).astype(int).tolist()
    cv2.ellipse(picture, centre, axes, rng.uniform(0, 180), 0, 360, colour, -1 if rng.random() < 0.5 else _stroke(rng))
    return []


def _writing(picture, corner, side, colour, rng):
    scale = FINE * rng.uniform(0.3, 0.6)
    for y in np.arange(0.2, 0.95, 0.2):
        text = "".join(chr(c) for c in rng.integers(97, 123, 12))
        cv2.putText(
            picture, text, _fine(corner + [0, y * side]).tolist(), cv2.FONT_HERSHEY_SIMPLEX, scale, colour, FINE
        )
    return []
