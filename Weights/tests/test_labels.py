import contextlib
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import cv2
import numpy as np

from recipe import label
from recipe.__main__ import main
from recipe.mixing import mixed_lines, snapped
from recipe.teachers import GRID, Fields, _averaged


def ridge(*lines):
    """Ideal teacher fields: a Gaussian of 1.5 cells round each line."""
    y, x = np.mgrid[:GRID, :GRID].astype(np.float32)
    heat, cosine, sine = np.zeros((3, GRID, GRID), np.float32)
    for x0, y0, x1, y1 in lines:
        dx, dy = x1 - x0, y1 - y0
        t = np.clip(((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy), 0, 1)
        h = np.exp(-((x - x0 - t * dx) ** 2 + (y - y0 - t * dy) ** 2) / (2 * 1.5**2))
        angle = 2 * np.arctan2(dy, dx)
        cosine, sine = np.where(h > heat, np.cos(angle), cosine), np.where(h > heat, np.sin(angle), sine)
        heat = np.maximum(heat, h)
    return Fields(*(np.float32(m) for m in (heat, cosine, sine)))


class MixingTests(unittest.TestCase):
    TRUE = np.array([100.0, 120, 300, 180])

    def test_snapping_moves_a_line_onto_the_ridge(self):
        off = self.TRUE + [0.3, 1.5, -0.2, 1.1]
        found = snapped(off, ridge(self.TRUE).heat)
        u = np.array([200, 60]) / np.hypot(200, 60)
        across = (found.reshape(2, 2) - self.TRUE.reshape(2, 2)) @ np.array([-u[1], u[0]])
        self.assertLess(np.abs(across).max(), 0.2)

    def test_lines_of_both_teachers_and_of_one(self):
        alone = np.array([60.0, 400, 400, 390])
        rows = mixed_lines(ridge(self.TRUE, alone), self.TRUE[None] + 0.8, np.array([0.8]))
        self.assertEqual(len(rows), 2)
        both, single = rows
        self.assertTrue(np.allclose(both[:4], self.TRUE, atol=1.5))
        self.assertGreater(both[4], 0.9)
        self.assertGreater(both[5:7].min(), 0.6)
        ends = single[:4] if single[0] < single[2] else single[[2, 3, 0, 1]]
        self.assertTrue(np.allclose(ends, alone, atol=4))
        self.assertTrue(0.3 < single[4] < 0.61)
        self.assertEqual(single[5:].max(), 0)
        self.assertAlmostEqual(both[7], 1)

    def test_a_line_that_goes_on_has_a_doubtful_end(self):
        rows = mixed_lines(ridge(self.TRUE), np.array([[100.0, 120, 200, 150]]), np.array([0.8]))
        first = next(r for r in rows if r[5] > 0)
        self.assertGreater(first[5], first[6] + 0.3)

    def test_a_line_that_reaches_out_of_the_picture_is_cut_and_does_not_end_there(self):
        out = np.array([[100.0, 120, 600, 120]])
        rows = mixed_lines(ridge(out[0]), out, np.array([0.8]))
        self.assertTrue(np.allclose(rows[0][:4], [100, 120, GRID - 0.5, 120], atol=1))
        self.assertEqual(rows[0][6], 0)
        self.assertGreater(rows[0][5], 0.5)

    def test_nothing_there(self):
        self.assertEqual(mixed_lines(ridge(), np.zeros((0, 4)), np.zeros(0)).shape, (0, 8))

    def test_two_passes_are_averaged_whatever_the_order_of_ends(self):
        a, b = np.array([[10.0, 10, 50, 10]]), np.array([[50.0, 12, 10, 12], [200, 200, 240, 200]])
        lines, scores = _averaged(a, np.array([0.8]), b, np.array([0.6, 0.4]))
        self.assertTrue(np.allclose(lines, [[10, 11, 50, 11], [200, 200, 240, 200]]))
        self.assertTrue(np.allclose(scores, [0.7, 0.2]))


class StorageTests(unittest.TestCase):
    def test_round_trip_in_pixels_of_the_photograph(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.npz"
            rows = np.array([[0, 0, GRID - 1, GRID - 1, 0.75, 0.5, 0.25, 0.625]])
            heat = np.zeros((GRID, GRID), np.float32)
            heat[100:102, 200:202] = 0.4
            label.save(path, "houses/a.jpg", 480, 320, rows, heat)
            data = label.load(path)
            self.assertEqual((data.name, data.width, data.height), ("houses/a.jpg", 480, 320))
            expected = [
                0.5 * 480 / GRID - 0.5,
                0.5 * 320 / GRID - 0.5,
                479.5 - 0.5 * 480 / GRID,
                319.5 - 0.5 * 320 / GRID,
            ]
            self.assertTrue(np.allclose(data.lines.at, [expected], atol=1e-4))
            self.assertTrue(np.allclose(data.lines.p, 0.75) and np.allclose(data.lines.ends, [[0.5, 0.25]]))
            self.assertTrue(np.allclose(data.lines.sure, 0.625))
            kept = cv2.imdecode(data.heat, cv2.IMREAD_GRAYSCALE)
            self.assertEqual((kept.shape, kept[50, 100], kept.sum()), ((GRID // 2, GRID // 2), 102, 102))

    def test_a_tenth_is_held_out_by_name_alone(self):
        names = [f"houses/{i}.jpg" for i in range(5000)]
        share = np.mean([label.held_out(n) for n in names])
        self.assertTrue(0.08 < share < 0.12)
        # These, for ever: else what validated one run would be learnt from by the next.
        self.assertEqual([i for i in range(60) if label.held_out(f"houses/{i}.jpg")], [8, 19, 41, 58])

    def test_photographs_are_found_below_folders_in_a_fixed_shuffle(self):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder) / "photos"
            (root / "in").mkdir(parents=True)
            for name in ("window.jpg", "door.jpg", "stairs.jpg", "roof.jpg", "in/b.PNG", "c.txt"):
                (root / name).write_bytes(b"")
            names = [n for n, _ in label.photographs([root])]
            # Sorted by a hash, not by name.
            self.assertEqual(
                names, [f"photos/{n}" for n in ("stairs.jpg", "window.jpg", "roof.jpg", "in/b.PNG", "door.jpg")]
            )
            with contextlib.chdir(root):
                self.assertEqual([n for n, _ in label.photographs([Path(".")])], names)
            with self.assertRaises(SystemExit):
                label.photographs([root / "missing"])
            other = Path(folder) / "other" / "photos"
            other.mkdir(parents=True)
            (other / "door.jpg").write_bytes(b"")
            with self.assertRaisesRegex(SystemExit, "both called photos/door.jpg"):
                label.photographs([root, other])


class CommandTests(unittest.TestCase):
    def test_a_photograph_that_changed_is_named(self):
        with tempfile.TemporaryDirectory() as folder:
            photos, labels = Path(folder) / "photos", Path(folder) / "labels"
            photos.mkdir(), labels.mkdir()
            rows = np.array([[0, 0, GRID - 1, GRID - 1, 0.75, 0.5, 0.25, 0.625]])
            file = label.label_path(labels, "photos/a.png")
            label.save(file, "photos/a.png", 48, 32, rows, np.zeros((GRID, GRID), np.float32))
            arguments = ["recipe", "snap", str(photos), "--labels", str(labels), "-o", str(Path(folder) / "out")]
            for height, message in ((None, "a.png: cannot be read"), (40, "a.png: is 48 x 40 and was .48, 32.")):
                (photos / "a.png").write_bytes(b"no picture")
                if height:
                    cv2.imwrite(str(photos / "a.png"), np.zeros((height, 48, 3), np.uint8))
                with mock.patch("sys.argv", arguments), self.assertRaisesRegex(SystemExit, message):
                    main()
                self.assertEqual(list((Path(folder) / "out").iterdir()), [])


class TeacherTests(unittest.TestCase):
    """Needs the public models; see Weights/README.md for what to get from where."""

    TEACHERS = Path(__file__).resolve().parents[3] / "shared" / "teachers"

    def test_labels_of_a_fixture_follow_its_lines(self):
        lsdnet, mlsd = self.TEACHERS / "lsdnet-official.onnx", self.TEACHERS / "M-LSD_512_large_fp16.onnx"
        if not lsdnet.exists():
            self.skipTest(f"no teachers at {self.TEACHERS}")
        fixtures = Path(__file__).resolve().parents[2] / "Fixtures"
        with tempfile.TemporaryDirectory() as folder:
            photos = Path(folder) / "photos"
            photos.mkdir()
            picture = cv2.imread(str(fixtures / "room.png"))
            cv2.imwrite(str(photos / "room.png"), picture)
            (photos / "broken.jpg").write_bytes(b"not a picture")
            labels = Path(folder) / "labels"
            label.label([photos], labels, lsdnet, mlsd, None, False, 1)
            self.assertEqual([p.name for p in labels.iterdir()], ["photos__room.png.npz"])
            data = label.load(label.label_path(labels, "photos/room.png"))
            truth = np.loadtxt(fixtures / "room.txt")
            drawn = np.full(picture.shape[:2], 255, np.uint8)
            for line in truth:
                cv2.line(drawn, tuple(map(round, line[:2])), tuple(map(round, line[2:])), 0, 1)
            distance = cv2.distanceTransform(drawn, cv2.DIST_L2, 5)
            sure = data.lines.at[data.lines.p > 0.7]
            self.assertGreater(len(sure), 20)
            middle = np.round(0.5 * (sure[:, :2] + sure[:, 2:])).astype(int)
            near = distance[middle[:, 1].clip(0, 479), middle[:, 0].clip(0, 639)]
            self.assertGreater(np.mean(near < 4), 0.65)  # the rest lie on the textures


if __name__ == "__main__":
    unittest.main()
