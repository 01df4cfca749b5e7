import itertools
import json
import tempfile
import unittest
from pathlib import Path

import numpy as np

from recipe import score
from recipe.endweights import EndWeights


def random_evidence(rng, regions=12, breaks=5):
    """Evidence of regions with a few breaks each; which stretches are right depends on the ends' evidence alone."""
    count = regions * breaks
    ones = np.ones((count, 1))
    strong = rng.random(count) < 0.5
    after = np.concatenate([rng.normal(size=(count, score.END - 1)), ones], 1)
    after[:, 0] = strong * 2.0 - 1
    passed = np.concatenate([rng.normal(size=(count, 7)), ones], 1)
    passed[:, 0] = after[:, 0]
    first, last, region = [], [], []
    for r in range(regions):
        for a, b in itertools.combinations(range(breaks), 2):
            first.append(r * breaks + a)
            last.append(r * breaks + b)
            region.append(r)
    first, last = np.array(first), np.array(last)
    line = np.concatenate([rng.random((len(first), 3)), np.ones((len(first), 1))], 1)
    inside = np.array([strong[a + 1 : b].any() for a, b in zip(first, last, strict=True)])
    right = np.where(strong[first] & strong[last] & ~inside, np.arange(len(first)), -1)
    covered = (line[:, 0] > 0.5) * 1.0
    return score.Evidence(
        after,
        after,
        passed,
        line,
        first,
        last,
        np.array(region),
        right,
        covered,
        np.full(len(first), 20.0),
        np.full(len(first), 1 / 12),
    )


