"""Fittings and furniture. Each stands in a local frame: x to the right, y into the wall, z up; its front faces -y.

Measures are in metres. Every function draws its own proportions from `rng`.
"""

import numpy as np

from .scene import Frame, Material, Scene


def paint(rng, low=0.55, high=0.9, tint=0.08, texture="plain", **more) -> Material:
    value = rng.uniform(low, high)
    return Material(
        tuple(np.clip(value + rng.normal(0, tint, 3), 0.03, 0.95)), texture, seed=int(rng.integers(40)), **more
    )


def timber(rng, texture="wood", scale=0.6) -> Material:
    base = np.array([[0.55, 0.38, 0.24], [0.35, 0.2, 0.11], [0.7, 0.56, 0.4], [0.8, 0.78, 0.74], [0.2, 0.13, 0.09]])
    color = base[rng.integers(len(base))] * rng.uniform(0.8, 1.15)
    return Material(
        tuple(np.clip(color, 0.02, 0.95)), texture, scale, gloss=rng.uniform(0, 0.25), seed=int(rng.integers(40))
    )


def cloth(rng) -> Material:
    color = rng.uniform(0.12, 0.8) * (1 + rng.normal(0, 0.3, 3))
    return Material(tuple(np.clip(color, 0.03, 0.9)), "fabric", 0.3, seed=int(rng.integers(40)))


METAL = Material((0.6, 0.6, 0.62), gloss=0.8)
DARK = Material((0.05, 0.05, 0.055), gloss=0.5)


def window(scene: Scene, frame: Frame, hole, rng, outside=False, depth=None):
    """Fills a hole of a wall: reveal, glazed frame with mullions, sill."""
    x0, z0, x1, z1 = hole
    depth = depth or rng.uniform(0.08, 0.2)
    frame_material = paint(rng, 0.75, 0.92, 0.02) if rng.random() < 0.7 else timber(rng)
    scene.recess(hole, depth, paint(rng, 0.7, 0.85, 0.03), frame)
    if outside:
        glass = Material((0.16, 0.2, 0.25), "outdoors", max(x1 - x0, z1 - z0) * 2.5, 0.35, 0.4, int(rng.integers(40)))
    else:
        glass = Material(
            (0.9, 0.95, 1.0), "outdoors", 1.1 * max(x1 - x0, z1 - z0), rng.uniform(0.9, 1.8), 0.3, int(rng.integers(40))
        )
    scene.rectangle(x0, z0, x1, z1, depth, glass, frame, outline=False)
    b = rng.uniform(0.04, 0.075)
    bars = [(x0, z0, x0 + b, z1), (x1 - b, z0, x1, z1), (x0 + b, z0, x1 - b, z0 + b), (x0 + b, z1 - b, x1 - b, z1)]
    wide = max(1, round((x1 - x0) / rng.uniform(0.5, 0.9)))
    for k in range(1, wide):
        x = x0 + (x1 - x0) * k / wide
        bars.append((x - b / 2, z0 + b, x + b / 2, z1 - b))
    if rng.random() < 0.4:
        z = z0 + (z1 - z0) * rng.uniform(0.55, 0.75)
        bars.append((x0 + b, z - b / 2, x1 - b, z + b / 2))
    for a0, c0, a1, c1 in bars:
        scene.box((a0, depth - 0.04, c0), (a1, depth - 0.001, c1), frame_material, frame, shadow=False)
    if rng.random() < 0.7 and z0 > 0.2:
        reach = rng.uniform(0.03, 0.12)
        scene.box((x0 - 0.05, -reach, z0 - 0.04), (x1 + 0.05, 0, z0), frame_material, frame, shadow=False)


def curtains(scene, frame, hole, rng):
    x0, z0, x1, z1 = hole
    material = Material(cloth(rng).color, "curtain", 0.6, seed=int(rng.integers(40)))
    low = rng.choice([0.02, z0 - 0.15])
    for side in (0, 1):
        width = rng.uniform(0.25, 0.5)
        a = x0 - 0.2 if side == 0 else x1 + 0.2 - width
        scene.box((a, -0.1, max(low, 0.01)), (a + width, -0.06, z1 + 0.15), material, frame)
    scene.box((x0 - 0.3, -0.1, z1 + 0.15), (x1 + 0.3, -0.07, z1 + 0.18), METAL, frame, shadow=False)


