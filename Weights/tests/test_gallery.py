import contextlib
import io
import json
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import cv2
import numpy as np
import torch

from recipe import augment, dataset, drawing, gallery, shapes, study, targets, train
from recipe.label import read_picture
from recipe.labellines import LabelLines
from recipe.network import SHAPES
from recipe.teachers import GRID


def some_lines(rng, count, size):
    at = rng.uniform(-5, max(size) + 5, (count, 4))
    if count > 2:  # level, upright, and one on another
        at[0, 3], at[1, 2], at[2] = at[0, 1], at[1, 0], at[1]
    ends = rng.choice([0, 0.2, 0.3, 0.7, 1], (count, 2))
    return LabelLines(at, rng.uniform(0.1, 1, count), ends, rng.uniform(0, 1, count))


class Silent:
    """A generator whose noise is none."""

    def __init__(self, rng):
        self.rng = rng

    def __getattr__(self, name):
        return getattr(self.rng, name)

    def standard_normal(self, shape, kind):
        return np.zeros(shape, kind)


class DrawingTests(unittest.TestCase):
    def test_a_batch_is_drawn_as_its_views_are(self):
        rng = np.random.default_rng(5)
        for size in ((64, 48), (96, 160), (160, 32)):
            views = [some_lines(rng, count, size) for count in (5, 0, 30, 1)]
            heat = rng.uniform(0, 1, (4, size[1] // 2, size[0] // 2)).astype(np.float32)
            taught = np.array([True, True, False, True])
            lines = drawing.BatchLines.of(views)
            maps = drawing.draw(lines, 4, size, torch.from_numpy(heat), torch.from_numpy(taught)).numpy()
            for i, view in enumerate(views):
                expected = targets.draw(view, size, heat[i] if taught[i] else None)
                self.assertLess(np.abs(maps[i] - expected).max(), 1e-4, (size, i))

    def test_no_lines_at_all(self):
        heat = torch.full((2, 16, 24), 0.5)
        lines = drawing.BatchLines.of([LabelLines.certain(np.zeros((0, 4)))] * 2)
        maps = drawing.draw(lines, 2, (48, 32), heat, torch.tensor([True, False]))
        self.assertAlmostEqual(maps[0, targets.HEAT].max().item(), 0.6 * 0.5, places=6)
        self.assertEqual(maps[1, targets.HEAT].max().item(), 0)
        self.assertEqual(maps[:, targets.END_KNOWN].min().item(), 1)


class Pictures(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        root = Path(self.folder.name)
        rng = np.random.default_rng(2)
        self.items = []
        for i, (width, height) in enumerate(((150, 90), (60, 80), (160, 130))):
            noise = rng.integers(0, 255, (height // 6 + 1, width // 6 + 1, 3), dtype=np.uint8)
            cv2.imwrite(str(root / f"{i}.png"), cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC))
            heat = cv2.GaussianBlur(rng.uniform(0, 1, (GRID // 2, GRID // 2)), (0, 0), 3)
            png = cv2.imencode(".png", np.round(255 * heat).astype(np.uint8))[1].ravel()
            lines = augment.framed(some_lines(rng, 6, (width, height)), width, height)
            self.items.append(dataset.Item(str(i), root / f"{i}.png", lines, png if i != 1 else None))
        self.drawn = [shapes.draw(96, rng)]


class GalleryTests(Pictures):
    def test_views_are_those_that_are_made_one_by_one(self):
        made = gallery.Gallery(self.items, self.drawn, torch.device("cpu"))
        groups = gallery.groups(2, 0.3, 1, 0.2, 1)
        self.assertEqual(
            [(group, round(share, 2)) for group, share in groups],
            [(range(2), 0.56), (range(2, 3), 0.24), (range(3, 4), 0.2)],
        )
        samples = gallery.ViewSamples(made, groups, 96, 24, seed=7, start=3)
        views = samples[3]
        self.assertGreater(len(views.shrunk), 1)
        self.assertGreater((views.light["blur"] > 0).sum(), 1)
        self.assertGreater(len(views.sharp), 1)
        self.assertTrue((views.picture[views.sharp] == made.first_drawn).all())
        views.light["noise"][:] = 0
        images, maps = made.made(views)
        rng = Silent(np.random.default_rng([7, 6]))
        pictures = [read_picture(item.path) for item in self.items] + [self.drawn[0][0]]
        items = self.items + [dataset.Item("drawn", None, self.drawn[0][1])]
        for i in range(24):
            group = samples.groups[rng.choice(3, p=samples.shares)]
            chosen = group[rng.integers(len(group))]
            self.assertEqual(chosen, views.picture[i])
            height, width = pictures[chosen].shape[:2]
            view, lines, matrix = augment.random_view(
                pictures[chosen], items[chosen].lines, (96, 96), rng, drawn=chosen == made.first_drawn
            )
            expected = items[chosen].target(lines, matrix, width, height, (96, 96))
            # Where two lines are as near, rounding decides.
            self.assertLess(((maps[i] - expected).abs().amax(dim=0) > 0.005).float().mean(), 0.002)
            error = (images[i] - dataset.to_tensor(view)).abs()
            # What shrinks is averaged in another way.
            self.assertLess(error.mean(), 0.03 if i in views.shrunk else 0.003)

    def test_noise_is_as_strong_as_it_says(self):
        light = {f: torch.zeros(2) for f in ("shift", "grey", "blur")}
        light |= {
            "gamma": torch.ones(2),
            "contrast": torch.ones(2),
            "gain": torch.ones(2, 3),
            "noise": torch.tensor([0, 0.03]),
        }
        image = gallery.recoloured(torch.full((2, 3, 64, 64), 0.5), light)
        self.assertLess((image[0] - 0.5).abs().max(), 0.003)
        self.assertAlmostEqual(image[1].std().item(), 0.03, delta=0.002)

    def test_batches_do_not_depend_on_where_a_run_was_stopped(self):
        made = gallery.Gallery(self.items, [], torch.device("cpu"))
        groups = gallery.groups(3, 0.25, 0, 0.0, 0)
        a = gallery.ViewSamples(made, groups, 64, 4, seed=1)[6]
        b = gallery.ViewSamples(made, groups, 64, 4, seed=1, start=4, stop=9)
        self.assertEqual(len(b), 5)
        self.assertTrue(torch.equal(a.matrix, b[2].matrix))
        self.assertTrue(torch.equal(a.lines.at, b[2].lines.at))


class StudyTests(Pictures):
    def test_what_is_no_network_is_named(self):
        for text in (
            "a:small:96",
            "a:huge:96:1e-3",
            "a:small:large:1e-3",
            "a:small:96:1e-3:a.pt:much",
            "a:small:96:1e-3::6:7",
        ):
            with self.assertRaisesRegex(SystemExit, text):
                study.Entry.parsed(text)
        entries = [study.Entry.parsed(text) for text in ("a:small:96:1e-3", "b:small:96:1e-3", "c:small:64:1e-3")]
        for text in ("a:d:0.5", "a:c:0.5", "a:b:2", "a:b"):
            with self.assertRaisesRegex(SystemExit, text):
                study.Teaching.parsed(text, entries)
        with self.assertRaisesRegex(SystemExit, "nothing to train on"):
            gallery.Gallery([], [], torch.device("cpu"))

    def test_an_entry_says_where_to_start_and_how_much_ends_count(self):
        entry = study.Entry.parsed("a:small:96:1e-3")
        self.assertEqual((entry.initial, entry.emphasis), (None, 3.0))
        entry = study.Entry.parsed("a:small:96:1e-3:a.pt")
        self.assertEqual((entry.initial, entry.emphasis), (Path("a.pt"), 3.0))
        entry = study.Entry.parsed("a:small:96:1e-3::6")
        self.assertEqual((entry.initial, entry.emphasis), (None, 6.0))

    def test_networks_of_a_study_learn(self):
        out = Path(self.folder.name) / "study"
        options = train.Options(
            out=out,
            photos=[],
            labels=Path("labels"),
            scenes=None,
            validation_scenes=None,
            batch=4,
            device="cpu",
            warmup=0,
            drawn_share=0.2,
        )
        entries = [study.Entry.parsed(f"{name}:small:{size}:2e-3") for name, size in (("a", 96), ("b", 64), ("c", 64))]
        found = mock.patch.object(dataset, "photographs_of", lambda *_: self.items)
        with found, contextlib.redirect_stdout(io.StringIO()):
            study.study(options, entries, 0.1, [study.Teaching.parsed("b:c:0.5", entries)])
        log = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
        self.assertEqual(log[0]["batches"], {"64": 4, "96": 2})
        for name in "abc":
            net = train.load_model(out / f"{name}.pt")
            self.assertEqual(net.shape.widths, SHAPES["small"].widths)
            self.assertEqual(net.shape.outputs, 8)
