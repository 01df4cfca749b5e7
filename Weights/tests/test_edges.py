import tempfile
import unittest
from pathlib import Path

import cv2
import numpy as np

from recipe.edges import end_shift, on_edge, snap, snapped
from recipe.label import label_path, load, save
from recipe.labellines import LabelLines
from recipe.teachers import GRID

WIDTH, HEIGHT = 240, 180


def edge(degrees=20.0, reach=60.0, bar=None):
    """A picture of an edge, or a bar, that goes `reach` pixels either way from (118.3, 88.6) and no further, and the line."""
    u = np.array([np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))])
    y, x = np.mgrid[:HEIGHT, :WIDTH] - np.array([88.6, 118.3])[:, None, None]
    along, across = x * u[0] + y * u[1], y * u[0] - x * u[1]

    def step(distance):
        return 1 / (1 + np.exp(-np.clip(distance / 0.35, -60, 60)))

    on = step(reach - np.abs(along))
    share = step(across) if bar is None else step(across + bar / 2) - step(across - bar / 2)
    picture = np.round(105 + on * (60 + 90 * share - 105)).astype(np.uint8)
    middle = np.array([118.3, 88.6])
    return picture, np.concatenate([middle - reach * u, middle + reach * u])


def off(line, true):
    """How far off the ends of a line are along and across the true one."""
    u = (true[2:] - true[:2]) / np.hypot(*(true[2:] - true[:2]))
    d = (line - true).reshape(2, 2)
    return d @ u, d @ np.array([-u[1], u[0]])


class EdgeTests(unittest.TestCase):
    def test_a_line_moves_onto_its_edge(self):
        for degrees in (0, 20, 45, 77, 90, 130):
            picture, true = edge(degrees)
            n = np.array([-np.sin(np.deg2rad(degrees)), np.cos(np.deg2rad(degrees))])
            for first, last in ((0, 0), (0.9, 0.6), (-0.8, 0.5)):
                start = true + np.concatenate([first * n, last * n])
                found = on_edge(start, picture.astype(np.float32), 1.5)
                self.assertLess(np.abs(off(found, true)[1]).max(), 0.25)

    def test_between_edges_or_not_at_all(self):
        picture, true = edge(20, bar=2.0)
        n = np.array([-np.sin(np.deg2rad(20)), np.cos(np.deg2rad(20))])
        found = on_edge(true + np.tile(0.6 * n, 2), picture.astype(np.float32), 2.0)
        self.assertLess(np.abs(off(found, true)[1]).max(), 0.2)
        plain = np.full((HEIGHT, WIDTH), 90, np.float32)
        self.assertTrue(np.array_equal(on_edge(true, plain, 2.0), true))
        picture, true = edge()
        far = true + np.tile(6 * n, 2)
        self.assertTrue(np.array_equal(on_edge(far, picture.astype(np.float32), 1.5), far))

    def test_ends_go_to_where_the_edge_ends(self):
        for degrees in (0, 20, 45, 90, 200):
            picture, true = edge(degrees)
            u = (true[2:] - true[:2]) / np.hypot(*(true[2:] - true[:2]))
            for error in (-1.3, -0.5, 0, 0.5, 1.3):
                line = true.copy()
                line[2:] += error * u
                shift = end_shift(line, picture.astype(np.float32), 2.0)
                self.assertLess(abs(shift + error), 0.45 + 0.15 * abs(error))
                self.assertLessEqual(abs(shift), 2.0)
        self.assertEqual(end_shift(true, np.full((HEIGHT, WIDTH), 90, np.float32), 2.0), 0)

    def test_only_ends_that_are_trusted_move(self):
        picture, true = edge()
        u = (true[2:] - true[:2]) / np.hypot(*(true[2:] - true[:2]))
        line = true + np.concatenate([u, u])
        lines = LabelLines(line[None], np.ones(1), np.array([[0.0, 1.0]]), np.ones(1))
        along = off(snapped(lines, picture).at[0], true)[0]
        self.assertAlmostEqual(along[0], 1, delta=0.05)
        # A cell of so small a picture is a pixel: it moves as far as that.
        self.assertLess(along[1], 0.6)
        self.assertTrue(np.array_equal(lines.at[0], line))

    def test_labels_on_disk(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            photos, labels, out = folder / "photos", folder / "labels", folder / "out"
            photos.mkdir(), labels.mkdir()
            with self.assertRaisesRegex(SystemExit, "label them first"):
                snap([photos], labels, out)
            self.assertFalse(out.exists())
            picture, true = edge()
            cv2.imwrite(str(photos / "a.png"), picture)
            cv2.imwrite(str(photos / "b.png"), picture)
            n = np.array([-np.sin(np.deg2rad(20)), np.cos(np.deg2rad(20))])
            scale = np.tile(np.array([WIDTH, HEIGHT]) / GRID, 2)
            row = np.concatenate([(true + np.tile(0.6 * n, 2) + 0.5) / scale - 0.5, [0.9, 1, 1, 0.5]])
            save(label_path(labels, "photos/a.png"), "photos/a.png", WIDTH, HEIGHT, row[None], np.zeros((GRID, GRID)))
            snap([photos], labels, out)
            self.assertEqual([path.name for path in out.iterdir()], ["photos__a.png.npz"])
            before, after = load(label_path(labels, "photos/a.png")), load(label_path(out, "photos/a.png"))
            self.assertLess(np.abs(off(after.lines.at[0], true)[1]).max(), 0.15)
            self.assertEqual((after.name, after.width, after.height), (before.name, WIDTH, HEIGHT))
            for name in ("p", "ends", "sure"):
                self.assertTrue(np.array_equal(getattr(after.lines, name), getattr(before.lines, name)))
            # What is there is left.
            stamp = label_path(out, "photos/a.png").stat().st_mtime_ns
            snap([photos], labels, out)
            self.assertEqual(label_path(out, "photos/a.png").stat().st_mtime_ns, stamp)
