"""Procedural textures: tiles of reflectance factors around 1, (N, N, 3) float32, that repeat in both directions."""

from functools import lru_cache

import cv2
import numpy as np

SIZE = 256


def noise(rng, cells_x, cells_y, size=SIZE):
    """Smooth periodic noise in [-1, 1] with the given number of cells."""
    grid = rng.uniform(-1, 1, (cells_y, cells_x)).astype(np.float32)
    pad = 2
    wrapped = np.pad(grid, pad, mode="wrap")
    scale_x, scale_y = size / cells_x, size / cells_y
    big = cv2.resize(wrapped, None, fx=scale_x, fy=scale_y, interpolation=cv2.INTER_CUBIC)
    x, y = round(pad * scale_x), round(pad * scale_y)
    return big[y : y + size, x : x + size]


def fractal(rng, octaves=(4, 8, 16, 32, 64), falloff=0.6):
    return sum(noise(rng, n, n) * falloff**i for i, n in enumerate(octaves))


@lru_cache(maxsize=256)
def texture(kind: str, seed: int) -> list[np.ndarray]:
    """The texture and its halvings (a mip pyramid), finest first."""
    rng = np.random.default_rng([seed, sum(map(ord, kind))])
    tile = np.clip(_KINDS[kind](rng), 0.0, 2.5).astype(np.float32)
    levels = [tile]
    while levels[-1].shape[0] > 4:
        levels.append(cv2.resize(levels[-1], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    return levels


def _grey(field):
    return np.repeat(np.asarray(field, np.float32)[..., None], 3, axis=2)


def plain(rng):
    return _grey(1 + 0.02 * fractal(rng))


def plaster(rng):
    return _grey(1 + 0.05 * fractal(rng, (2, 4, 8, 64)) + 0.02 * noise(rng, 128, 128))


def carpet(rng):
    return _grey(1 + 0.12 * rng.standard_normal((SIZE, SIZE)) + 0.06 * fractal(rng))


def fabric(rng):
    weave = np.sin(np.arange(SIZE) * 2 * np.pi / 4)
    return _grey(1 + 0.05 * np.add.outer(weave, weave) + 0.04 * fractal(rng))


def wood(rng):
    grain = noise(rng, 3, 48) + 0.5 * noise(rng, 2, 110)
    return 1 + np.float32([0.08, 0.1, 0.12]) * (grain + 0.4 * noise(rng, 2, 3))[..., None]


def planks(rng, rows=8):
    tile = wood(rng)
    height = SIZE // rows
    for r in range(rows):
        cut = rng.integers(SIZE)
        shade = rng.uniform(0.85, 1.12, 2)
        band = slice(r * height, (r + 1) * height)
        tile[band] = np.roll(tile[band], rng.integers(SIZE), axis=1)
        side = (np.arange(SIZE) - cut) % SIZE < SIZE // 2
        tile[band] *= np.where(side, shade[0], shade[1])[None, :, None]
        tile[r * height] *= 0.65
    return tile


def tiles(rng, per_side=4):
    step = SIZE // per_side
    shade = np.kron(rng.uniform(0.93, 1.05, (per_side, per_side)), np.ones((step, step)))
    tile = _grey(shade * (1 + 0.04 * fractal(rng)))
    joint = rng.choice([0.7, 0.8, 1.15])
    for k in range(per_side):
        tile[k * step : k * step + 2] = joint
        tile[:, k * step : k * step + 2] = joint
    return tile


def checker(rng, per_side=4):
    step = SIZE // per_side
    dark = np.kron((np.add.outer(np.arange(per_side), np.arange(per_side)) % 2), np.ones((step, step)))
    return _grey((1 - 0.45 * dark) * (1 + 0.04 * fractal(rng)))


def brick(rng, rows=12, per_row=4):
    tile = np.full((SIZE, SIZE, 3), 1.25, np.float32)
    height, width = SIZE / rows, SIZE / per_row
    for r in range(rows):
        for c in range(per_row):
            x = int((c + 0.5 * (r % 2)) * width)
            columns = np.arange(x + 1, x + int(width) - 1) % SIZE
            rows_ = np.arange(int(r * height) + 1, int((r + 1) * height))
            tile[np.ix_(rows_, columns)] = rng.uniform(0.75, 1.1) * rng.uniform(0.97, 1.03, 3)
    return tile * (1 + 0.06 * fractal(rng))[..., None]


def stone(rng):
    return brick(rng, rows=6, per_row=3) * 0.4 + 0.6 * _grey(1 + 0.1 * fractal(rng))


def wallpaper(rng):
    count = rng.integers(6, 20)
    stripes = np.sign(np.sin(np.arange(SIZE) * 2 * np.pi * count / SIZE))
    return _grey(1 + 0.04 * stripes[None, :] + 0.02 * fractal(rng))


def curtain(rng):
    folds = np.sin(np.arange(SIZE) * 2 * np.pi * 5 / SIZE + 0.8 * np.sin(np.arange(SIZE) * 2 * np.pi * 2 / SIZE))
    return _grey(1 + 0.18 * folds[None, :] + 0.03 * fractal(rng))


def marble(rng):
    field = fractal(rng, (3, 6, 12, 24, 48), 0.65)
    return _grey(1 - 0.25 * np.exp(-((field * 6) ** 2)) + 0.04 * noise(rng, 8, 8))


def asphalt(rng):
    return _grey(1 + 0.1 * rng.standard_normal((SIZE, SIZE)) + 0.1 * fractal(rng, (2, 4, 8)))


def foliage(rng):
    return 1 + np.float32([0.3, 0.35, 0.25]) * fractal(rng, (16, 32, 64), 0.8)[..., None]


def roof(rng):
    rows = np.abs(np.sin(np.arange(SIZE) * np.pi * 16 / SIZE)) ** 0.5
    return _grey((0.75 + 0.35 * rows)[:, None] * (1 + 0.1 * fractal(rng, (16, 32, 64))))


def books(rng):
    """Spines side by side, one shelf high; bright colours on a dark ground."""
    tile = np.full((SIZE, SIZE, 3), 0.15, np.float32)
    x = 0
    while x < SIZE:
        width = int(rng.integers(6, 20))
        top = int(rng.integers(10, 90))
        tile[top:, x : x + width - 1] = rng.uniform(0.15, 1.2, 3) * rng.uniform(0.5, 1.0)
        if rng.random() < 0.5:
            y = int(rng.integers(top + 20, SIZE - 30))
            tile[y : y + 8, x + 1 : x + width - 2] *= rng.choice([0.5, 1.6])
        x += width
    return tile


def picture(rng):
    """Something a frame may hold: soft patches of colour."""
    field = np.stack([fractal(rng, (2, 4, 8, 16), 0.7) for _ in range(3)], axis=-1)
    return 0.9 + 0.55 * field * rng.uniform(0.4, 1.2, 3).astype(np.float32)


def outdoors(rng):
    """What a window shows: sky over blurred green and grey."""
    y = np.linspace(0, 1, SIZE, dtype=np.float32)[:, None]
    horizon = rng.uniform(0.45, 0.8) + 0.08 * noise(rng, 6, 6)
    below = 1 / (1 + np.exp(-(y - horizon) * 60))
    sky = np.float32([1.0, 1.05, 1.15]) * (1.15 + 0.1 * fractal(rng, (2, 4, 8)))[..., None]
    ground = np.float32(rng.uniform(0.3, 0.7, 3)) * (1 + 0.3 * fractal(rng, (8, 16, 32)))[..., None]
    return sky * (1 - below[..., None]) + ground * below[..., None]


_KINDS = {
    f.__name__: f
    for f in (
        plain,
        plaster,
        carpet,
        fabric,
        wood,
        planks,
        tiles,
        checker,
        brick,
        stone,
        wallpaper,
        curtain,
        marble,
        asphalt,
        foliage,
        roof,
        books,
        picture,
        outdoors,
    )
}
