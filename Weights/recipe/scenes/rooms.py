"""Rooms: a box seen from inside, with openings, furniture along the walls and things on the floor."""

import numpy as np

from .camera import Camera
from .furniture import (
    bed,
    bookshelf,
    cabinet,
    carton,
    chair,
    curtains,
    door,
    kitchen,
    lamp,
    paint,
    picture_frame,
    plant,
    pot,
    rug,
    screen,
    sofa,
    table,
    timber,
    window,
)
from .rasterizer import Light
from .scene import WORLD, Frame, Material, Scene


def room(rng, width, height) -> tuple[Scene, Camera]:
    scene = Scene()
    wide, deep, high = rng.uniform(3.2, 6.5), rng.uniform(3.5, 7), rng.uniform(2.4, 3.1)
    walls = _walls(wide, deep)
    plaster = paint(rng, 0.55, 0.88, 0.05, str(rng.choice(["plain", "plaster", "wallpaper"])), scale=2.0)
    _floor_and_ceiling(scene, wide, deep, high, rng)
    skirting = paint(rng, 0.75, 0.9, 0.02) if rng.random() < 0.7 else None
    camera = _camera(wide, deep, high, rng, width, height)
    kind = rng.choice(["bedroom", "living", "kitchen", "dining", "study"])
    for index, (frame, length) in enumerate(walls):
        material = plaster if index or rng.random() < 0.7 else paint(rng, 0.3, 0.8, 0.1, "plaster", scale=2.0)
        holes, fill = [], []
        used = []  # (x0, x1) taken along the wall
        if rng.random() < (0.75 if index < 3 else 0.2):
            w, z0 = rng.uniform(0.8, min(2.4, length - 1.2)), rng.uniform(0.5, 1.1)
            x = rng.uniform(0.5, length - w - 0.5)
            hole = (x, z0, x + w, min(z0 + rng.uniform(1.0, 1.6), high - 0.25))
            holes.append(hole)
            fill.append(("window", hole))
        if rng.random() < 0.45:
            w = rng.uniform(0.75, 1.0)
            for _ in range(8):
                x = rng.uniform(0.3, length - w - 0.3)
                if all(x + w + 0.35 < h[0] or x > h[2] + 0.35 for h in holes):
                    hole = (x, 0.0, x + w, rng.uniform(1.95, 2.15))
                    holes.append(hole)
                    fill.append(("door", hole))
                    used.append((x - 0.2, x + w + 0.2))
                    break
        scene.wall(length, high, material, frame, holes)
        for what, hole in fill:
            if what == "window":
                window(scene, frame, hole, rng)
                if rng.random() < 0.4:
                    curtains(scene, frame, hole, rng)
                _daylight(scene, frame, hole, rng)
            else:
                door(scene, frame, hole, rng)
        if skirting:
            ends = [0.0, *(x for u in sorted(used) for x in (u[0] + 0.1, u[1] - 0.1)), length]
            for a, b in zip(ends[::2], ends[1::2]):
                if b - a > 0.05:
                    scene.box((a, -0.015, 0), (b, 0, 0.09), skirting, frame, shadow=False)
        _against(scene, frame, length, high, rng, kind, used, holes, camera)
    _in_the_middle(scene, wide, deep, rng, kind, camera)
    lamp_at = np.array([wide * rng.uniform(0.35, 0.65), deep * rng.uniform(0.35, 0.7), high - 0.3])
    if rng.random() < 0.7:
        power = rng.uniform(1.0, 3.0)
        scene.lights.append(Light(lamp_at, (power, power * 0.93, power * 0.82), 0.12))
        scene.cylinder(
            0.18,
            high - 0.1,
            high,
            Material((0.95, 0.93, 0.85), emission=1.2),
            WORLD.at(lamp_at[0], lamp_at[1]),
            16,
            shadow=False,
        )
    scene.ambient = tuple(rng.uniform(0.25, 0.5) * np.array([1.0, 1.0, 1.04]))
    return scene, camera


def _walls(wide, deep):
    """Back, left, right and front wall: frames whose -y side is the room, and lengths."""
    return [
        (Frame(np.array([0, deep, 0.0]), 0.0), wide),
        (Frame(np.array([0, 0, 0.0]), np.pi / 2), deep),
        (Frame(np.array([wide, deep, 0.0]), -np.pi / 2), deep),
        (Frame(np.array([wide, 0, 0.0]), np.pi), wide),
    ]


