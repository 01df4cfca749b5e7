import tempfile
import unittest
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from recipe import targets
from recipe.consensus import TRUST, View, adapt, agreed, ends_agreed, relabelled, seen, through
from recipe.label import Label, label_path, load, write
from recipe.labellines import LabelLines

NEAR = 4.0
TURNED = [2, 3, 0, 1]


def view(*rows, weight=1.0, **rest):
    rows = np.array(rows, float).reshape(-1, 5)
    return View(rows[:, :4], rows[:, 4], weight, **rest)


class AgreementTests(unittest.TestCase):
    LINE = np.array([20.0, 30, 90, 50])

    def test_a_line_is_as_sure_as_the_views_that_show_it(self):
        moved = self.LINE + [1, -1, 2, 1]
        views = [view([*self.LINE, 0.8]), view([*moved[TURNED], 0.4]), view(), view([*(self.LINE + 20), 0.3])]
        lines, scores = agreed(views, NEAR)
        self.assertTrue(np.allclose(scores, [1.2 / 4, 0.3 / 4]))
        # The mean of the ends, by their scores, whichever comes first.
        self.assertTrue(np.allclose(lines[0], (2 * self.LINE + moved) / 3))
        self.assertTrue(np.allclose(lines[1], self.LINE + 20))

    def test_a_view_that_does_not_see_a_line_has_no_say(self):
        # It shows the photograph's left 70 pixels, the line's second end is at 90.
        blind = view(matrix=np.eye(3), size=(70, 100))
        self.assertTrue(np.allclose(agreed([view([*self.LINE, 0.8]), blind], NEAR)[1], 0.8))
        whole = view(matrix=np.eye(3), size=(100, 100))
        self.assertTrue(np.allclose(agreed([view([*self.LINE, 0.8]), whole], NEAR)[1], 0.4))

    def test_views_count_by_their_weights_and_each_once(self):
        views = [view([*self.LINE, 0.8], [*(self.LINE + 1), 0.6]), view([*self.LINE, 0.2], weight=3.0)]
        lines, scores = agreed(views, NEAR)
        self.assertTrue(np.allclose(lines, [self.LINE, self.LINE + 1]))
        self.assertTrue(np.allclose(scores, [(0.8 + 3 * 0.2) / 4, 0.6 / 4]))

    def test_nothing_there(self):
        lines, scores = agreed([view(), view()], NEAR)
        self.assertEqual((lines.shape, scores.shape), ((0, 4), (0,)))
        self.assertEqual(ends_agreed(lines, [view()], NEAR).shape, (0, 2))

    def test_an_end_may_be_agreed_on_where_the_other_is_not(self):
        shorter = np.concatenate([self.LINE[:2], 0.5 * (self.LINE[:2] + self.LINE[2:])])
        across = np.array([*self.LINE[2:], self.LINE[2] + 30, self.LINE[3] - 40])
        views = [view([*self.LINE, 0.8]), view([*shorter[TURNED], 0.6], [*across, 0.9])]
        self.assertTrue(np.allclose(ends_agreed(self.LINE[None], views, NEAR), [[0.7, 0.4]]))

    def test_an_end_that_a_view_does_not_see(self):
        blind = view([*self.LINE[:2], 66, 43, 0.4], matrix=np.eye(3), size=(75, 100))
        self.assertTrue(np.allclose(ends_agreed(self.LINE[None], [view([*self.LINE, 0.8]), blind], NEAR), [[0.6, 0.8]]))


class ViewTests(unittest.TestCase):
    def test_lines_come_back_through_the_homography(self):
        matrix = np.array([[0.9, -0.2, 15], [0.15, 1.1, -8], [2e-4, -1e-4, 1]])
        lines = np.array([[30.0, 40, 60, 45], [50, 20, 55, 70]])
        there = through(matrix, lines.reshape(-1, 2, 2)).reshape(-1, 4)
        back = seen(there, np.array([0.5, 0.6]), matrix, (100, 100), (100, 100))
        self.assertTrue(np.allclose(back.lines, lines))
        self.assertTrue(np.array_equal(back.scores, [0.5, 0.6]))
        self.assertTrue(back.sees(lines.reshape(-1, 2, 2)).all())

    def test_what_the_frame_of_a_view_cut_is_left_out(self):
        # The view shows the photograph's left half: a line at its right edge goes on, one at its left edge does not.
        lines = np.array([[20.0, 10, 98, 10], [1, 20, 50, 20], [20, 30, 60, 30]])
        back = seen(lines, np.array([0.5, 0.6, 0.7]), np.eye(3), (100, 100), (200, 100))
        self.assertTrue(np.array_equal(back.scores, [0.6, 0.7]))


