"""Which parts of the edges the camera sees, exactly.

A point P is hidden by a convex polygon if it lies in the cone that the polygon spans with the camera and behind the
polygon's plane. Both are linear in P, so along an edge P(t) each polygon hides one interval of t, in closed form; what
is left of the frustum's interval after the union is cut out is visible. Cost: edges x polygons.
"""

import numpy as np

from .camera import Camera
from .scene import Scene


def visible_lines(scene: Scene, camera: Camera) -> np.ndarray:
    """The visible pieces of the structural edges as pinhole pixels (n, 4)."""
    normals, offsets, side_planes = _occluders(scene, camera)
    frustum = camera.frustum()
    lines = []
    for edge, sides in zip(scene.edges, scene.edge_normals):
        a, b = camera.to_camera(edge)
        if sides is not None:
            # A smooth edge is a line only where one of its faces looks at the camera and the other does not.
            facing = (sides @ camera.rotation.T) @ (-0.5 * (a + b))
            if facing[0] * facing[1] > 0:
                continue
        d = b - a
        low, high = _interval(frustum[:, :3] @ a - frustum[:, 3], frustum[:, :3] @ d)
        if high - low < 1e-9:
            continue
        # 0.1 mm and a little with depth: an edge does not hide behind the faces it lies in.
        behind = -(normals @ a - offsets) - 1e-4 * (1 + 0.1 * abs(a[2])), -(normals @ d)
        t0, t1 = intervals(
            np.concatenate([side_planes @ a - 1e-9, behind[0][:, None]], axis=1),
            np.concatenate([side_planes @ d, behind[1][:, None]], axis=1),
        )
        hidden = np.stack([t0, t1], 1)[t1 - t0 > 1e-9]
        for s, e in _complement(low, high, hidden):
            p = camera.project(np.stack([a + s * d, a + e * d]))
            lines.append(p.reshape(4))
    return np.array(lines).reshape(-1, 4)


def _occluders(scene, camera):
    """Per polygon: its plane, normal towards the camera, and the inward planes through the camera and each side."""
    most = max(len(p) for p in scene.polygons)
    vertices = np.stack([
        np.concatenate([p, np.repeat(p[-1:], most - len(p), axis=0)]) for p in map(camera.to_camera, scene.polygons)
    ])
    # Newell's normal: right for any planar polygon, repeated vertices included.
    following = np.roll(vertices, -1, axis=1)
    normals = np.cross(vertices, following).sum(axis=1)
    area = np.linalg.norm(normals, axis=1, keepdims=True)
    normals = normals / np.maximum(area, 1e-12)
    offsets = np.einsum("pc,pc->p", normals, vertices[:, 0])
    side_planes = np.cross(vertices, following)
    turn = np.where(offsets > 0, 1.0, -1.0)  # the camera is at the origin: n . 0 < offset is the camera's side
    side_planes = side_planes * turn[:, None, None]
    # Repeated vertices span no plane: leave them out by a plane every point satisfies.
    length = np.linalg.norm(side_planes, axis=2, keepdims=True)
    side_planes = np.where(length > 1e-12, side_planes / np.maximum(length, 1e-12), 0.0)
    side_planes = _never_zero(side_planes, length)
    return -normals * turn[:, None], -offsets * turn, side_planes


def _never_zero(planes, length):
    forward = np.array([0.0, 0.0, 1.0])
    return np.where(length > 1e-12, planes, forward)


def _interval(value, slope):
    """The part of [0, 1] where value + t slope >= 0 holds for every entry."""
    t0, t1 = intervals(value[None], slope[None])
    return t0[0], t1[0]


def intervals(value, slope):
    """Row by row, the interval of [0, 1] where all value + t slope >= 0; empty ones have t1 <= t0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        root = -value / slope
    rising, falling = slope > 1e-15, slope < -1e-15
    never = (~rising & ~falling & (value < 0)).any(axis=1)
    t0 = np.where(rising, root, 0.0).max(axis=1, initial=0.0)
    t1 = np.where(falling, root, 1.0).min(axis=1, initial=1.0)
    return t0, np.where(never, t0 - 1, t1)


def _complement(low, high, hidden):
    """[low, high] less the union of the hidden intervals."""
    for s, e in hidden[np.argsort(hidden[:, 0])]:
        if s > low:
            if min(s, high) - low > 1e-9:
                yield low, min(s, high)
        low = max(low, e)
        if low >= high:
            return
    if high - low > 1e-9:
        yield low, high


def clip_to_frame(lines: np.ndarray, width: int, height: int) -> np.ndarray:
    """Liang-Barsky against the picture [-0.5, W - 0.5] x [-0.5, H - 0.5]; what lies outside is dropped."""
    a, d = lines[:, :2], lines[:, 2:] - lines[:, :2]
    value = np.concatenate([a + 0.5, np.array([width, height]) - 0.5 - a], axis=1)
    slope = np.concatenate([d, -d], axis=1)
    t0, t1 = intervals(value, slope)
    kept = t1 > t0
    return np.concatenate([a + t0[:, None] * d, a + t1[:, None] * d], axis=1)[kept]


def tidy(lines: np.ndarray, joined=1.0, doubled=2.5, shortest=6.0) -> np.ndarray:
    """As an annotator would: pieces of one line are joined, of lines closer than `doubled` px the longer stays."""
    lines = [l for l in lines[np.argsort(-_length(lines))]] if len(lines) else []
    kept: list[np.ndarray] = []
    changed = True
    while changed:  # a joined line may reach a third one
        changed, kept = False, []
        for line in lines:
            for i, other in enumerate(kept):
                merged = _merged(other, line, joined, doubled)
                if merged is not None:
                    changed |= not np.array_equal(merged, other)
                    kept[i] = merged
                    break
            else:
                kept.append(line)
        lines = sorted(kept, key=lambda l: -_length(l[None])[0])
    kept = [l for l in kept if _length(l[None])[0] >= shortest]
    return np.array(kept).reshape(-1, 4)


def _length(lines):
    return np.hypot(lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1])


def _merged(long, short, joined, doubled):
    """The one line that stands for both, or nothing if they are two."""
    a, d = long[:2], long[2:] - long[:2]
    length = np.hypot(*d)
    if length < 1e-6:
        return None
    u = d / length
    ends = short.reshape(2, 2) - a
    along, across = ends @ u, ends @ np.array([-u[1], u[0]])
    s, e = along.min(), along.max()
    overlap = min(e, length) - max(s, 0)
    if np.abs(across).max() < joined and overlap > -1.5:
        s, e = min(s, 0), max(e, length)
        return np.concatenate([a + s * u, a + e * u])
    if np.abs(across).max() < doubled and overlap > 0.8 * (e - s):
        return long
    return None
