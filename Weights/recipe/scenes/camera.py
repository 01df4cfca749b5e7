"""A pinhole camera with square pixels, and a one-parameter lens.

World: metres, z up. Camera: x right, y down, z forward. Image: pixel centres at integers, so a W x H picture spans
[-0.5, W - 0.5] x [-0.5, H - 0.5].
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

NEAR = 0.05  # metres: what is nearer than this is clipped away


@dataclass  # not changed once made: the rotation is kept
class Camera:
    position: np.ndarray
    yaw: float  # radians, 0 looks along +y, positive turns towards -x
    pitch: float  # radians, positive looks up
    roll: float
    fov: float  # horizontal, radians
    width: int
    height: int

    @property
    def focal(self) -> float:
        return 0.5 * self.width / np.tan(0.5 * self.fov)

    @cached_property
    def rotation(self) -> np.ndarray:
        """Rows are the camera's x, y and z axes in the world."""
        cy, sy = np.cos(self.yaw), np.sin(self.yaw)
        cp, sp = np.cos(self.pitch), np.sin(self.pitch)
        forward = np.array([-sy * cp, cy * cp, sp])
        right = np.array([cy, sy, 0.0])
        down = np.cross(forward, right)
        cr, sr = np.cos(self.roll), np.sin(self.roll)
        return np.stack([cr * right + sr * down, -sr * right + cr * down, forward])

    def to_camera(self, points: np.ndarray) -> np.ndarray:
        """World points (..., 3) in camera coordinates."""
        return (points - self.position) @ self.rotation.T

    def project(self, points: np.ndarray) -> np.ndarray:
        """Camera points (..., 3), z > 0, to pixels (..., 2)."""
        centre = np.array([(self.width - 1) / 2, (self.height - 1) / 2])
        return centre + self.focal * points[..., :2] / points[..., 2:3]

    def frustum(self) -> np.ndarray:
        """Inward normals (5, 3) and offsets as (5, 4): a camera point is inside where n . p >= d."""
        f, w, h = self.focal, self.width / 2, self.height / 2
        planes = np.array([[f, 0, w, 0], [-f, 0, w, 0], [0, f, h, 0], [0, -f, h, 0], [0, 0, 1, NEAR]], float)
        norm = np.linalg.norm(planes[:, :3], axis=1, keepdims=True)
        return planes / norm


@dataclass
class Lens:
    """Radial distortion: r' = r (1 + k r^2) / (1 + k r0^2), r in half diagonals.

    r0 is the corner for a barrel (k < 0) and the middle of the nearer side for a pincushion (k > 0), so that every
    pixel of the distorted picture was seen by the pinhole.
    """

    k: float
    width: int
    height: int

    def _frame(self):
        centre = np.array([(self.width - 1) / 2, (self.height - 1) / 2])
        half = 0.5 * np.hypot(self.width, self.height)
        r0 = 1.0 if self.k < 0 else 0.5 * min(self.width, self.height) / half
        return centre, half, 1 + self.k * r0 * r0

    def distort(self, points: np.ndarray) -> np.ndarray:
        """Pinhole pixels (..., 2) to the pixels of the distorted picture."""
        centre, half, unit = self._frame()
        v = (points - centre) / half
        r2 = np.sum(v * v, axis=-1, keepdims=True)
        return centre + half * v * (1 + self.k * r2) / unit

    def undistort(self, points: np.ndarray) -> np.ndarray:
        """The inverse of `distort`, by fixed-point iteration (|k| <= 0.1 converges to 1e-6 px)."""
        centre, half, unit = self._frame()
        d = (points - centre) / half * unit
        v = d
        for _ in range(12):
            v = d / (1 + self.k * np.sum(v * v, axis=-1, keepdims=True))
        return centre + half * v