def _floor_and_ceiling(scene, wide, deep, high, rng):
    style = rng.choice(["planks", "tiles", "carpet", "checker", "marble"], p=[0.45, 0.2, 0.2, 0.05, 0.1])
    if style == "planks":
        floor = timber(rng, "planks", rng.uniform(0.9, 1.6))
    else:
        floor = paint(rng, 0.25, 0.75, 0.06, str(style), scale=rng.uniform(1.0, 2.4), gloss=0.1)
    scene.polygon([(0, 0, 0), (wide, 0, 0), (wide, deep, 0), (0, deep, 0)], floor, outline=False)
    ceiling = paint(rng, 0.8, 0.93, 0.015)
    scene.polygon([(0, deep, high), (wide, deep, high), (wide, 0, high), (0, 0, high)], ceiling, outline=False)


def _camera(wide, deep, high, rng, width, height):
    """Near the front wall, looking into the room."""
    x = rng.uniform(0.2, 0.8) * wide
    y = rng.uniform(0.06, 0.22) * deep
    target = np.array([rng.uniform(0.15, 0.85) * wide, deep * rng.uniform(0.7, 1.0)])
    yaw = np.arctan2(-(target[0] - x), target[1] - y)
    return Camera(
        np.array([x, y, rng.uniform(1.1, min(1.9, high - 0.5))]),
        yaw,
        rng.normal(-0.08, 0.07),
        rng.normal(0, 0.012),
        np.deg2rad(rng.uniform(58, 88)),
        width,
        height,
    )


def _daylight(scene, frame, hole, rng):
    if len(scene.lights) >= 2:
        return
    x, z = 0.5 * (hole[0] + hole[2]), 0.5 * (hole[1] + hole[3])
    power = rng.uniform(1.2, 3.0)
    scene.lights.append(Light(frame.world([x, -0.25, z]), (power, power, power * 1.05), 0.35))


def _free(used, x0, x1):
    return all(x1 < a or x0 > b for a, b in used)


def _clear(camera, frame, x0, x1, depth):
    """Keeps furniture out of the camera's face."""
    corners = frame.world([(x0, 0, 0), (x1, 0, 0), (x0, -depth, 0), (x1, -depth, 0)])[:, :2]
    low, high = corners.min(axis=0), corners.max(axis=0)
    nearest = np.clip(camera.position[:2], low, high)
    return np.hypot(*(nearest - camera.position[:2])) > 0.9


def _against(scene, frame, length, high, rng, kind, used, holes, camera):
    choices = {
        "bedroom": ["bed", "wardrobe", "chest", "shelf", "plant", "bed"],
        "living": ["sofa", "shelf", "chest", "plant", "lamp", "screen"],
        "kitchen": ["kitchen", "kitchen", "fridge", "chest"],
        "dining": ["chest", "shelf", "plant", "sideboard"],
        "study": ["desk", "shelf", "shelf", "chest", "lamp"],
    }[kind]
    for _ in range(rng.integers(2, 6)):
        what = rng.choice(choices)
        w = {
            "bed": 1.9,
            "sofa": 2.4,
            "kitchen": rng.uniform(1.6, 3.0),
            "wardrobe": rng.uniform(0.9, 2.0),
            "shelf": rng.uniform(0.6, 1.4),
            "desk": rng.uniform(1.1, 1.6),
            "sideboard": 1.6,
            "fridge": 0.65,
            "plant": 0.6,
            "lamp": 0.5,
            "screen": 1.6,
            "chest": rng.uniform(0.5, 1.2),
        }[what]
        d = {"bed": 2.1, "sofa": 1.0, "kitchen": 0.65, "desk": 1.1}.get(what, 0.6)
        if w > length - 0.7:
            continue
        x = rng.uniform(0.02, length - w - 0.62)
        tall = what in ("wardrobe", "shelf", "fridge", "kitchen")
        taken = used + ([(h[0], h[2]) for h in holes] if tall else [])
        if not _free(taken, x, x + w) or not _clear(camera, frame, x, x + w, d):
            continue
        used.append((x, x + w + 0.05))
        _place(scene, frame, what, x, w, high, rng)
    if rng.random() < 0.6:
        x = rng.uniform(0.3, length - 1.4)
        if _free([(h[0] - 0.2, h[2] + 0.2) for h in holes] + used, x, x + 1.1):
            picture_frame(scene, frame, x, rng.uniform(1.2, 1.5), rng)


