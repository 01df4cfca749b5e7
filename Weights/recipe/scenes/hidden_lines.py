"""Which parts of the edges the camera sees, exactly.

A point P is hidden by a convex polygon if it lies in the cone that the polygon spans with the camera and behind the
polygon's plane. Both are linear in P, so along an edge P(t) each polygon hides one interval of t, in closed form; what
is left of the frustum's interval after the union is cut out is visible. Cost: edges x polygons.
"""

import numpy as np

from .camera import NEAR, Camera
from .scene import Scene


def visible_lines(scene: Scene, camera: Camera) -> np.ndarray:
    """The visible pieces of the structural edges as pinhole pixels (n, 4)."""
    normals, offsets, side_planes, low_corner, high_corner = _occluders(scene, camera)
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
        # Only polygons whose bounding box in the picture meets the edge's can hide it.
        shadow = camera.project(np.stack([a + low * d, a + high * d]))
        near = np.flatnonzero(
            ((low_corner <= shadow.max(axis=0) + 1) & (high_corner >= shadow.min(axis=0) - 1)).all(axis=1)
        )
        # 0.1 mm and a little with depth: an edge does not hide behind the faces it lies in.
        slack = 1e-4 * (1 + 0.1 * abs(a[2]))
        t0, t1 = intervals(
            np.concatenate(
                [side_planes[near] @ a - 1e-9, (offsets[near] - normals[near] @ a - slack)[:, None]], axis=1
            ),
            np.concatenate([side_planes[near] @ d, -(normals[near] @ d)[:, None]], axis=1),
        )
        hidden = np.stack([t0, t1], 1)[t1 - t0 > 1e-9]
        for s, e in _complement(low, high, hidden):
            p = camera.project(np.stack([a + s * d, a + e * d]))
            if np.hypot(*(p[1] - p[0])) > 0.25:  # less is the slack, seen past a corner
                lines.append(p.reshape(4))
    return np.array(lines).reshape(-1, 4)


def _occluders(scene, camera):
    """Per polygon: its plane, normal towards the camera; the inward planes through the camera and each side; its
    bounding box in the picture (everything, if it reaches behind the camera)."""
    most = max(len(p) for p in scene.polygons)
    vertices = np.stack(
        [np.concatenate([p, np.repeat(p[-1:], most - len(p), axis=0)]) for p in map(camera.to_camera, scene.polygons)]
    )
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
    side_planes = np.where(length > 1e-12, side_planes / np.maximum(length, 1e-12), np.array([0.0, 0.0, 1.0]))
    beyond = vertices[..., 2].min(axis=1) < NEAR
    pixels = camera.project(np.maximum(vertices, [-np.inf, -np.inf, NEAR]))
    low = np.where(beyond[:, None], -np.inf, pixels.min(axis=1))
    high = np.where(beyond[:, None], np.inf, pixels.max(axis=1))
    return -normals * turn[:, None], -offsets * turn, side_planes, low, high


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
        if s > low + 1e-9:
            yield low, min(s, high)
        low = max(low, e)
        if low >= high:
            return
    if high - low > 1e-9:
        yield low, high


def clip_to_frame(lines: np.ndarray, width: int, height: int) -> np.ndarray:
    """The parts of the lines inside the picture [-0.5, W - 0.5] x [-0.5, H - 0.5]; what lies outside is dropped."""
    return clipped(lines, width, height)[0]


def clipped(lines: np.ndarray, width: int, height: int):
    """The same by Liang-Barsky, with the interval [t0, t1] of each given line that is inside (t1 <= t0: nothing)."""
    a, d = lines[:, :2], lines[:, 2:] - lines[:, :2]
    value = np.concatenate([a + 0.5, np.array([width, height]) - 0.5 - a], axis=1)
    t0, t1 = intervals(value, np.concatenate([d, -d], axis=1))
    inside = np.concatenate([a + t0[:, None] * d, a + t1[:, None] * d], axis=1)
    return inside[t1 > t0], t0, t1


def tidy(lines: np.ndarray, joined=1.0, doubled=2.5, shortest=6.0) -> np.ndarray:
    """As an annotator would: pieces of one line are joined, of lines closer than `doubled` px the longer stays."""
    changed = True
    while changed:  # a joined line may reach a third one
        changed = False
        lines = lines[np.argsort(-_length(lines), kind="stable")]
        kept, count = np.empty_like(lines), 0
        for line in lines:
            home, merged = _home(kept[:count], line, joined, doubled)
            if home is None:
                kept[count] = line
                count += 1
            elif merged is not None:
                changed |= np.abs(kept[home] - merged).max() > 1e-9
                kept[home] = merged
        lines = kept[:count].copy()
    return lines[_length(lines) >= shortest]


def _length(lines):
    return np.hypot(lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1])


def _home(kept, line, joined, doubled):
    """The index of the longer line that `line` is part of or doubles, and the join of the two if they are one."""
    if len(kept) == 0:
        return None, None
    a, d = kept[:, :2], kept[:, 2:] - kept[:, :2]
    length = np.maximum(np.hypot(d[:, 0], d[:, 1]), 1e-6)
    u = d / length[:, None]
    ends = line.reshape(2, 2) - a[:, None]  # (n, 2, 2)
    along = ends @ u[:, :, None]
    across = np.abs(ends[..., 0] * -u[:, None, 1] + ends[..., 1] * u[:, None, 0]).max(axis=1)
    start, end = along.min(axis=(1, 2)), along.max(axis=(1, 2))
    overlap = np.minimum(end, length) - np.maximum(start, 0)
    one = (across < joined) & (overlap > -1.5)
    double = (across < doubled) & (overlap > 0.8 * (end - start))
    if not (one | double).any():
        return None, None
    i = int(np.argmax(one | double))
    if not one[i]:
        return i, None
    s, e = min(start[i], 0), max(end[i], length[i])
    return i, np.concatenate([a[i] + s * u[i], a[i] + e * u[i]])