def door(scene, frame, hole, rng, casing=True):
    """Fills a hole that stands on the floor: reveal, casing, a panelled leaf."""
    x0, _, x1, z1 = hole
    depth = rng.uniform(0.04, 0.15)
    leaf = timber(rng) if rng.random() < 0.5 else paint(rng, 0.3, 0.9, 0.05)
    trim = leaf if rng.random() < 0.5 else paint(rng, 0.75, 0.92, 0.02)
    scene.recess((x0, 0, x1, z1), depth, trim, frame)
    if casing:
        w = rng.uniform(0.06, 0.11)
        for a, c, b, d in [(x0 - w, 0, x0, z1), (x1, 0, x1 + w, z1), (x0 - w, z1, x1 + w, z1 + w)]:
            scene.box((a, -0.025, c), (b, 0, d), trim, frame, shadow=False)
    scene.rectangle(x0, 0, x1, z1, depth, leaf, frame, outline=False)
    style = rng.random()
    width = x1 - x0
    if style < 0.6:
        rows = [(0.12, 0.42), (0.5, 0.94)] if rng.random() < 0.6 else [(0.1, 0.32), (0.38, 0.62), (0.68, 0.94)]
        columns = [(0.14, 0.86)] if rng.random() < 0.5 else [(0.12, 0.46), (0.54, 0.88)]
        for c0, c1 in rows:
            for a0, a1 in columns:
                scene.box(
                    (x0 + a0 * width, depth - 0.018, c0 * z1),
                    (x0 + a1 * width, depth - 0.001, c1 * z1),
                    leaf,
                    frame,
                    shadow=False,
                )
    elif style < 0.75:
        glass = Material((0.7, 0.8, 0.85), "outdoors", 2.0, 0.5, 0.4, int(rng.integers(40)))
        scene.box(
            (x0 + 0.2 * width, depth - 0.02, 0.45 * z1),
            (x0 + 0.8 * width, depth - 0.001, 0.92 * z1),
            glass,
            frame,
            shadow=False,
        )
    hx = x0 + (0.9 if rng.random() < 0.5 else 0.1) * width
    scene.box(
        (hx - 0.05, depth - 0.07, 0.98), (hx + 0.05, depth - 0.05, 1.01), METAL, frame, outline=False, shadow=False
    )


def cabinet(scene, frame, width, depth, height, rng, material=None, base=0.0, columns=None, rows=None):
    """A carcass with doors or drawers on its front."""
    body = material or (timber(rng) if rng.random() < 0.6 else paint(rng, 0.4, 0.9))
    scene.box((0, 0, base), (width, depth, base + height), body, frame)
    columns = columns or max(1, round(width / rng.uniform(0.4, 0.6)))
    rows = rows or (1 if height > 1.3 or rng.random() < 0.5 else max(1, round(height / 0.22)))
    gap = 0.012
    for c in range(columns):
        for r in range(rows):
            x0, x1 = width * c / columns + gap, width * (c + 1) / columns - gap
            z0, z1 = base + height * r / rows + gap, base + height * (r + 1) / rows - gap
            scene.box((x0, -0.02, z0), (x1, 0, z1), body, frame, shadow=False)
            if rows == 1:
                hx = x1 - 0.06 if c % 2 == 0 else x0 + 0.05
                hz = 0.5 * (z0 + z1)
                scene.box((hx, -0.05, hz - 0.06), (hx + 0.015, -0.02, hz + 0.06), METAL, frame, False, False)
            else:
                hx = 0.5 * (x0 + x1)
                hz = 0.5 * (z0 + z1)
                scene.box((hx - 0.06, -0.045, hz), (hx + 0.06, -0.02, hz + 0.015), METAL, frame, False, False)


def bookshelf(scene, frame, width, height, rng):
    depth, board = rng.uniform(0.24, 0.36), 0.025
    wood = timber(rng)
    shelves = int(rng.integers(3, 7))
    scene.box((0, 0, 0), (board, depth, height), wood, frame)
    scene.box((width - board, 0, 0), (width, depth, height), wood, frame)
    scene.rectangle(board, 0, width - board, height, depth - 0.005, wood, frame, outline=False)
    step = (height - board) / shelves
    for k in range(shelves + 1):
        scene.box((board, 0, k * step), (width - board, depth, k * step + board), wood, frame)
    for k in range(shelves):
        if rng.random() < 0.85:
            x0 = board + rng.uniform(0, 0.3) * width
            x1 = min(width - board, x0 + rng.uniform(0.4, 0.9) * width)
            spines = Material((0.8, 0.75, 0.7), "books", step * 0.9, seed=int(rng.integers(40)))
            low, high = (x0, 0.06, k * step + board), (x1, depth - 0.02, k * step + step * rng.uniform(0.75, 0.95))
            scene.box(low, high, Material((0.5, 0.48, 0.45)), frame, outline=False, front=spines)
    return depth


