"""Facades: a row of buildings along a street, with openings, bands, cornices, balconies, trees and lamp posts."""

import numpy as np

from .camera import Camera
from .furniture import DARK, METAL, carton, door, foliage, paint, timber, window
from .rasterizer import Light
from .scene import WORLD, Frame, Material, Scene


def facade(rng, width, height) -> tuple[Scene, Camera]:
    scene = Scene(sky=True)
    street = rng.uniform(6, 11)
    scene.polygon(
        [(-60, -40, 0), (60, -40, 0), (60, 0, 0), (-60, 0, 0)],
        paint(rng, 0.2, 0.35, 0.02, "asphalt", scale=2.0),
        outline=False,
    )
    pavement = rng.uniform(1.5, 3)
    scene.box((-60, -pavement, 0), (60, 60, 0.13), paint(rng, 0.4, 0.6, 0.03, "tiles", scale=2.0), shadow=False)
    x = -rng.uniform(12, 20)
    while x < 22:
        wide = rng.uniform(5, 13)
        _building(scene, WORLD.at(x, rng.choice([0.0, 0.0, rng.uniform(0, 2)]), 0.13), wide, rng)
        x += wide + rng.choice([0.02, 0.02, rng.uniform(1.5, 4)])
    for _ in range(rng.integers(0, 4)):
        _tree(scene, WORLD.at(rng.uniform(-12, 12), -rng.uniform(0.6, pavement), 0.13), rng)
    for _ in range(rng.integers(0, 3)):
        _lamp_post(scene, WORLD.at(rng.uniform(-10, 10), -pavement + 0.3, 0.13), rng)
    for _ in range(rng.integers(0, 3)):
        carton(scene, WORLD.at(rng.uniform(-6, 6), -rng.uniform(0.5, pavement), 0.13), rng)
    azimuth, elevation = rng.uniform(-1.1, 1.1), rng.uniform(0.5, 1.1)
    sun = np.array([np.sin(azimuth) * np.cos(elevation), -np.cos(azimuth) * np.cos(elevation), np.sin(elevation)])
    power = rng.uniform(0.2, 1.6)
    scene.lights.append(Light(sun, (power, power * 0.96, power * 0.88), 0.02, sun=True))
    scene.ambient = (0.5, 0.53, 0.6)
    camera = Camera(
        np.array([rng.uniform(-5, 5), -street - rng.uniform(0, 5), rng.uniform(1.4, 2.6)]),
        rng.normal(0, 0.35),
        rng.uniform(0.0, 0.3),
        rng.normal(0, 0.015),
        np.deg2rad(rng.uniform(52, 80)),
        width,
        height,
    )
    return scene, camera


