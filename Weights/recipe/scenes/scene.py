"""What a scene is made of: planar convex polygons with materials, and the edges that count as lines.

Textures carry no edges. An edge is structural (a wall, a frame, the outline of a piece of furniture); a smooth edge (of
a cylinder) is one only where it is the silhouette.
"""

import itertools
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Material:
    color: tuple  # linear RGB reflectance, 0 to 1
    texture: str = "plain"
    scale: float = 1.0  # metres a texture tile covers
    emission: float = 0.0  # radiance added regardless of the light
    gloss: float = 0.0  # strength of the highlight
    seed: int = 0


@dataclass
class Frame:
    """A place in the world turned about the vertical: local x, y, z to world."""

    origin: np.ndarray
    yaw: float = 0.0

    @property
    def rotation(self) -> np.ndarray:
        c, s = np.cos(self.yaw), np.sin(self.yaw)
        return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]])

    def world(self, points) -> np.ndarray:
        return np.asarray(points, float) @ self.rotation.T + self.origin

    def at(self, x, y, z=0.0, yaw=0.0) -> "Frame":
        return Frame(self.world([x, y, z]), self.yaw + yaw)


WORLD = Frame(np.zeros(3))


@dataclass
class Scene:
    polygons: list = field(default_factory=list)  # (k, 3) world vertices, k <= 12
    materials: list = field(default_factory=list)
    texture_origins: list = field(default_factory=list)  # where the texture is anchored
    smooth_normals: list = field(default_factory=list)  # None, or (k, 3) vertex normals
    edges: list = field(default_factory=list)  # (2, 3) world ends
    edge_normals: list = field(default_factory=list)  # None, or the (2, 3) normals beside a smooth edge
    shadow_boxes: list = field(default_factory=list)  # (frame, low, high)
    lights: list = field(default_factory=list)
    ambient: tuple = (0.35, 0.35, 0.38)
    sky: bool = False

    def polygon(self, points, material, outline=True, frame=WORLD, normals=None):
        points = frame.world(points)
        self.polygons.append(points)
        self.materials.append(material)
        self.texture_origins.append(points[0])
        self.smooth_normals.append(None if normals is None else np.asarray(normals, float) @ frame.rotation.T)
        if outline:
            for a, b in zip(points, np.roll(points, -1, axis=0)):
                self.edge(a, b)

    def edge(self, a, b, frame=WORLD, normals=None):
        self.edges.append(frame.world([a, b]))
        self.edge_normals.append(None if normals is None else np.asarray(normals, float) @ frame.rotation.T)

    def box(self, low, high, material, frame=WORLD, outline=True, shadow=True, front=None):
        """A box from `low` to `high`; `front` may give the face towards -y a material of its own."""
        (x0, y0, z0), (x1, y1, z1) = low, high
        faces = [
            [(x0, y0, z0), (x1, y0, z0), (x1, y0, z1), (x0, y0, z1)],
            [(x1, y1, z0), (x0, y1, z0), (x0, y1, z1), (x1, y1, z1)],
            [(x0, y1, z0), (x0, y0, z0), (x0, y0, z1), (x0, y1, z1)],
            [(x1, y0, z0), (x1, y1, z0), (x1, y1, z1), (x1, y0, z1)],
            [(x0, y0, z1), (x1, y0, z1), (x1, y1, z1), (x0, y1, z1)],
            [(x0, y1, z0), (x1, y1, z0), (x1, y0, z0), (x0, y0, z0)],
        ]
        for i, face in enumerate(faces):
            self.polygon(face, front if i == 0 and front else material, outline=False, frame=frame)
        if outline:
            c = np.array([[x, y, z] for z in (z0, z1) for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))])
            for i in range(4):
                self.edge(c[i], c[(i + 1) % 4], frame)
                self.edge(c[4 + i], c[4 + (i + 1) % 4], frame)
                self.edge(c[i], c[4 + i], frame)
        if shadow:
            self.shadow_boxes.append((frame, np.array(low, float), np.array(high, float)))

    def cylinder(self, radius, z0, z1, material, frame=WORLD, sides=16, top_radius=None, shadow=True):
        """A round column or cone stump; only its silhouette counts as lines, its rims do not (they are curves)."""
        top = radius if top_radius is None else top_radius
        angle = np.arange(sides) * 2 * np.pi / sides
        n = np.stack([np.cos(angle), np.sin(angle), np.zeros(sides)], 1)
        low, high = n * radius + [0, 0, z0], n * top + [0, 0, z1]
        middle = n + np.roll(n, -1, axis=0)
        for i in range(sides):
            j = (i + 1) % sides
            self.polygon([low[i], low[j], high[j], high[i]], material, False, frame, [n[i], n[j], n[j], n[i]])
            self.edge(low[i], high[i], frame, [middle[i - 1], middle[i]])
        if sides <= 16:
            self.polygon(high[: min(sides, 16)], material, False, frame)
        if shadow:
            r = 0.8 * max(radius, top)
            self.shadow_boxes.append((frame, np.array([-r, -r, z0]), np.array([r, r, z1])))

    def wall(self, width, height, material, frame, holes=(), outline=True):
        """A wall in the local plane y = 0 from (0, 0) to (width, height), seen from -y, with rectangular holes.

        Holes are (x0, z0, x1, z1), apart from each other; their outlines are structural lines.
        """
        xs = sorted({0.0, width, *(h[0] for h in holes), *(h[2] for h in holes)})
        zs = sorted({0.0, height, *(h[1] for h in holes), *(h[3] for h in holes)})
        for z0, z1 in itertools.pairwise(zs):
            start = None
            for x0, x1 in list(itertools.pairwise(xs)) + [(width, None)]:
                open_ = x1 is None or any(h[0] <= x0 and x1 <= h[2] and h[1] <= z0 and z1 <= h[3] for h in holes)
                if not open_ and start is None:
                    start = x0
                if open_ and start is not None:
                    self.polygon([(start, 0, z0), (x0, 0, z0), (x0, 0, z1), (start, 0, z1)], material, False, frame)
                    self.texture_origins[-1] = frame.origin  # so the cells show no seam
                    start = None
        for x0, z0, x1, z1 in holes:
            self._outline([(x0, 0, z0), (x0, 0, z1), (x1, 0, z1), (x1, 0, z0)], frame, closed=z0 > 0)
        if outline:
            self._outline([(0, 0, 0), (0, 0, height), (width, 0, height), (width, 0, 0)], frame, closed=False)
            # The floor line stops at doors.
            ends = [0.0, *(x for h in sorted(holes) if h[1] == 0 for x in (h[0], h[2])), width]
            for x0, x1 in zip(ends[::2], ends[1::2]):
                if x1 > x0:
                    self.edge((x0, 0, 0), (x1, 0, 0), frame)

    def _outline(self, corners, frame, closed):
        for a, b in zip(corners, corners[1:] + (corners[:1] if closed else [])):
            self.edge(a, b, frame)

    def rectangle(self, x0, z0, x1, z1, y, material, frame, outline=True):
        """An upright rectangle seen from -y."""
        self.polygon([(x0, y, z0), (x1, y, z0), (x1, y, z1), (x0, y, z1)], material, outline, frame)

    def recess(self, hole, depth, material, frame):
        """The four sides of a hole in a wall of the given thickness, and where they end."""
        x0, z0, x1, z1 = hole
        near = [(x0, 0, z0), (x1, 0, z0), (x1, 0, z1), (x0, 0, z1)]
        far = [(x, depth, z) for x, _, z in near]
        for i in range(4):
            j = (i + 1) % 4
            if i == 0 and z0 == 0:
                continue  # a door stands on the floor
            self.polygon([near[i], near[j], far[j], far[i]], material, False, frame)
            self.edge(far[i], far[j], frame)
        for a, b in zip(near, far):
            self.edge(a, b, frame)
        if z0 == 0:
            self.polygon([near[0], near[1], far[1], far[0]], material, False, frame)
            self.edge(far[0], far[1], frame)