def legs(scene, frame, width, depth, height, thick, material):
    for x in (0, width - thick):
        for y in (0, depth - thick):
            scene.box((x, y, 0), (x + thick, y + thick, height), material, frame)


def table(scene, frame, width, depth, height, rng, material=None):
    wood = material or timber(rng)
    board = rng.uniform(0.025, 0.06)
    scene.box((0, 0, height - board), (width, depth, height), wood, frame)
    inset = frame.at(0.04, 0.04)
    legs(scene, inset, width - 0.08, depth - 0.08, height - board, rng.uniform(0.04, 0.08), wood)


def chair(scene, frame, rng, material=None):
    """The back is at y = depth."""
    wood = material or timber(rng)
    w, d, seat = 0.42, 0.42, 0.45
    scene.box((0, 0, seat - 0.04), (w, d, seat), cloth(rng) if rng.random() < 0.5 else wood, frame)
    legs(scene, frame, w, d, seat - 0.04, 0.035, wood)
    back = rng.uniform(0.85, 1.0)
    for x in (0, w - 0.035):
        scene.box((x, d - 0.035, seat), (x + 0.035, d, back), wood, frame)
    scene.box((0.035, d - 0.03, back - rng.uniform(0.1, 0.35)), (w - 0.035, d - 0.005, back), wood, frame)


def bed(scene, frame, rng, width=None):
    """The head is at y = depth."""
    width, depth = width or rng.uniform(0.9, 1.8), 2.0
    wood, sheet = timber(rng), paint(rng, 0.7, 0.92, 0.03, "fabric")
    scene.box((0, 0, 0.08), (width, depth, 0.32), wood, frame)
    scene.box((0.03, 0.03, 0.32), (width - 0.03, depth, 0.52), sheet, frame)
    cover = cloth(rng)
    scene.box((-0.01, -0.01, 0.3), (width + 0.01, depth * rng.uniform(0.5, 0.7), 0.55), cover, frame)
    scene.box((-0.03, depth, 0), (width + 0.03, depth + 0.06, rng.uniform(0.8, 1.2)), wood, frame)
    count = 1 if width < 1.3 else 2
    for k in range(count):
        x = width * (k + 0.5) / count - 0.3
        scene.box((x, depth - 0.45, 0.52), (x + 0.6, depth - 0.05, 0.64), paint(rng, 0.8, 0.93, 0.02, "fabric"), frame)
    return width, depth + 0.06


def sofa(scene, frame, rng):
    width, depth = rng.uniform(1.5, 2.4), rng.uniform(0.8, 0.95)
    c = cloth(rng)
    arm = rng.uniform(0.14, 0.24)
    scene.box((0, 0, 0.05), (width, depth, 0.28), c, frame)
    seats = 2 if width < 1.9 else 3
    inner = width - 2 * arm
    for k in range(seats):
        scene.box(
            (arm + inner * k / seats + 0.005, -0.02, 0.28),
            (arm + inner * (k + 1) / seats - 0.005, depth - 0.22, 0.44),
            c,
            frame,
        )
    scene.box((arm, depth - 0.22, 0.28), (width - arm, depth, rng.uniform(0.75, 0.9)), c, frame)
    arm_height = rng.uniform(0.52, 0.65)
    for x in (0, width - arm):
        scene.box((x, -0.01, 0.05), (x + arm, depth, arm_height), c, frame)
    return width, depth


def picture_frame(scene, frame, x, z, rng):
    w, h = rng.uniform(0.3, 1.1), rng.uniform(0.3, 0.8)
    rim = rng.uniform(0.02, 0.06)
    wood = timber(rng) if rng.random() < 0.5 else DARK
    for a, c, b, d in [(0, 0, rim, h), (w - rim, 0, w, h), (rim, 0, w - rim, rim), (rim, h - rim, w - rim, h)]:
        scene.box((x + a, -0.03, z + c), (x + b, -0.002, z + d), wood, frame, shadow=False)
    art = Material((0.6, 0.55, 0.5), "picture", max(w, h), seed=int(rng.integers(200)))
    scene.rectangle(x + rim, z + rim, x + w - rim, z + h - rim, -0.012, art, frame, outline=False)


def screen(scene, frame, x, z, rng):
    w = rng.uniform(0.7, 1.4)
    scene.box((x, -0.06, z), (x + w, -0.01, z + w * 0.57), DARK, frame)