def _building(scene, frame: Frame, wide, rng):
    floors = int(rng.integers(2, 6))
    storey = rng.uniform(2.8, 3.6)
    high = floors * storey + rng.uniform(0.3, 0.9)
    walls = paint(
        rng, 0.35, 0.8, 0.08, str(rng.choice(["brick", "plaster", "stone", "plain"])), scale=rng.uniform(1.2, 2.0)
    )
    if walls.texture == "brick":
        walls = Material(
            tuple(np.array([0.5, 0.3, 0.23]) * rng.uniform(0.7, 1.3)), "brick", 1.4, seed=int(rng.integers(40))
        )
    trim = paint(rng, 0.55, 0.85, 0.04, "plaster")
    bays = max(2, round(wide / rng.uniform(1.7, 2.8)))
    bay = wide / bays
    w = bay * rng.uniform(0.4, 0.62)
    sill, h = rng.uniform(0.7, 1.0), rng.uniform(1.3, 1.8)
    entrance = int(rng.integers(bays))
    holes, doors = [], []
    for f in range(floors):
        for b in range(bays):
            x = (b + 0.5) * bay - 0.5 * w
            if f == 0 and b == entrance:
                doors.append((x, 0.0, x + min(w, 1.2), 2.3))
            else:
                holes.append((x, f * storey + sill, x + w, f * storey + sill + h))
    scene.wall(wide, high, walls, frame, holes + doors)
    deep = rng.uniform(6, 10)
    for side, yaw in ((frame.at(0, 0, 0).at(0, deep, 0, -np.pi / 2), 0), (frame.at(wide, 0, 0, np.pi / 2), 0)):
        scene.wall(deep, high, walls, side, ())
    scene.shadow_boxes.append((frame, np.array([0, 0.3, 0]), np.array([wide, deep, high])))
    style = int(rng.integers(1 << 30))
    depth = rng.uniform(0.1, 0.25)
    surround = rng.random() < 0.45
    for hole in holes:
        window(scene, frame, hole, np.random.default_rng(style), outside=True, depth=depth)
        if surround:
            _surround(scene, frame, hole, trim)
    for hole in doors:
        door(scene, frame, hole, rng)
    if rng.random() < 0.6:
        for f in range(1, floors):
            if f == 1 or style % 3 == 0:
                scene.box((0, -0.06, f * storey), (wide, 0, f * storey + 0.16), trim, frame)
    if rng.random() < 0.8:
        reach = rng.uniform(0.12, 0.45)
        scene.box((-0.05, -reach, high - 0.3), (wide + 0.05, 0, high), trim, frame)
        scene.box((-0.02, -0.5 * reach, high - 0.55), (wide + 0.02, 0, high - 0.3), trim, frame)
    if rng.random() < 0.5:
        _balconies(scene, frame, holes, storey, sill, rng)
    if rng.random() < 0.45:
        rise, back = rng.uniform(1.2, 2.5), 0.5 * deep
        tiles = Material((0.42, 0.22, 0.16) if style % 2 else (0.25, 0.26, 0.29), "roof", 2.0, seed=style % 40)
        scene.polygon(
            [(0, -0.2, high), (wide, -0.2, high), (wide, back, high + rise), (0, back, high + rise)], tiles, True, frame
        )
    if rng.random() < 0.5:
        pipe = rng.choice([0.25, wide - 0.25])
        scene.cylinder(0.05, 0, high - 0.4, METAL, frame.at(pipe, -0.08), 10, shadow=False)


def _surround(scene, frame, hole, material, width=0.12, reach=0.03):
    x0, z0, x1, z1 = hole
    for a, c, b, d in [
        (x0 - width, z0, x0, z1),
        (x1, z0, x1 + width, z1),
        (x0 - width, z1, x1 + width, z1 + 1.3 * width),
    ]:
        scene.box((a, -reach, c), (b, 0, d), material, frame, shadow=False)


def _balconies(scene, frame, holes, storey, sill, rng):
    reach, slab = rng.uniform(0.7, 1.2), paint(rng, 0.5, 0.75, 0.03, "plaster")
    solid = rng.random() < 0.4
    for x0, z0, x1, _ in holes:
        if z0 < storey or rng.random() < 0.5:
            continue
        z = z0 - sill
        a, b = x0 - 0.3, x1 + 0.3
        scene.box((a, -reach, z - 0.15), (b, 0, z), slab, frame)
        if solid:
            scene.box((a, -reach, z), (b, -reach + 0.08, z + 0.95), slab, frame)
            continue
        scene.box((a, -reach, z + 0.95), (b, -reach + 0.05, z + 1.0), DARK, frame)
        for x in np.arange(a, b, 0.16):
            # Railing bars hide what is behind them; too thin and too many to be lines.
            scene.box(
                (x, -reach + 0.01, z), (x + 0.02, -reach + 0.03, z + 0.95), DARK, frame, outline=False, shadow=False
            )


def _tree(scene, frame, rng):
    trunk = rng.uniform(1.8, 3.2)
    scene.cylinder(rng.uniform(0.1, 0.2), 0, trunk + 0.5, timber(rng, "plaster"), frame, 10, 0.08)
    radius = rng.uniform(0.9, 1.7)
    foliage(scene, frame.at(0, 0, trunk + 0.8 * radius), rng, radius, radius, 200, 0.35)


def _lamp_post(scene, frame, rng):
    high = rng.uniform(3.5, 6)
    scene.cylinder(0.07, 0, high, DARK, frame, 10, 0.05, shadow=False)
    scene.box((-0.15, -0.15, high), (0.15, 0.15, high + 0.35), DARK, frame)