class ScoreTests(unittest.TestCase):
    def test_the_fit_finds_what_decides(self):
        rng = np.random.default_rng(2)
        evidence = random_evidence(rng, 60)
        model = score.fit([evidence], steps=200)
        weights = model.weights()
        self.assertGreater(weights["end"][0], 1.5 * np.abs(weights["end"][1 : score.END - 1]).max())
        self.assertLess(weights["pass"][0], -1)
        line, rest = (x.detach().numpy() for x in model(evidence))
        p = np.exp(line + rest)
        self.assertGreater(p[evidence.right >= 0].mean(), p[evidence.right < 0].mean() + 0.4)
        # The weights are for features as they are.
        raw = 1 / (1 + np.exp(-evidence.after @ weights["end"][: score.END]))
        low = rest - np.log(raw[evidence.first]) - np.log(raw[evidence.last])
        neighbours = evidence.last == evidence.first + 1
        self.assertLess(np.abs(low[neighbours]).max(), 1e-3)

    def test_weights_that_are_known_are_kept(self):
        """Those of evidence; the scores' are fitted to what the partition by them chooses."""
        evidence = random_evidence(np.random.default_rng(3), 40)
        known = EndWeights.read(Path(__file__).parents[1] / "end-weights.txt")
        model = score.Model.of([evidence], known)
        for name, row in (("end", known.end), ("pass", known.passes), ("line", known.line)):
            np.testing.assert_allclose(model.weights()[name], row, atol=1e-5)
        weights, report = score.fitted({"held_out": evidence}, 0.9, known)
        for name in ("end", "passes", "line", "on_line", "length", "cost", "share"):
            np.testing.assert_allclose(getattr(weights, name), getattr(known, name), atol=1e-5)
        self.assertGreater(np.abs(weights.above - known.above).max(), 0.01)
        self.assertRegex(report, "^# held_out: [0-9]+ segments")
        # P of two stretches, by hand.
        line, rest = (x.detach().numpy() for x in model(evidence))

        def log(rows, row):
            return -np.log1p(np.exp(-rows @ row))

        for k in np.flatnonzero(evidence.last - evidence.first <= 2)[:2]:
            inside = evidence.passed[evidence.first[k] + 1 : evidence.last[k]]
            expected = log(evidence.after[evidence.first[k]], known.end) + log(
                evidence.before[evidence.last[k]], known.end
            )
            self.assertAlmostEqual(rest[k], expected + log(inside, known.passes).sum(), places=4)
            self.assertAlmostEqual(line[k], log(evidence.line[k], known.line), places=4)

    def test_the_partition_is_the_best(self):
        rng = np.random.default_rng(4)
        evidence = random_evidence(rng, 6, 4)
        p = rng.random(len(evidence.first))
        chosen = score.partition(evidence, p)
        for region in range(6):
            members = np.flatnonzero(evidence.region == region)
            best = 0.0
            for size in range(1, 4):
                for group in itertools.combinations(members, size):
                    spans = sorted((evidence.first[k], evidence.last[k]) for k in group)
                    if all(a[1] <= b[0] for a, b in itertools.pairwise(spans)):
                        best = max(best, sum(p[k] - score.COST for k in group))
            found = sum(p[k] - score.COST for k in chosen if evidence.region[k] == region)
            self.assertAlmostEqual(found, best)

    def test_a_long_stretch_is_surer(self):
        evidence = random_evidence(np.random.default_rng(5), 1, 3)
        evidence.line[:] = [0.5, 0.25, 0.2, 1]
        # A logit of -1: e times the middling length makes up for it.
        on_line = np.array([0, 0, 0, -1.0])
        evidence.length[:] = np.array([1, 2.7, 2.8]) / 12
        chosen = np.array([2, 0, 1])
        self.assertEqual(score.is_on_line(evidence, chosen, on_line).tolist(), [True, False, False])

    def test_files_and_figures(self):
        row = {
            "file": "a.png",
            "width": 256,
            "height": 128,
            "regions": [
                {
                    "breaks": [[x, 20, *range(40)] for x in (10, 210, 250)],
                    "stretches": [[0, 1, 0.9, 0.81, 0.5, 1], [0, 2, 0.8, 0.64, 0.1, 1]],
                }
            ],
        }
        with tempfile.TemporaryDirectory() as folder:
            evidence, truth = Path(folder) / "e.ndjson", Path(folder) / "t.json"
            evidence.write_text(json.dumps(row) + "\n")
            truth.write_text(json.dumps([{"filename": "a.png", "lines": [[212, 21, 11, 19]]}]))
            read = score.read(evidence, truth)
        np.testing.assert_array_equal(read.right, [0, -1])
        np.testing.assert_array_equal(read.before[0], np.arange(16, 16 + score.END))
        np.testing.assert_array_equal(read.passed[0], np.arange(32, 40))
        np.testing.assert_allclose(read.pixels, [200, 240])
        np.testing.assert_allclose(read.length, read.pixels / 181.02, rtol=1e-4)
        np.testing.assert_allclose(read.covered, [1, 14 / 16])
        np.testing.assert_array_equal(score.judge(read, np.array([0, 0, 1]), np.array([0.1, 0.9, 0.5])), [0, 1, 0])

    def test_calibration(self):
        """The fit finds again the curves that right and wrong were drawn from."""
        rng = np.random.default_rng(0)
        truth = score.BandedScore(np.array([0.5, -0.5]), np.array([2.0, 1.0]))
        line, belief = rng.random(40000) < 0.5, rng.random(40000)
        right = rng.random(40000) < truth(line, belief)
        fitted = score.BandedScore.fit(line, belief, right)
        np.testing.assert_allclose(fitted.above, truth.above, atol=0.06)
        np.testing.assert_allclose(fitted.below, truth.below, atol=0.5)
        self.assertLess(score.calibration_error(fitted(line, belief), right), 0.01)
        self.assertGreater(score.calibration_error(belief, right), 0.05)

    def test_what_lies_on_a_line(self):
        evidence = random_evidence(np.random.default_rng(6), 60)
        weights = score.on_line_weights([evidence], [np.arange(len(evidence.first))])
        agree = (evidence.line @ weights + score.SURE >= 0) == (evidence.covered > 0.5)
        self.assertGreater(agree.mean(), 0.97)

    def test_bands(self):
        """Whatever lies on a line scores above whatever does not; within a band the belief decides."""
        banded = score.BandedScore(np.array([1.0, -1.0]), np.array([1.0, 0.0]))
        belief = np.linspace(0, 1, 11)
        high, low = banded(np.full(11, True), belief), banded(np.full(11, False), belief)
        self.assertGreaterEqual(high.min(), score.BandedScore.BORDER)
        self.assertLessEqual(low.max(), score.BandedScore.BORDER)
        self.assertTrue((np.diff(high) > 0).all() and (np.diff(low) > 0).all())


if __name__ == "__main__":
    unittest.main()