def labelled(rows, width=128, height=96) -> Label:
    rows = np.array(rows, float)
    heat = np.zeros((height, width), np.uint8)
    for x1, y1, x2, y2 in np.round(rows[:, :4]).astype(int):
        cv2.line(heat, (x1, y1), (x2, y2), 200, 2)
    png = cv2.imencode(".png", cv2.resize(heat, (256, 256)))[1].ravel()
    return Label("photos/a.png", width, height, LabelLines(rows[:, :4], rows[:, 4], rows[:, 5:7], rows[:, 7]), png)


class LabelTests(unittest.TestCase):
    TRUE = np.array([20.0, 30, 90, 30])
    KNOWN = labelled([[20, 30, 60, 30, 0.9, 0.4, 0.3, 0.5], [20, 70, 90, 75, 0.5, 0, 0, 0]])

    def test_views_outvote_a_teacher(self):
        lines = relabelled(self.KNOWN, [view([*self.TRUE, 0.9])] * 12)
        self.assertTrue(np.allclose(lines.at[0], self.TRUE, atol=0.01))
        self.assertGreater(lines.p[0], 0.4)
        # All agree on the first end, the views alone on the second.
        self.assertTrue(np.allclose(lines.ends[0], TRUST * 1.25 * np.array([0.7, 0.45])))
        # What the teacher says instead is another reading, if half as sure; what LSDNet alone saw stays.
        other = np.flatnonzero(np.abs(lines.at - self.KNOWN.lines.at[0]).max(axis=1) < 0.1)
        self.assertTrue(np.allclose(sorted(lines.p[other]), [0, 0.25]))
        self.assertIn([20, 70, 90, 75], lines.at.tolist())

    def test_a_teacher_alone_is_believed_by_half(self):
        lines = relabelled(self.KNOWN, [view()] * 12)
        self.assertTrue(np.allclose(lines.at[0], self.KNOWN.lines.at[0]))
        self.assertLess(lines.p[0], self.KNOWN.lines.p[0])
        self.assertTrue(np.allclose(lines.ends[0], TRUST * 1.25 * 0.25))

    def test_no_line_at_all(self):
        none = LabelLines(np.zeros((0, 4)), np.zeros(0), np.zeros((0, 2)), np.zeros(0))
        self.assertEqual(len(relabelled(replace(self.KNOWN, lines=none), [view()] * 3)), 0)

    def test_heat_stays_as_it_was(self):
        anew = relabelled(self.KNOWN, [view([*self.TRUE, 0.9])] * 12)
        heat = np.zeros((48, 64), np.float32)
        before, after = (targets.draw(lines, (128, 96), heat) for lines in (self.KNOWN.lines, anew))
        self.assertGreater(before[targets.HEAT].max(), 0.15)
        self.assertTrue(np.allclose(after[targets.HEAT], before[targets.HEAT]))
        # Where the teacher's line ends, the new one goes on.
        self.assertGreater(before[targets.STOP][0, 15, 28], 0.5)
        self.assertLess(after[targets.STOP][0, 15, 28], 0.1)

    def test_labels_on_disk(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            photos, labels, out = folder / "photos", folder / "labels", folder / "out"
            photos.mkdir(), labels.mkdir()
            cv2.imwrite(str(photos / "a.png"), np.full((96, 128, 3), 90, np.uint8))
            write(label_path(labels, "photos/a.png"), self.KNOWN)
            # Sees the photograph as it is show one line, and every other view nothing.
            detector = folder / "detector"
            detector.write_text(
                """#!/bin/sh
mkdir "$4"
for picture in "$2"/*.png; do : > "$4/$(basename "$picture" .png).txt"; done
echo 20 30 90 30 0.9 > "$4/0-0.txt"
"""
            )
            detector.chmod(0o755)
            for _ in range(2):
                adapt([photos], labels, out, detector, folder / "model", 640, 3, 1)
                self.assertEqual([path.name for path in out.iterdir()], ["photos__a.png.npz"])
                detector.unlink(missing_ok=True)  # what is there is left
            anew = load(label_path(out, "photos/a.png"))
            self.assertEqual((anew.name, anew.width, anew.height), ("photos/a.png", 128, 96))
            self.assertTrue(np.array_equal(anew.heat, self.KNOWN.heat))
            self.assertTrue(np.abs(anew.lines.at - self.TRUE).max(axis=1).min() < 0.01)


if __name__ == "__main__":
    unittest.main()
