"""A z-buffer over planar polygons, shaded per pixel: textures, lamps or a sun with soft shadows, ambient light.

Coverage is tested at sample centres and depth is exact (1/z is linear in the image), so the edges of the picture lie
where `hidden_lines` says they do. The picture is supersampled and averaged down.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from .camera import NEAR, Camera
from .scene import Material, Scene
from .textures import fractal, texture


@dataclass
class Light:
    """A lamp at `position` with falloff, or a sun in direction `position` when `sun` is set."""

    position: np.ndarray
    color: tuple
    radius: float = 0.1  # of the lamp in metres, of the sun's disc in radians: softness of the shadows
    sun: bool = False
    samples: int = 4


def render(scene: Scene, camera: Camera, rng, supersampling=2) -> np.ndarray:
    """Linear RGB (height, width, 3) float32, before any sensor."""
    s = supersampling
    big = Camera(
        camera.position, camera.yaw, camera.pitch, camera.roll, camera.fov, camera.width * s, camera.height * s
    )
    owner, inverse_depth = _z_buffer(scene, big)
    rays = _rays(big)
    image = np.zeros((big.height, big.width, 3), np.float32)
    if scene.sky:
        image[:] = _sky(big, rays, rng)
    position = big.position + (rays / np.maximum(inverse_depth, 1e-9)[..., None]) @ big.rotation
    position = position.astype(np.float32)
    albedo, normal, emission, gloss = _surfaces(scene, big, owner, position, 1 / np.maximum(inverse_depth, 1e-9))
    seen = owner >= 0
    shaded = emission + albedo * _irradiance(scene, big, position, normal, gloss, s)
    image[seen] = shaded[seen]
    # Centres: sample (i) covers the pixel floor(i / s), so averaging keeps pixel centres at integers.
    return cv2.resize(image, (camera.width, camera.height), interpolation=cv2.INTER_AREA)


def _rays(camera):
    x, y = np.meshgrid(np.arange(camera.width), np.arange(camera.height))
    f = camera.focal
    return np.stack(
        [(x - (camera.width - 1) / 2) / f, (y - (camera.height - 1) / 2) / f, np.ones_like(x, float)], axis=-1
    )


def _clip_near(points):
    """Sutherland-Hodgman against z = NEAR."""
    out = []
    for a, b in zip(points, np.roll(points, -1, axis=0)):
        if a[2] >= NEAR:
            out.append(a)
        if (a[2] >= NEAR) != (b[2] >= NEAR):
            t = (NEAR - a[2]) / (b[2] - a[2])
            out.append(a + t * (b - a))
    return np.array(out)


def _z_buffer(scene, camera):
    owner = np.full((camera.height, camera.width), -1, np.int32)
    nearest = np.zeros((camera.height, camera.width))
    for index, polygon in enumerate(scene.polygons):
        points = camera.to_camera(polygon)
        if points[:, 2].min() < NEAR:
            points = _clip_near(points)
            if len(points) < 3:
                continue
        sides = _cross(points, points[[*range(1, len(points)), 0]])
        normal = sides.sum(axis=0)
        offset = normal @ points[0]
        if abs(offset) < 1e-12:
            continue
        pixels = camera.project(points)
        x0, y0 = np.maximum(np.ceil(pixels.min(axis=0)), 0).astype(int)
        x1, y1 = np.minimum(np.floor(pixels.max(axis=0)), [camera.width - 1, camera.height - 1]).astype(int)
        if x0 > x1 or y0 > y1:
            continue
        rx = ((np.arange(x0, x1 + 1) - (camera.width - 1) / 2) / camera.focal)[None, :]
        ry = ((np.arange(y0, y1 + 1) - (camera.height - 1) / 2) / camera.focal)[:, None]
        inside = np.ones((y1 - y0 + 1, x1 - x0 + 1), bool)
        sign = 1.0 if offset > 0 else -1.0
        for side in sides * sign:
            inside &= side[0] * rx + side[1] * ry + side[2] >= 0
        depth = (normal[0] * rx + normal[1] * ry + normal[2]) / offset  # 1/z from n . (z ray) = offset
        window = nearest[y0 : y1 + 1, x0 : x1 + 1]
        closer = inside & (depth > window)
        window[closer] = depth[closer]
        owner[y0 : y1 + 1, x0 : x1 + 1][closer] = index
    return owner, nearest


def _cross(a, b):
    """np.cross for rows of three, without its overhead on small arrays."""
    return a[:, [1, 2, 0]] * b[:, [2, 0, 1]] - a[:, [2, 0, 1]] * b[:, [1, 2, 0]]


def _surfaces(scene, camera, owner, position, depth):
    """Per sample: reflectance, the normal on the camera's side, emission and gloss."""
    shape = owner.shape
    albedo = np.zeros(shape + (3,), np.float32)
    normal = np.zeros(shape + (3,), np.float32)
    emission = np.zeros(shape + (3,), np.float32)
    gloss = np.zeros(shape, np.float32)
    flat = owner.ravel()
    order = np.argsort(flat, kind="stable")
    starts = np.searchsorted(flat[order], np.arange(len(scene.polygons) + 1))
    flat_position, flat_depth = position.reshape(-1, 3), depth.ravel()
    for index, polygon in enumerate(scene.polygons):
        samples = order[starts[index] : starts[index + 1]]
        if len(samples) == 0:
            continue
        material: Material = scene.materials[index]
        u = polygon[1] - polygon[0]
        u /= np.linalg.norm(u)
        n = _cross(polygon, polygon[[*range(1, len(polygon)), 0]]).sum(axis=0)
        n /= np.linalg.norm(n)
        v = np.cross(n, u)
        p = flat_position[samples] - scene.texture_origins[index].astype(np.float32)
        # Texels a sample covers, from the distance and the slant, choose the mip level.
        view = flat_position[samples] - camera.position.astype(np.float32)
        slant = np.abs(view @ n) / np.linalg.norm(view, axis=1)
        levels = texture(material.texture, material.seed)
        size = levels[0].shape[0]
        footprint = flat_depth[samples] / camera.focal / np.maximum(slant, 0.05) * size / material.scale
        level = np.clip(np.log2(np.maximum(footprint, 1e-6)).round().astype(int), 0, len(levels) - 1)
        tu, tv = p @ (u / material.scale).astype(np.float32), -(p @ (v / material.scale).astype(np.float32))
        color = np.empty((len(samples), 3), np.float32)
        for k in np.unique(level):
            chosen = level == k
            tile = levels[k]
            side = tile.shape[0]
            color[chosen] = tile[
                np.floor(tv[chosen] * side).astype(int) % side, np.floor(tu[chosen] * side).astype(int) % side
            ]
        color *= np.float32(material.color)
        smooth = scene.smooth_normals[index]
        if smooth is not None:
            w = np.clip((flat_position[samples] - polygon[0]) @ u / np.linalg.norm(polygon[1] - polygon[0]), 0, 1)[
                :, None
            ]
            shading = (1 - w) * smooth[0] + w * smooth[1]
            shading /= np.linalg.norm(shading, axis=1, keepdims=True)
        else:
            shading = np.broadcast_to(n, (len(samples), 3))
        away = np.sum(shading * view, axis=1, keepdims=True) > 0
        albedo.reshape(-1, 3)[samples] = color
        normal.reshape(-1, 3)[samples] = np.where(away, -shading, shading)
        emission.reshape(-1, 3)[samples] = color * material.emission
        gloss.ravel()[samples] = material.gloss
    return albedo, normal, emission, gloss


