import subprocess
import tempfile
import unittest
from pathlib import Path

import cv2
import numpy as np
import torch

from recipe import ends as training
from recipe.endnetwork import EndNetwork, Ends
from recipe.ends import Known, Pairs, cell_of, drawn, ended, grey, known, learn, matched, paired
from recipe.label import read_picture
from recipe.mixing import direction_of

ROOT = Path(__file__).parents[2]
LSDNET = ROOT / ".build/release/lsdnet"


def edge(turned=False):
    """A bright band of rows on grey, its line from (20, 30.5) to (70, 30.5); or of columns."""
    picture = np.full((64, 96), 100.0)
    picture[31:50, 20:71] = 180
    picture[12:31, 20:71] = 60
    picture = cv2.GaussianBlur(picture, (0, 0), 0.7)
    return picture.T if turned else picture


class EndsTests(unittest.TestCase):
    LINE = np.array([[21.3, 30.4, 68.9, 30.7]])

    def test_what_is_seen_does_not_depend_on_how_a_picture_lies(self):
        one = Ends.of(self.LINE, edge(), 2.2)
        self.assertEqual(one.columns.shape, (1, 5, 18))
        # A step of 120 grey levels, blurred by 0.7 pixels and by interpolation.
        self.assertAlmostEqual(one.contrast.item(), 95, delta=6)
        # Inside it is as usual; 5 columns further it has ended: grey in place of 60 to 180.
        self.assertLess(one.columns[0, :, :6].abs().max(), 0.05)
        self.assertTrue(np.allclose(one.columns[0, [0, 4], 14], [40 / 93, -80 / 93], atol=0.03))
        across = self.LINE[:, [1, 0, 3, 2]]
        upside_down = self.LINE * [1, -1, 1, -1] + [0, 63, 0, 63]
        mirrored = self.LINE * [-1, 1, -1, 1] + [95, 0, 95, 0]
        for line, picture in (
            (across, edge(turned=True)),
            (upside_down, edge()[::-1]),
            (mirrored, edge()[:, ::-1]),
        ):
            other = Ends.of(line, picture, 2.2)
            self.assertTrue(torch.allclose(one.columns, other.columns, atol=1e-5))
            self.assertTrue(torch.equal(one.possible, other.possible))
            self.assertTrue(torch.allclose(one.place, other.place, atol=1e-4))

    def test_lines_that_lie_differently_keep_their_order(self):
        picture = np.random.default_rng(1).uniform(0, 255, (90, 90))
        lines = np.array([[20, 30, 70, 35], [30, 20, 35, 70], [25, 40, 65, 20.0]])
        together = Ends.of(lines, picture, 2.2)
        for k in range(3):
            self.assertTrue(torch.equal(together.columns[k], Ends.of(lines[k], picture, 2.2).columns[0]))

    def test_where_there_is_too_little_to_see_ends_stay(self):
        net = EndNetwork.read(ROOT / "Weights/end-network.f32")
        plain = Ends.of(self.LINE, np.full((64, 96), 90.0), 2.2)
        border = Ends.of(np.array([[20, 30.5, 94, 30.5]]), edge(), 2.2)
        short = Ends.of(np.array([[66, 30.5, 70, 30.5]]), edge(), 2.2)
        for ends in (plain, border, short):
            self.assertFalse(ends.possible.any())
            self.assertEqual(net(ends).item(), 0)
        self.assertGreater(net(Ends.of(self.LINE, edge(), 2.2)).item(), 0.5)

    def test_a_larger_cell_is_looked_at_by_larger_steps(self):
        picture = cv2.resize(edge(), None, fx=3, fy=3, interpolation=cv2.INTER_LINEAR)
        fine, coarse = Ends.of(self.LINE, edge(), 2.2), Ends.of(3 * self.LINE + 1, picture, 6.6)
        self.assertTrue(torch.allclose(fine.columns, coarse.columns, atol=0.08))  # interpolated over more pixels
        self.assertTrue(torch.allclose(3 * fine.place, coarse.place, atol=1e-4))


