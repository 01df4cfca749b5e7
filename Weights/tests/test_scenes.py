import unittest

import numpy as np

from recipe.scenes.camera import Camera, Lens
from recipe.scenes.hidden_lines import clip_to_frame, tidy, visible_lines
from recipe.scenes.rasterizer import render
from recipe.scenes.render import KINDS, render_scene
from recipe.scenes.scene import Material, Scene
from recipe.scenes.sensor import Sensor

WHITE, BLACK = Material((0.9, 0.9, 0.9)), Material((0.02, 0.02, 0.02))


def forward_camera(width=160, height=120):
    """At the origin, looking along +y; a point (x, y, z) is seen at (x, -z) / y."""
    return Camera(np.zeros(3), 0.0, 0.0, 0.0, np.deg2rad(60), width, height)


def square(scene, x0, z0, x1, z1, y, material, outline=True):
    scene.polygon([(x0, y, z0), (x1, y, z0), (x1, y, z1), (x0, y, z1)], material, outline)


class CameraTests(unittest.TestCase):
    def test_axes(self):
        camera = forward_camera()
        self.assertTrue(np.allclose(camera.to_camera(np.array([[1.0, 5.0, 2.0]])), [[1, -2, 5]]))
        self.assertTrue(np.allclose(camera.project(np.array([[0.0, 0.0, 3.0]])), [[79.5, 59.5]]))
        turned = Camera(np.zeros(3), 0.4, 0.2, 0.1, 1.0, 160, 120)
        self.assertTrue(np.allclose(turned.rotation @ turned.rotation.T, np.eye(3)))
        self.assertAlmostEqual(np.linalg.det(turned.rotation), 1.0)

    def test_lens_inverts_and_keeps_the_frame_covered(self):
        for k in (-0.05, 0.05):
            lens = Lens(k, 160, 120)
            points = np.array([[0.0, 0.0], [159, 119], [79.5, 0], [0, 59.5], [40, 80]])
            self.assertTrue(np.allclose(lens.distort(lens.undistort(points)), points, atol=1e-5))
            seen = lens.undistort(points)
            self.assertTrue((seen > -0.6).all() and (seen < [159.6, 119.6]).all())


class HiddenLineTests(unittest.TestCase):
    def test_occluded_middle_is_cut_out_exactly(self):
        camera = forward_camera()
        scene = Scene()
        scene.edge((-2, 10, 0), (2, 10, 0))
        square(scene, -0.5, -0.5, 0.5, 0.5, 5, WHITE, outline=False)
        lines = visible_lines(scene, camera)
        f = camera.focal
        # The square spans x / y = +-0.1; the edge +-0.2.
        expected = np.array(
            [[79.5 - 0.2 * f, 59.5, 79.5 - 0.1 * f, 59.5], [79.5 + 0.1 * f, 59.5, 79.5 + 0.2 * f, 59.5]]
        )
        self.assertTrue(np.allclose(np.sort(lines, axis=0), expected, atol=1e-3))

    def test_in_front_and_in_the_plane_is_visible(self):
        scene = Scene()
        scene.edge((-0.3, 4, 0), (0.3, 4, 0))  # before the square
        square(scene, -0.5, -0.5, 0.5, 0.5, 5, WHITE)
        self.assertEqual(len(visible_lines(scene, forward_camera())), 5)

    def test_behind_the_camera_and_out_of_sight(self):
        scene = Scene()
        scene.edge((-1, -5, 0), (1, -5, 0))
        scene.edge((100, 5, 0), (101, 5, 0))
        scene.edge((0, -5, -0.1), (0, 5, -0.1))  # passes under the camera: the part ahead is seen
        square(scene, -9, -9, 9, 9, 50, WHITE, outline=False)
        lines = visible_lines(scene, forward_camera())
        self.assertEqual(len(lines), 1)
        self.assertTrue(np.isfinite(lines).all())

    def test_box_shows_nine_of_twelve_edges_from_a_corner(self):
        scene = Scene()
        scene.box((0.5, 4, 0.5), (1.5, 5, 1.5), WHITE)
        camera = Camera(np.zeros(3), 0.0, 0.0, 0.0, np.deg2rad(80), 320, 240)
        self.assertEqual(len(visible_lines(scene, camera)), 9)

    def test_cylinder_shows_two_silhouettes(self):
        scene = Scene()
        scene.cylinder(0.5, -1, 1, WHITE, sides=16)
        scene.polygons = [p + [0, 6, 0] for p in scene.polygons]
        scene.edges = [e + [0, 6, 0] for e in scene.edges]
        self.assertEqual(len(visible_lines(scene, forward_camera())), 2)

    def test_against_brute_force_in_a_room(self):
        """Points of visible pieces see the camera; points of the rest of each edge do not."""
        scene, camera = KINDS["room"](np.random.default_rng(11), 160, 120)
        lines = visible_lines(scene, camera)
        rng = np.random.default_rng(0)
        polygons = [camera.to_camera(p) for p in scene.polygons]
        checked = wrong = 0
        for index in rng.choice(len(scene.edges), 60, replace=False):
            if scene.edge_normals[index] is not None:
                continue
            a, b = camera.to_camera(scene.edges[index])
            for t in rng.uniform(0.02, 0.98, 4):
                point = a + t * (b - a)
                if point[2] < 0.1:
                    continue
                pixel = camera.project(point)
                if not (0 < pixel[0] < 159 and 0 < pixel[1] < 119):
                    continue
                seen = not any(_hides(p, point) for p in polygons)
                d = np.abs(_distance(lines, pixel)).min() < 1e-3
                checked += 1
                wrong += seen and not d  # another visible line may pass through a hidden point's pixel
        self.assertGreater(checked, 40)
        self.assertEqual(wrong, 0)

    def test_tidy(self):
        pieces = np.array([[0.0, 0, 10, 0], [10.5, 0, 30, 0], [0, 2, 30, 2.0], [0, 50, 3, 50]])
        self.assertTrue(np.allclose(tidy(pieces), [[0, 2, 30, 2]]) or np.allclose(tidy(pieces), [[0, 0, 30, 0]]))
        apart = np.array([[0.0, 0, 30, 0], [0, 4, 30, 4]])
        self.assertEqual(len(tidy(apart)), 2)
        self.assertEqual(tidy(np.zeros((0, 4))).shape, (0, 4))

    def test_clipping_to_the_frame(self):
        lines = clip_to_frame(np.array([[-10.0, 5, 30, 5], [50, 50, 60, 60]]), 20, 20)
        self.assertTrue(np.allclose(lines, [[-0.5, 5, 19.5, 5]]))