def kitchen(scene, frame, width, rng):
    """Base units, a worktop with a hob or sink, wall units above."""
    body, depth = (timber(rng) if rng.random() < 0.4 else paint(rng, 0.4, 0.92)), 0.58
    top = Material(tuple(rng.uniform(0.1, 0.7) * np.ones(3)), "marble", 0.8, gloss=0.4, seed=int(rng.integers(40)))
    columns = max(2, round(width / 0.6))
    place = frame.at(0, -depth)
    cabinet(scene, place, width, depth, 0.78, rng, body, 0.08, columns, int(rng.choice([1, 1, 3])))
    scene.box((-0.01, -0.03, 0.86), (width + 0.01, depth, 0.9), top, place)
    low = rng.uniform(1.35, 1.5)
    cabinet(
        scene, frame.at(0, -0.34), width * rng.uniform(0.6, 1.0), 0.34, rng.uniform(0.6, 0.8), rng, body, low, None, 1
    )
    x = rng.uniform(0.1, 0.6) * width
    if rng.random() < 0.6:
        scene.box((x, 0.06, 0.9), (min(x + 0.58, width), 0.54, 0.908), DARK, place)
    for _ in range(rng.integers(0, 4)):
        pot(scene, place.at(rng.uniform(0.1, width - 0.1), rng.uniform(0.15, 0.45), 0.9), rng)
    tiles = paint(rng, 0.6, 0.9, 0.04, "tiles", scale=0.6)
    scene.rectangle(0, 0.9, width, low, -0.004, tiles, frame)


def pot(scene, frame, rng):
    r = rng.uniform(0.03, 0.09)
    scene.cylinder(
        r, 0, rng.uniform(0.08, 0.28), paint(rng, 0.1, 0.9, 0.2, gloss=0.4), frame, 14, r * rng.uniform(0.7, 1.3)
    )


def plant(scene, frame, rng, height=None):
    """A pot with leaves: clutter that hides lines and has none worth the name."""
    height = height or rng.uniform(0.5, 1.4)
    scene.cylinder(0.13, 0, 0.25, paint(rng, 0.2, 0.8, 0.1), frame, 14, 0.17)
    foliage(scene, frame.at(0, 0, 0.25 + 0.4 * height), rng, 0.28 * height, 0.45 * height, 60, 0.12)


def foliage(scene, frame, rng, radius, half_height, leaves, size):
    color = np.array([0.16, 0.3, 0.1]) * rng.uniform(0.6, 1.4)
    for _ in range(leaves):
        direction = rng.normal(size=3)
        direction *= rng.uniform(0.3, 1) ** 0.5 / np.linalg.norm(direction)
        centre = direction * [radius, radius, half_height]
        a, b = np.linalg.qr(rng.normal(size=(3, 2)))[0].T * size * rng.uniform(0.5, 1.2)
        angle = np.sort(rng.uniform(0, 2 * np.pi, 6))
        leaf = centre + np.cos(angle)[:, None] * a + np.sin(angle)[:, None] * 0.5 * b
        material = Material(
            tuple(np.clip(color * rng.uniform(0.6, 1.4), 0.01, 0.9)), "foliage", 0.3, seed=int(rng.integers(8))
        )
        scene.polygon(leaf, material, outline=False, frame=frame)
    scene.shadow_boxes.append(
        (
            frame,
            np.array([-0.6 * radius] * 2 + [-0.7 * half_height]),
            np.array([0.6 * radius] * 2 + [0.7 * half_height]),
        )
    )


def lamp(scene, frame, rng):
    """A floor lamp: foot, pole, shade."""
    scene.cylinder(0.14, 0, 0.03, DARK, frame, 16)
    scene.cylinder(0.012, 0.03, 1.4, METAL, frame, 8, shadow=False)
    shade = Material((0.95, 0.88, 0.7), emission=0.5)
    scene.cylinder(0.2, 1.35, 1.65, shade, frame, 16, 0.14, shadow=False)


def carton(scene, frame, rng):
    w, d, h = rng.uniform(0.15, 0.6, 3)
    scene.box((0, 0, 0), (w, d, h), paint(rng, 0.2, 0.8, 0.1), frame.at(0, 0, 0, rng.uniform(-0.6, 0.6)))


def rug(scene, frame, width, depth, rng):
    low = cloth(rng)
    material = Material(
        low.color,
        str(rng.choice(["carpet", "checker", "wallpaper", "fabric"])),
        rng.uniform(0.6, 2),
        seed=int(rng.integers(40)),
    )
    scene.polygon([(0, 0, 0.006), (width, 0, 0.006), (width, depth, 0.006), (0, depth, 0.006)], material, True, frame)