class NetworkTests(unittest.TestCase):
    def test_a_file_is_the_network(self):
        torch.manual_seed(3)
        net = EndNetwork()
        for value in net.parameters():
            torch.nn.init.normal_(value, std=0.3)
        ends = Ends.of(ended(np.array([[21.3, 30.4, 68.9, 30.7], [24, 30.4, 60, 30.4]])), edge(), 2.2)
        with tempfile.TemporaryDirectory() as scratch:
            file = Path(scratch) / "net.f32"
            net.write(file)
            self.assertEqual(file.stat().st_size, 74 * 8 * 4)
            self.assertTrue(torch.allclose(net(ends), EndNetwork.read(file)(ends), atol=1e-5))
            file.write_bytes(b"12345678")
            with self.assertRaisesRegex(SystemExit, "net.f32: no network of ends"):
                EndNetwork.read(file)

    def test_before_it_has_learned_it_moves_ends_by_parts_of_a_column(self):
        ends = Ends.of(np.array([[21.3, 30.4, 68.9, 30.7]]), edge(), 2.2)
        self.assertLess(EndNetwork()(ends).abs().item(), 0.1)

    def test_it_is_what_the_detector_computes(self):
        if not LSDNET.exists():
            self.skipTest("build lsdnet first: Scripts/build")
        picture = read_picture(ROOT / "Fixtures/room.png")
        found = []
        for fit in ("--no-fit-ends", "--fit-ends"):
            run = subprocess.run(
                [LSDNET, "detect", ROOT / "Fixtures/room.png", fit], check=True, capture_output=True, text=True
            )
            found.append(np.array(run.stdout.split(), float).reshape(-1, 5)[:, :4])
        still, moved = found
        seen = Ends.of(ended(still), grey(picture), cell_of(picture.shape[1::-1], 480))
        net = EndNetwork.read(ROOT / "Weights/end-network.f32")
        last, first = net(seen).detach().numpy().reshape(2, -1, 1)
        self.assertGreater((np.abs(last) > 0.2).sum(), 20)
        u = direction_of(still)
        expected = still + np.concatenate([-first * u, last * u], axis=1)
        nearest = np.abs(expected[:, None] - moved).max(axis=2).min(axis=1)
        # All but those whose score has changed, as they came to lie on another.
        self.assertGreater((nearest < 0.01).mean(), 0.97)


class LearningTests(unittest.TestCase):
    def test_segments_that_are_each_others_nearest(self):
        a = np.array([[10, 10, 50, 10], [10, 30, 50, 30], [200, 200, 240, 240.0]])
        b = np.array([[51, 31, 10, 30], [9, 11, 49, 10], [11, 12, 53, 13.0]])
        i, j = matched(a, b)
        pairs = {tuple(map(tuple, pair)) for pair in zip(ended(a)[i].tolist(), ended(b)[j].tolist())}
        right = [(a[0], b[1]), (a[1], b[0][[2, 3, 0, 1]])]
        right += [(x[[2, 3, 0, 1]], y[[2, 3, 0, 1]]) for x, y in right]
        self.assertEqual(pairs, {(tuple(x.tolist()), tuple(y.tolist())) for x, y in right})
        self.assertEqual(len(matched(a, np.empty((0, 4)))[0]), 0)

    def test_how_far_ends_are_apart(self):
        picture, line = edge(), np.array([[22, 30.5, 66, 30.5]])
        truth = known(line, np.array([[70, 30.5, 20, 30.5]]), picture, 2.2)
        self.assertEqual(sorted(truth.apart.tolist()), [-4, -2])
        # Half as large again, and both ends further out by a pixel of the view.
        matrix = np.diag([1.5, 1.5, 1])
        seen = np.array([[1.5 * 22 - 1, 1.5 * 30.5, 1.5 * 66 + 1, 1.5 * 30.5]])
        pairs = paired(line, seen, matrix, (picture, cv2.resize(picture, None, fx=1.5, fy=1.5)), (2.2, 2.2))
        self.assertTrue(np.allclose(pairs.apart, -1, atol=1e-5))
        self.assertTrue(np.allclose(pairs.scale, 1.5, atol=1e-5))

    def test_the_side_of_a_cell(self):
        # 640 x 480 pixels become 544 x 416.
        self.assertAlmostEqual(cell_of((640, 480), 480), (640 / 272 + 480 / 208) / 2)
        self.assertAlmostEqual(cell_of((2000, 100), 480), (2000 / 416 + 100 / 144) / 2)

    def test_it_asks_for_photographs(self):
        with tempfile.TemporaryDirectory() as folder, self.assertRaisesRegex(SystemExit, "too few photographs"):
            training.ends(
                Path("net.f32"), [Path(folder)], [], Path(folder), LSDNET, count=2, epochs=1, seed=1, threads=1
            )

    def test_it_learns_where_lines_end(self):
        rng = np.random.default_rng(4)
        parts = []
        for picture, lines in drawn(24, 7):
            first, last = rng.normal(0, 1.2, (2, len(lines), 1)).clip(-2.5, 2.5) * direction_of(lines)
            parts.append(known(lines + np.concatenate([first, last], axis=1), lines, grey(picture), 2.2))
        truth = Known.joined(parts)
        few = torch.arange(len(truth.apart)) % 4 == 0
        learnt, others = truth[~few], truth[few]
        # No photographs: each end is its own view.
        pairs = Pairs(learnt.ends, learnt.ends, torch.zeros(len(learnt.apart)), torch.ones(len(learnt.apart)))
        net = learn(pairs, learnt, epochs=60, seed=1)
        before = others.apart.abs().mean().item()
        after = others.moved(net).abs().mean().item()
        self.assertGreater(before, 0.8)
        self.assertLess(after, 0.6 * before)
