import json
import tempfile
import unittest
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np

from recipe import tune
from recipe.endweights import EndWeights

SHIPPED = Path(__file__).parents[1] / "end-weights.txt"


def figures(f, ap, sap):
    return {"F_H": f, "AP_H": ap, "sAP10": sap}


def views(repeatability, error):
    structural = {"repeatability": {"value": repeatability}, "localisation_error": {"value": error}}
    return {"methods": {"network": {"structural": structural}}}


class EndWeightsTests(unittest.TestCase):
    def test_a_text_says_what_it_was_made_from(self):
        weights = EndWeights.read(SHIPPED)
        self.assertEqual([len(v) for v in (weights.end, weights.passes, weights.line, weights.above)], [12, 8, 4, 2])
        self.assertEqual(weights.text(), SHIPPED.read_text())

    def test_what_is_no_such_text_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "w.txt"
            for text in ("", SHIPPED.read_text() + "more 1\n", SHIPPED.read_text().replace("share 0.2", "share x")):
                path.write_text(text)
                with self.assertRaisesRegex(SystemExit, "w.txt"):
                    EndWeights.read(path)


class TuneTests(unittest.TestCase):
    def test_steps_are_shares_of_a_weight(self):
        start = EndWeights.read(SHIPPED)
        start = replace(start, end=np.array([2.0, -0.1, *np.zeros(10)]))
        at = np.zeros(20)
        at[:2], at[12] = 1, -2
        changed = tune.scaled(start, at)
        np.testing.assert_allclose(changed.end[:3], [2.5, 0.0, 0])
        np.testing.assert_allclose(changed.passes[0], start.passes[0] - 0.5 * abs(start.passes[0]))
        np.testing.assert_array_equal(changed.line, start.line)

    def test_what_figures_are_worth(self):
        accuracy = {"held_out": figures(80, 90, 60), "rendered": figures(70, 60, 50)}
        self.assertAlmostEqual(tune.worth(accuracy, views(60, 0.5)), 80 + 90 + 120 + 35 + 30 + 50 + 36 - 4)

    def test_the_detector_is_asked(self):
        asked = []

        def evaluated(arguments, **_):
            asked.append([str(argument) for argument in arguments])
            out = Path(arguments[-1])
            answer = views(60, 0.5) if "--repeatability" in arguments else figures(80, 90, 60)
            out.write_text(json.dumps(answer))
            return mock.Mock(returncode=0)

        with tempfile.TemporaryDirectory() as folder, mock.patch("subprocess.run", evaluated):
            folder = Path(folder)
            truths = {name: folder / f"{name}.json" for name in ("held_out", "rendered")}
            judge = tune.Judge(Path("lsdnet"), Path("m.lsdnet"), truths)
            value = judge(EndWeights.read(SHIPPED), folder / "try")
            self.assertEqual((folder / "try/end-weights.txt").read_text(), SHIPPED.read_text())
        self.assertAlmostEqual(value, 1.5 * (80 + 90 + 120) + 36 - 4)
        self.assertEqual(len(asked), 3)
        for arguments in asked:
            self.assertEqual(arguments[:2], ["lsdnet", "evaluate"])
            self.assertEqual(arguments[arguments.index("--end-weights") + 1], str(folder / "try/end-weights.txt"))
        self.assertIn(str(folder / "held_out"), asked[2])

    def test_what_the_detector_refuses_is_said(self):
        refused = mock.Mock(returncode=1, stderr="Error: m.lsdnet: it is none\n")
        with tempfile.TemporaryDirectory() as folder, mock.patch("subprocess.run", return_value=refused):
            judge = tune.Judge(Path("lsdnet"), Path("m.lsdnet"), {"held_out": Path(folder) / "held_out.json"})
            with self.assertRaisesRegex(SystemExit, "m.lsdnet: it is none"):
                judge(EndWeights.read(SHIPPED), Path(folder))

    def test_the_search_finds_what_is_best(self):
        """Of a made worth, whose best is known."""
        start = EndWeights.read(SHIPPED)
        best = tune.scaled(start, np.linspace(-1, 1, 20))

        def judge(weights, scratch):
            return -np.square(weights.end - best.end).sum() - np.square(weights.passes - best.passes).sum()

        with tempfile.TemporaryDirectory() as folder, mock.patch("builtins.print"):
            tune.search(start, judge, Path(folder), 120, 1)
            found = EndWeights.read(Path(folder) / "end-weights.txt")
        self.assertGreater(judge(found, None), judge(start, None) / 50)


if __name__ == "__main__":
    unittest.main()
