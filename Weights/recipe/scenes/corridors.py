"""Corridors and halls: long rooms with doors on both sides, lamps overhead and, in some, columns."""

import numpy as np

from .camera import Camera
from .furniture import DARK, cabinet, carton, door, paint, picture_frame, plant, timber, window
from .rasterizer import Light
from .rooms import _walls
from .scene import WORLD, Material, Scene


def corridor(rng, width, height) -> tuple[Scene, Camera]:
    scene = Scene()
    hall = rng.random() < 0.3
    wide = rng.uniform(5, 9) if hall else rng.uniform(1.7, 3.2)
    deep, high = rng.uniform(9, 24), rng.uniform(3.2, 5) if hall else rng.uniform(2.4, 3.2)
    floor = paint(
        rng,
        0.25,
        0.7,
        0.05,
        str(rng.choice(["tiles", "marble", "carpet", "checker", "plain"])),
        scale=rng.uniform(1.2, 2.4),
        gloss=0.3,
    )
    if rng.random() < 0.2:
        floor = timber(rng, "planks", 1.2)
    scene.polygon([(0, 0, 0), (wide, 0, 0), (wide, deep, 0), (0, deep, 0)], floor, outline=False)
    scene.polygon(
        [(0, deep, high), (wide, deep, high), (wide, 0, high), (0, 0, high)],
        paint(rng, 0.75, 0.92, 0.02, str(rng.choice(["plain", "tiles"])), scale=2.4),
        outline=False,
    )
    material = paint(
        rng, 0.5, 0.88, 0.05, str(rng.choice(["plain", "plaster", "brick"], p=[0.4, 0.45, 0.15])), scale=1.5
    )
    dado = paint(rng, 0.3, 0.7, 0.1) if rng.random() < 0.35 else None
    pitch = rng.uniform(1.8, 3.6)
    for index, (frame, length) in enumerate(_walls(wide, deep)):
        holes, fill = [], []
        if index in (1, 2):
            windows = rng.random() < 0.25
            start = rng.uniform(0.4, 1.5)
            for x in np.arange(start, length - 1.4, pitch):
                w = rng.uniform(1.0, min(1.6, pitch - 0.6)) if windows else 0.95
                hole = (x, 0.9, x + w, high - 0.4) if windows else (x, 0.0, x + w, 2.1)
                holes.append(hole)
                fill.append(("window" if windows else "door", hole))
        elif index == 0:
            w = min(wide - 0.5, rng.uniform(0.9, 1.8))
            x = 0.5 * (wide - w)
            hole = (x, 0.0, x + w, 2.1) if rng.random() < 0.6 else (x, 0.9, x + w, high - 0.5)
            holes.append(hole)
            fill.append(("door" if hole[1] == 0 else "window", hole))
        scene.wall(length, high, material, frame, holes)
        style = int(rng.integers(1 << 30))
        for what, hole in fill:
            # One style of door for the whole corridor.
            (door if what == "door" else window)(scene, frame, hole, np.random.default_rng(style))
        doors = sorted((h[0], h[2]) for h in holes if h[1] == 0)
        ends = [0.0, *(e for d in doors for e in (d[0] - 0.12, d[1] + 0.12)), length]
        for a, b in zip(ends[::2], ends[1::2]):
            if b - a < 0.1:
                continue
            scene.box((a, -0.015, 0), (b, 0, 0.1), paint(np.random.default_rng(style), 0.2, 0.8), frame, shadow=False)
            if dado and index != 3:
                scene.box((a, -0.012, 0.95), (b, 0, 1.05), dado, frame, shadow=False)
            if index in (1, 2) and b - a > 1.0 and rng.random() < 0.3:
                if wide > 2.4 and rng.random() < 0.5:
                    cabinet(scene, frame.at(a + 0.1, -0.45), b - a - 0.2, 0.43, rng.uniform(0.8, 1.9), rng)
                else:
                    picture_frame(scene, frame, a + 0.15, 1.3, rng)
    for y in np.arange(1.0, deep - 0.8, rng.uniform(1.8, 3.5)):
        lamp = Material((0.97, 0.97, 0.93), emission=1.3)
        scene.box((0.5 * wide - 0.3, y, high - 0.05), (0.5 * wide + 0.3, y + 0.9, high), lamp, shadow=False)
        if len(scene.lights) < 4:
            scene.lights.append(
                Light(np.array([0.5 * wide, y + 2.2 * len(scene.lights), high - 0.3]), (1.6, 1.6, 1.5), 0.3)
            )
    if hall:
        for y in np.arange(2.5, deep - 1, rng.uniform(2.5, 4)):
            for x in (0.22 * wide, 0.78 * wide):
                column = paint(np.random.default_rng(7), 0.6, 0.8, 0.03, "marble")
                if pitch < 2.7:
                    scene.cylinder(0.25, 0, high, column, WORLD.at(x, y), 24)
                else:
                    scene.box((x - 0.22, y - 0.22, 0), (x + 0.22, y + 0.22, high), column)
                scene.box((x - 0.33, y - 0.33, 0), (x + 0.33, y + 0.33, 0.2), column)
                scene.box((x - 0.33, y - 0.33, high - 0.25), (x + 0.33, y + 0.33, high), column)
    if rng.random() < 0.4:
        scene.box((0.12, 0, high - 0.35), (0.3, deep, high - 0.2), paint(rng, 0.3, 0.7), shadow=False)  # a duct
    for _ in range(rng.integers(0, 4)):
        at = WORLD.at(wide * rng.choice([0.12, 0.8]), rng.uniform(0.35, 0.9) * deep)
        (plant if rng.random() < 0.4 else carton)(scene, at, rng)
    if rng.random() < 0.5:
        scene.box(
            (0.5 * wide - 0.2, 0.45 * deep, high - 0.45), (0.5 * wide + 0.2, 0.45 * deep + 0.03, high - 0.25), DARK
        )
    scene.ambient = tuple(rng.uniform(0.25, 0.45) * np.ones(3))
    camera = Camera(
        np.array([wide * rng.uniform(0.3, 0.7), rng.uniform(0.3, 1.2), rng.uniform(1.2, 1.8)]),
        rng.normal(0, 0.16),
        rng.normal(-0.03, 0.05),
        rng.normal(0, 0.012),
        np.deg2rad(rng.uniform(50, 82)),
        width,
        height,
    )
    return scene, camera