def _hides(polygon, point):
    """Whether the segment from the camera to the point passes through the polygon, by intersecting its plane."""
    n = np.cross(polygon[1] - polygon[0], polygon[2] - polygon[0])
    if abs(n @ point) < 1e-12:
        return False
    t = (n @ polygon[0]) / (n @ point)
    if not 0 < t < 1 - 1e-5:
        return False
    hit = t * point
    turns = [np.cross(b - a, hit - a) @ n for a, b in zip(polygon, np.roll(polygon, -1, axis=0))]
    return min(turns) > 1e-9


def _distance(lines, p):
    a, d = lines[:, :2], lines[:, 2:] - lines[:, :2]
    t = np.clip(((p - a) * d).sum(1) / np.maximum((d * d).sum(1), 1e-9), 0, 1)
    return np.hypot(*(p - a - t[:, None] * d).T)


class RenderTests(unittest.TestCase):
    def test_the_picture_s_edge_lies_on_the_line(self):
        camera = forward_camera()
        scene = Scene(ambient=(1, 1, 1))
        square(scene, -9, -9, 9, 9, 10, WHITE, outline=False)
        square(scene, -1.234, -0.777, 1.111, 0.888, 6, BLACK)
        image = render(scene, camera, np.random.default_rng(0), supersampling=4)[..., 1]
        level = image[5, 5]
        lines = visible_lines(scene, camera)
        left = lines[:, [0, 2]].min()
        top = lines[:, [1, 3]].min()
        # The white on the way to the middle of the square sums to the distance from the frame to its edge.
        dark = image[60, 78]
        self.assertAlmostEqual(((image[60, :80] - dark) / (level - dark)).sum() - 0.5, left, delta=0.15)
        self.assertAlmostEqual(((image[:60, 79] - dark) / (level - dark)).sum() - 0.5, top, delta=0.15)

    def test_scenes_are_the_same_for_the_same_seed(self):
        a, b = render_scene("corridor", 3, 96, 72), render_scene("corridor", 3, 96, 72)
        self.assertTrue(np.array_equal(a.image, b.image) and np.array_equal(a.lines, b.lines))
        self.assertFalse(np.array_equal(a.image, render_scene("corridor", 4, 96, 72).image))

    def test_every_kind_has_lines_inside_the_picture(self):
        for kind in KINDS:
            for seed in (0, 1):
                scene = render_scene(kind, seed, 128, 96)
                self.assertEqual(scene.image.shape, (96, 128, 3))
                self.assertGreater(len(scene.lines), 5, (kind, seed))
                self.assertTrue((scene.lines >= -0.51).all() and (scene.lines <= [127.51, 95.51] * 2).all())

    def test_lines_follow_the_lens(self):
        straight = render_scene("room", 5, 128, 96, Sensor(blur=0, noise=0))
        bent = render_scene("room", 5, 128, 96, Sensor(blur=0, noise=0, distortion=-0.04))
        self.assertFalse(np.array_equal(straight.image, bent.image))
        self.assertTrue((bent.lines >= -0.51).all() and (bent.lines <= [127.51, 95.51] * 2).all())


if __name__ == "__main__":
    unittest.main()