def _irradiance(scene, camera, position, normal, gloss, step):
    # Ambient light comes more from above than from below.
    light_sum = np.float32(scene.ambient) * (0.82 + 0.18 * normal[..., 2:3])
    points = (position + 0.01 * normal)[::step, ::step]
    coarse_normal = normal[::step, ::step]
    boxes = list(_casters(scene))
    view = camera.position.astype(np.float32) - position
    view /= np.maximum(np.linalg.norm(view, axis=-1, keepdims=True), 1e-6)
    for light in scene.lights:
        visible = np.zeros(points.shape[:2], np.float32)
        direction = np.float32(light.position) - (0 if light.sun else points)
        faces = np.sum(direction * coarse_normal, axis=-1) > 0  # what faces away is dark anyway
        facing = np.ascontiguousarray(points[faces].T)
        for offset in _disc(light.samples):
            source = np.float32(light.position + light.radius * offset)
            visible[faces] += _unshadowed(boxes, light, source, facing)
        visible = cv2.resize(visible / light.samples, position.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        if light.sun:
            to_light = np.broadcast_to(
                (light.position / np.linalg.norm(light.position)).astype(np.float32), position.shape
            )
            falloff = 1.0
        else:
            to_light = light.position.astype(np.float32) - position
            distance = np.linalg.norm(to_light, axis=-1, keepdims=True)
            to_light = to_light / np.maximum(distance, 1e-6)
            falloff = 1 / (0.6 + distance**2)
        cosine = np.maximum(np.sum(to_light * normal, axis=-1, keepdims=True), 0)
        half = to_light + view
        half /= np.maximum(np.linalg.norm(half, axis=-1, keepdims=True), 1e-6)
        highlight = gloss[..., None] * np.maximum(np.sum(half * normal, axis=-1, keepdims=True), 0) ** 30
        light_sum = light_sum + np.float32(light.color) * (falloff * visible[..., None]) * (cosine + highlight)
    return light_sum


def _disc(count):
    """Sample offsets spread over a sphere, the same for every picture."""
    if count == 1:
        return np.zeros((1, 3))
    k = np.arange(count) + 0.5
    z = 1 - 2 * k / count
    angle = k * np.pi * (1 + 5**0.5)
    r = np.sqrt(1 - z * z)
    return np.stack([r * np.cos(angle), r * np.sin(angle), z], 1)


def _unshadowed(boxes, light, source, points):
    """1 where no box stands between the points (3, n) and the light, 0 in shadow."""
    lit = np.ones(points.shape[1], bool)
    for rotation, origin, low, high in boxes:
        # Slab test in the box's own frame, component by component; only points still lit are asked.
        asked = np.flatnonzero(lit)
        local = rotation.T @ (points[:, asked] - origin[:, None])
        if light.sun:
            ray = np.broadcast_to((rotation.T @ (100 * source))[:, None], local.shape)
        else:
            ray = (rotation.T @ (source - origin))[:, None] - local
        enter, leave = np.zeros(local.shape[1], np.float32), np.ones(local.shape[1], np.float32)
        for axis in range(3):
            with np.errstate(divide="ignore", over="ignore"):
                inverse = np.clip(1 / ray[axis], -1e6, 1e6)
            a, b = (low[axis] - local[axis]) * inverse, (high[axis] - local[axis]) * inverse
            np.maximum(enter, np.minimum(a, b), out=enter)
            np.minimum(leave, np.maximum(a, b), out=leave)
        lit[asked[enter < leave]] = False
    return lit.astype(np.float32)


def _casters(scene):
    """The boxes worth a shadow: bars and boards under 6 cm in two directions cast none that shows."""
    for frame, low, high in scene.shadow_boxes:
        if np.sort(high - low)[1] >= 0.06:
            yield tuple(np.asarray(v, np.float32) for v in (frame.rotation, frame.origin, low, high))


def _sky(camera, rays, rng):
    world = rays @ camera.rotation
    up = (world[..., 2] / np.linalg.norm(world, axis=-1)).astype(np.float32)
    zenith, horizon = np.float32([0.25, 0.42, 0.75]), np.float32([0.75, 0.82, 0.92])
    t = np.clip(up * 2, 0, 1)[..., None] ** 0.7
    sky = horizon * (1 - t) + zenith * t
    clouds = cv2.resize(
        fractal(rng, (2, 4, 8, 16, 32), 0.6), (camera.width, camera.height), interpolation=cv2.INTER_CUBIC
    )
    cover = np.clip(clouds * 0.9 + rng.uniform(-0.6, 0.6), 0, 1)[..., None]
    return (sky * (1 - cover) + np.float32([0.9, 0.91, 0.93]) * cover) * rng.uniform(0.8, 1.1)