def _place(scene, frame, what, x, w, high, rng):
    if what == "bed":
        bed(scene, frame.at(x + 0.05, -2.08), rng, w - 0.2)
    elif what == "sofa":
        sofa(scene, frame.at(x, -0.98), rng)
        if rng.random() < 0.6:
            table(scene, frame.at(x + 0.5, -2.0), 1.0, 0.55, 0.42, rng)
    elif what == "wardrobe":
        cabinet(scene, frame.at(x, -0.58), w, 0.58, rng.uniform(1.8, min(2.3, high - 0.1)), rng)
    elif what == "shelf":
        depth = 0.37
        bookshelf(scene, frame.at(x, -depth), w, rng.uniform(1.2, 2.1), rng)
    elif what == "chest":
        h = rng.uniform(0.5, 1.0)
        cabinet(scene, frame.at(x, -0.46), w, 0.46, h, rng)
        for _ in range(rng.integers(0, 3)):
            pot(scene, frame.at(x + rng.uniform(0.1, w - 0.1), -rng.uniform(0.12, 0.34), h), rng)
    elif what == "sideboard":
        cabinet(scene, frame.at(x, -0.46), w, 0.46, 0.8, rng, columns=3)
    elif what == "kitchen":
        kitchen(scene, frame.at(x, 0), w, rng)
    elif what == "fridge":
        cabinet(
            scene,
            frame.at(x, -0.62),
            0.62,
            0.6,
            rng.uniform(1.5, 1.9),
            rng,
            paint(rng, 0.6, 0.92, 0.01, gloss=0.3),
            0.0,
            1,
            2,
        )
    elif what == "desk":
        table(scene, frame.at(x, -0.68), w, 0.65, 0.74, rng)
        chair(scene, frame.at(x + 0.4, -0.75, 0, np.pi).at(-0.4, 0), rng)
        screen(scene, frame.at(0, -0.15), x + 0.25, 0.8, rng)
    elif what == "plant":
        plant(scene, frame.at(x + 0.3, -0.35), rng)
    elif what == "lamp":
        lamp(scene, frame.at(x + 0.25, -0.3), rng)
    elif what == "screen":
        cabinet(scene, frame.at(x, -0.42), 1.5, 0.4, 0.5, rng, rows=1)
        screen(scene, frame, x + 0.1, 0.75, rng)


def _in_the_middle(scene, wide, deep, rng, kind, camera):
    if rng.random() < 0.4:
        w, d = rng.uniform(0.3, 0.55, 2) * [wide, deep]
        rug(scene, WORLD.at(0.5 * (wide - w), 0.5 * (deep - d), 0, rng.normal(0, 0.05)), w, d, rng)
    if kind in ("dining", "kitchen") and rng.random() < 0.8:
        wood = timber(rng)
        w, d = rng.uniform(1.1, 1.8), rng.uniform(0.75, 0.95)
        place = WORLD.at(wide * rng.uniform(0.35, 0.5), deep * rng.uniform(0.45, 0.55), 0, rng.normal(0, 0.25))
        table(scene, place, w, d, 0.75, rng, wood)
        for k in range(int(w / 0.55)):
            x = 0.08 + k * 0.55
            if rng.random() < 0.85:
                chair(scene, place.at(x, d - 0.15 + rng.uniform(0, 0.2)), rng, wood)
            if rng.random() < 0.85:
                chair(scene, place.at(x + 0.42, 0.15 - rng.uniform(0, 0.2), 0, np.pi), rng, wood)
        if rng.random() < 0.5:
            pot(scene, place.at(0.5 * w, 0.5 * d, 0.75), rng)
    for _ in range(rng.integers(0, 3)):
        x, y = rng.uniform(0.2, 0.8) * wide, rng.uniform(0.45, 0.8) * deep
        if np.hypot(x - camera.position[0], y - camera.position[1]) > 1.5:
            carton(scene, WORLD.at(x, y), rng)
