import contextlib
import io
import json
import tempfile
import unittest
from dataclasses import replace
from pathlib import Path
from unittest import mock

import cv2
import numpy as np
import onnx
import torch

from recipe import augment, check, dataset, export, label, losses, measures, render, shapes, targets, train
from recipe.labellines import LabelLines
from recipe.muon import Muon, orthogonal
from recipe.network import SHAPES, LineNet, Maps, Shape, Unit, depth_to_space, folded, load_onnx
from recipe.teachers import GRID, session

TINY = Shape(widths=(4, 4, 8, 8, 8), pyramid=4, head=4, ends=True, stops=True)
UPSAMPLED = Shape(widths=(4, 4, 8, 8, 8), pyramid=4, head=8, ends=True, stops=True, upsampled=True)
LEAN = replace(UPSAMPLED, widths=(4, 4, 8, 8), blocks=(0, 1, 2), head=0)


def warmed(shape=TINY):
    """A random network whose batch norms have seen something."""
    torch.manual_seed(3)
    net = LineNet(shape).train()
    for _ in range(2):
        net(torch.rand(2, 3, 64, 64))
    for unit in net.modules():
        if isinstance(unit, Unit) and unit.norm is not None:
            torch.nn.init.uniform_(unit.norm.weight, 0.5, 1.5)
            torch.nn.init.normal_(unit.norm.bias, std=0.2)
    torch.nn.init.normal_(net.head.weight, std=0.2)
    return net.eval()


class TargetTests(unittest.TestCase):
    def test_against_the_formula(self):
        rng = np.random.default_rng(1)
        lines = rng.uniform(-5, 70, (12, 4))
        p, sure = rng.uniform(0.3, 1, 12), rng.uniform(0, 1, 12)
        teacher = rng.uniform(0, 1, (24, 32)).astype(np.float32)
        out = targets.draw(LabelLines(lines, p, np.ones((12, 2)), sure), (64, 48), teacher)
        alone = targets.draw(LabelLines(lines, p, np.ones((12, 2)), sure), (64, 48))
        self.assertEqual(out.shape, (targets.COUNT, 24, 32))
        self.assertTrue(np.array_equal(alone[targets.HEAT], out[targets.LINE]))
        self.assertTrue(np.array_equal(alone[1:], out[1:]))
        cells = (lines + 0.5) / 2 - 0.5
        for y in range(0, 24, 3):
            for x in range(0, 32, 3):
                a, d = cells[:, :2], cells[:, 2:] - cells[:, :2]
                length = np.hypot(*d.T)
                t = np.clip((([x, y] - a) * d).sum(1) / length**2, 0, 1)
                square = ((a + t[:, None] * d - [x, y]) ** 2).sum(1)
                near = np.where(square < 9, np.exp(-square / (2 * 0.85**2)), 0)
                value = p * near
                self.assertAlmostEqual(out[targets.LINE, y, x], value.max(), places=5)
                heat = 0.4 * (sure * near).max() + 0.6 * teacher[y, x]
                self.assertAlmostEqual(out[targets.HEAT, y, x], heat, places=5)
                known = out[targets.STOP_KNOWN, y, x]
                if value.max() == 0:
                    self.assertEqual(known.max(), 0)
                    continue
                k = value.argmax()
                angle = 2 * np.arctan2(d[k, 1], d[k, 0])
                self.assertAlmostEqual(out[targets.COS, y, x], np.cos(angle), places=5)
                self.assertAlmostEqual(out[targets.SIN, y, x], np.sin(angle), places=5)
                low, high = np.exp(-t[k] * length[k] / 5), np.exp(-(1 - t[k]) * length[k] / 5)
                right, left = (high, low) if d[k, 0] > 0 else (low, high)
                down, up = (high, low) if d[k, 1] > 0 else (low, high)
                self.assertTrue(np.allclose(out[targets.STOP, y, x], [right, left, down, up], atol=1e-5))
                across, along = np.abs(d[k]) > 0.4 * length[k]
                expected = value[k] * np.array([across, across, along, along])
                self.assertTrue(np.allclose(known, expected, atol=1e-5))

    def test_a_share_of_another_network_s_maps(self):
        generator = torch.Generator().manual_seed(2)
        target = torch.rand(2, targets.COUNT, 3, 5, generator=generator)
        said = torch.rand(2, 8, 3, 5, generator=generator)
        mixed = targets.taught(target, said, 0.25)
        maps = [targets.HEAT, targets.COS, targets.SIN, targets.END, 6, 7, 8, 9]
        self.assertTrue(torch.allclose(mixed[:, maps], 0.75 * target[:, maps] + 0.25 * said))
        others = [targets.LINE, targets.END_KNOWN, 10, 11, 12, 13]
        self.assertTrue(torch.equal(mixed[:, others], target[:, others]))

    def test_ends_and_the_mask(self):
        lines = LabelLines(np.array([[10.3, 20.0, 50.0, 20.0]]), np.array([0.8]), np.array([[1.0, 0.0]]), np.ones(1))
        out = targets.draw(lines, (64, 48))
        x, y = (10.3 + 0.5) / 2 - 0.5, (20 + 0.5) / 2 - 0.5
        cell = round(x), round(y)
        end, known = out[targets.END], out[targets.END_KNOWN]
        self.assertEqual(np.unravel_index(end.argmax(), end.shape), cell[::-1])
        self.assertEqual(known[cell[1], cell[0]], 1)
        self.assertEqual(known[10, round((50.5) / 2 - 0.5)], 0)  # nobody vouches for that end
        self.assertLess(end[10, 25], 0.01)
        # Near it nobody knows how soon the line ends; further away, that it does not end yet.
        right, left = out[targets.STOP_KNOWN][:2]
        self.assertEqual(right[10, 24], 0)
        self.assertGreater(right[10, 8], 0.7)
        self.assertGreater(left[10, 8:25].min(), 0.7)

    def test_no_lines(self):
        out = targets.draw(LabelLines.certain(np.zeros((0, 4))), (64, 64))
        out[targets.END_KNOWN] -= 1
        self.assertTrue((out == 0).all())
        heat = np.full((32, 32), 0.5, np.float32)
        self.assertTrue(np.allclose(targets.draw(LabelLines.certain(np.zeros((0, 4))), (64, 64), heat)[0], 0.3))


class AugmentTests(unittest.TestCase):
    def test_pixels_and_lines_move_together(self):
        line = np.array([30.0, 40.0, 90.0, 75.0])
        picture = np.zeros((120, 160, 3), np.uint8)
        fine = np.zeros((480, 640), np.uint8)
        cv2.line(fine, *[tuple(int(v) for v in (q + 0.5) * 4 - 0.5) for q in line.reshape(2, 2)], 255, 6)
        picture[:] = cv2.resize(fine, (160, 120), interpolation=cv2.INTER_AREA)[..., None]
        rng = np.random.default_rng(5)
        plain = mock.patch.object(augment, "_recoloured", lambda view, light, rng: view)
        checked = 0
        with plain:
            for _ in range(20):
                view, lines, matrix = augment.random_view(picture, LabelLines.certain(line[None]), (128, 128), rng)
                # The picture itself taken for a teacher's heat lies on the view's cells.
                heat = augment.warped_heat(cv2.resize(picture[..., 0], (80, 60)), 160, 120, matrix, (128, 128), 2)
                averaged = cv2.resize(view[..., 0], (64, 64), interpolation=cv2.INTER_AREA) / 255
                frame = cv2.warpPerspective(np.ones((120, 160), np.uint8), matrix, (128, 128))
                inner = cv2.erode(frame, np.ones((9, 9)), borderValue=1)[::2, ::2] > 0
                self.assertLess(np.abs(heat - averaged)[inner].mean(), 0.01)
                for seen in lines.at:
                    a, b = seen[:2], seen[2:]
                    for t in (0.3, 0.5, 0.7):
                        x, y = np.round(a + t * (b - a)).astype(int)
                        window = view[max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2, 0]
                        self.assertGreater(window.max(), 60)
                        checked += 1
        self.assertGreater(checked, 40)

    def test_the_detector_s_input_keeps_the_aspect_ratio(self):
        for size, expected in [
            ((640, 480), (448, 320)),
            ((480, 720), (320, 480)),
            ((9, 9), (384, 384)),
            ((900, 300), (672, 224)),
            ((20000, 1), (672, 224)),
            ((1, 20000), (224, 672)),
        ]:
            self.assertEqual(augment.input_size(*size, 384), expected)
        picture = np.zeros((30, 40, 3), np.uint8)
        picture[15:, :10] = 200
        lines = LabelLines.certain(np.array([[-0.5, 14.5, 9.5, 14.5]]))
        view, lines, _ = augment.whole(picture, lines, (64, 32))
        self.assertEqual(view.shape, (32, 64, 3))
        self.assertEqual(view[17, 14].tolist() + view[14, 14].tolist() + view[17, 17].tolist(), [200] * 3 + [0] * 6)
        self.assertTrue(np.allclose(lines.at, [[-0.5, 15.5, 15.5, 15.5]]))

    def test_whole_pictures_are_averaged_where_they_shrink_and_interpolated_where_they_grow(self):
        picture = np.repeat(np.array([[0, 80], [40, 120]], np.uint8)[..., None], 3, axis=2)
        view, _, _ = augment.whole(picture, LabelLines.certain(np.zeros((0, 4))), (4, 1))
        self.assertEqual(view[0, :, 0].tolist(), [20, 40, 80, 100])

    def test_half_of_what_is_drawn_keeps_its_steps(self):
        picture = np.zeros((64, 64, 3), np.uint8)
        picture[20:40, 20:40] = 200
        plain = mock.patch.object(augment, "_recoloured", lambda view, light, rng: view)
        steps = {True: 0, False: 0}
        with plain:
            for drawn in steps:
                for seed in range(100):
                    view, _, _ = augment.random_view(
                        picture, LabelLines.certain(np.zeros((0, 4))), (64, 64), np.random.default_rng(seed), drawn
                    )
                    steps[drawn] += set(np.unique(view).tolist()) <= {0, augment.BORDER, 200}
        self.assertLess(steps[False], 5)
        self.assertGreater(steps[True], 35)
        self.assertLess(steps[True], 65)
        # Not where each pixel would become a block.
        self.assertFalse(any(augment.keeps_steps(np.diag([3.0, 3, 1]), np.random.default_rng(i)) for i in range(20)))

    def test_views_keep_the_aspect_ratio_more_or_less(self):
        picture, ratios = np.zeros((90, 240, 3), np.uint8), []
        for seed in range(60):
            _, _, matrix = augment.random_view(
                picture, LabelLines.certain(np.zeros((0, 4))), (96, 96), np.random.default_rng(seed)
            )
            ratios.append(np.divide(*np.linalg.svd(matrix[:2, :2])[1]))
        self.assertLess(np.median(ratios), 1.3)  # squashed it would be 2.7

    def test_an_end_that_is_cut_off_is_no_end(self):
        lines = augment.transformed(LabelLines.certain(np.array([[10.0, 10, 100, 10]])), np.eye(3), (64, 64))
        self.assertTrue(np.allclose(lines.at, [[10, 10, 63.5, 10]]))
        self.assertEqual(lines.ends.tolist(), [[1, 0]])


class ItemTests(unittest.TestCase):
    def test_a_picture_that_changed_since_it_was_labelled(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.png"
            cv2.imwrite(str(path), np.full((20, 30, 3), 7, np.uint8))
            lines = LabelLines.certain(np.zeros((0, 4)))
            self.assertEqual(dataset.Item("a", path, lines, None, (30, 20)).picture().shape, (20, 30, 3))
            with self.assertRaisesRegex(OSError, "30 x 20 and was"):
                dataset.Item("a", path, lines, None, (20, 30)).picture()


class ShapeTests(unittest.TestCase):
    def test_every_line_is_drawn_where_it_is_said_to_be(self):
        checked = 0
        for seed in range(30):
            picture, lines = shapes.draw(192, np.random.default_rng(seed))
            again, same = shapes.draw(192, np.random.default_rng(seed))
            self.assertTrue(np.array_equal(picture, again) and np.array_equal(lines.at, same.at))
            self.assertTrue(picture.shape == (192, 192, 3) and picture.dtype == np.uint8)
            self.assertTrue((lines.at >= 0).all() and (lines.at <= 191).all() and (lines.ends == 1).all())
            grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(int)
            for x1, y1, x2, y2 in lines.at:
                for t in (0.3, 0.5, 0.7):
                    x, y = round(x1 + t * (x2 - x1)), round(y1 + t * (y2 - y1))
                    near = grey[max(y - 2, 0) : y + 3, max(x - 2, 0) : x + 3]
                    self.assertGreater(int(near.max()) - int(near.min()), 8)
                    checked += 1
        self.assertGreater(checked, 300)

    def test_they_are_part_of_the_samples(self):
        scenes = [dataset.Item("none", Path("none"), LabelLines.certain(np.zeros((0, 4))))]
        samples = dataset.Samples([], scenes, 1.0, 64, 7, 0, 5, drawn_share=1.0)
        image, target = samples[3]
        self.assertEqual((image.shape, target.shape), ((3, 64, 64), (targets.COUNT, 32, 32)))
        self.assertTrue(torch.equal(image, samples[3][0]) and torch.equal(target, samples[3][1]))


class NetworkTests(unittest.TestCase):
    def test_folding_changes_nothing(self):
        image = torch.rand(1, 3, 64, 96)
        for net in (warmed(), warmed(UPSAMPLED)):
            with torch.no_grad():
                self.assertLess((net(image) - folded(net)(image)).abs().max().item(), 1e-4)

    def test_the_shuffle_puts_channels_where_dcr_says(self):
        x = torch.arange(12.0).reshape(1, 12, 1, 1)
        y = depth_to_space(x)
        for dy in range(2):
            for dx in range(2):
                self.assertEqual(y[0, :, dy, dx].tolist(), [(2 * dy + dx) * 3 + c for c in range(3)])

    def test_export_agrees_and_uses_the_operators_promised(self):
        image = torch.rand(2, 3, 96, 64)
        usual = {"Conv", "Relu", "Add", "Resize", "Slice", "Sigmoid", "Concat"}
        for shape, maps in ((shape, maps) for shape in (TINY, UPSAMPLED, LEAN) for maps in (3, 4, 8)):
            net = warmed(shape)
            model = export.to_onnx(net, maps)
            self.assertLessEqual(
                {n.op_type for n in model.graph.node}, usual | ({"DepthToSpace"} if shape.upsampled else set())
            )
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "m.onnx"
                onnx.save(model, str(path))
                result = session(path, 1).run(None, {"image": image.numpy()})[0]
            with torch.no_grad():
                expected = Maps(net, maps)(image).numpy()
            self.assertEqual(result.shape, (2, maps, 48, 32))
            self.assertLess(np.abs(result - expected).max(), 1e-4)
        with self.assertRaises(SystemExit):
            export.to_onnx(warmed(Shape(widths=(4, 4, 8, 8, 8), pyramid=4, head=4)), 4)

    def test_weights_come_back_from_onnx_with_new_maps_added(self):
        image = torch.rand(1, 3, 64, 64)
        for shape in (TINY, UPSAMPLED, LEAN):
            net = warmed(replace(shape, stops=False))
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "m.onnx"
                onnx.save(export.to_onnx(folded(net), 4), str(path))
                again = LineNet(replace(shape, norm=False)).eval()
                load_onnx(again, path)
                with torch.no_grad():
                    self.assertEqual(again(image).shape[1], 8)
                    self.assertLess((again(image)[:, :4] - net(image)).abs().max().item(), 1e-4)
                with self.assertRaises(SystemExit):
                    load_onnx(LineNet(Shape(norm=False)), path)

    def test_a_heat_bias_moves_every_heat_and_nothing_else(self):
        image = torch.rand(1, 3, 64, 64)
        for shape in (TINY, UPSAMPLED):
            net = warmed(shape)
            with tempfile.TemporaryDirectory() as folder, torch.no_grad():
                path = Path(folder) / "model.pt"
                train.save_model(path, net, 1)
                moved = train.load_model(path, 0.5)(image) - train.load_model(path)(image)
            self.assertTrue(torch.allclose(moved[:, 0], torch.tensor(0.5), atol=1e-5))
            self.assertEqual(moved[:, 1:].abs().max().item(), 0)

    def test_sizes(self):
        counts = {name: sum(p.numel() for p in folded(LineNet(s)).parameters()) for name, s in SHAPES.items()}
        self.assertEqual(
            counts,
            {"default": 808291, "upsampled": 812892, "thin": 645492, "lean": 322564, "wide": 1460916, "small": 406523},
        )

    def test_what_a_run_starts_from(self):
        net = warmed()
        with tempfile.TemporaryDirectory() as folder:
            model, onnx_file = Path(folder, "model.pt"), Path(folder, "model.onnx")
            train.save_model(model, net, 7)
            export.export(model, onnx_file, 8, 0.0)
            kept, _ = train.started(TINY, model)
            self.assertTrue(kept.shape.norm)
            for name, value in train.load_model(model).state_dict().items():
                self.assertTrue(torch.equal(kept.state_dict()[name], value), name)
            plain, _ = train.started(TINY, onnx_file)
            self.assertFalse(plain.shape.norm)
            image = torch.rand(1, 3, 64, 96)
            self.assertLess((plain.eval()(image) - kept.eval()(image)).abs().max(), 1e-4)
            train.save_model(model, folded(net), 7)
            self.assertFalse(train.started(TINY, model)[0].shape.norm)
            # Of another shape the layers that both have.
            shorter = replace(LEAN, blocks=(0, 1, 1))
            train.save_model(model, net, 7)
            started, anew = train.started(shorter, model)
            self.assertEqual(anew, ["head"])
            ours, theirs = started.state_dict(), train.load_model(model).state_dict()
            new = {name for name, value in ours.items() if not torch.equal(value, theirs[name])}
            self.assertEqual(new, {"head.weight", "head.bias"})
            with self.assertRaisesRegex(SystemExit, "model.pt"):
                train.started(replace(TINY, widths=(12, 12, 16, 16, 16), pyramid=12, head=12), model)

    def test_frozen_parts_stay_as_they_are(self):
        options = train.Options(Path("x"), [], None, None, None, frozen=True)
        student = train.Student(replace(SHAPES["small"], ends=True, stops=True), None, options, torch.device("cpu"))
        before = {k: v.clone() for k, v in student.net.state_dict().items()}
        target = torch.rand(2, targets.COUNT, 32, 32)
        student.learn(torch.rand(2, 3, 64, 64), target, 1e-3)
        for name, value in student.net.state_dict().items():
            frozen = name.startswith(("stem.", "down4."))
            self.assertEqual(torch.equal(value, before[name]), frozen, name)


class MuonTests(unittest.TestCase):
    def test_the_orthogonal_matrix_has_the_directions_of_the_matrix(self):
        generator = torch.Generator().manual_seed(3)
        for shape in ((4, 27), (32, 288), (96, 8), (5, 5)):
            matrix = torch.randn(shape, generator=generator, dtype=torch.float64)
            u, s, v = torch.linalg.svd(matrix, full_matrices=False)
            inside = u.T @ orthogonal(torch.stack([matrix.flip(0), matrix]))[1] @ v.T
            diagonal = inside.diagonal()
            self.assertLess((inside - diagonal.diag()).abs().max(), 1e-9, shape)
            self.assertTrue(((diagonal > 0.6) & (diagonal < 1.3))[s > 0.05 * s.max()].all(), shape)

    def test_a_step_goes_down_and_is_as_long_as_adamw_s(self):
        kernel = torch.nn.Parameter(torch.zeros(16, 8, 3, 3).contiguous(memory_format=torch.channels_last))
        optimizer = Muon([kernel], lr=0.01)
        target = torch.randn(16, 8, 3, 3, generator=torch.Generator().manual_seed(4))
        ((kernel - target) ** 2).sum().backward()
        optimizer.step()
        moved = kernel.detach()
        # Singular values near 1: the square of the norm is the rank, 16, over 16 x 72 values, times 0.2^2 72.
        self.assertAlmostEqual(moved.square().mean().sqrt().item() / 0.01, 0.2, delta=0.04)
        self.assertGreater((moved * target).sum(), 0)


class LossTests(unittest.TestCase):
    def test_the_truth_scores_best(self):
        lines = np.array([[32.0, 40, 200, 120], [160, 32, 168, 240]])
        target = targets.draw(LabelLines.certain(lines), (256, 256))

        def logit(q):
            q = np.clip(q, 1e-4, 1 - 1e-4)
            return np.log(q / (1 - q))

        maps = np.concatenate([target[:3], target[[targets.END]], target[targets.STOP]])
        right = np.concatenate([logit(maps[:1]), maps[1:3], logit(maps[3:])])
        t = torch.from_numpy(target)[None]
        best = losses.loss(torch.from_numpy(right)[None], t, True, True)["total"]
        for change in (np.roll(right, 3, axis=2), right * [[[0]]], right[:, ::-1].copy()):
            self.assertGreater(
                losses.loss(torch.from_numpy(change.astype(np.float32))[None], t, True, True)["total"], best
            )
        single, double = (losses.loss(torch.zeros(1, 8, 128, 128), t, True, True, emphasis) for emphasis in (1, 2))
        for name, times in (("heat", 1), ("tangent", 1), ("ends", 2), ("stops", 2)):
            self.assertAlmostEqual((double[name] / single[name]).item(), times, places=4)
        measure = measures.Validation()
        measure.add(maps, target, lines)
        figures = measure.figures()
        self.assertGreater(figures["F"], 97)
        self.assertGreater(figures["ends_F"], 97)
        self.assertLess(figures["angle"], 0.1)


class PipelineTests(unittest.TestCase):
    """render, label files, train, stop, resume, export, check on a tiny set."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        root = cls.root = Path(cls.folder.name)
        render.render_set(root / "scenes", 3, 0, 96, 72)
        render.render_set(root / "held", 2, 100, 96, 72)
        photos = root / "photos"
        photos.mkdir()
        (root / "labels").mkdir()
        rng = np.random.default_rng(0)
        for i in range(24):
            picture = rng.integers(0, 255, (60, 80, 3), dtype=np.uint8)
            cv2.imwrite(str(photos / f"{i}.png"), picture)
            name = f"photos/{i}.png"
            rows = np.array([[20, 20, 400, 300, 0.9, 0.8, 0.1, 0.9]])
            heat = rng.uniform(0, 1, (GRID, GRID)).astype(np.float32)
            label.save(label.label_path(root / "labels", name), name, 80, 60, rows, heat)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def options(self, out, **more):
        return train.Options(
            out=self.root / out,
            photos=[self.root / "photos"],
            labels=self.root / "labels",
            scenes=self.root / "scenes",
            validation_scenes=self.root / "held",
            shape="tiny",
            ends=True,
            stops=True,
            size=64,
            steps=6,
            batch=2,
            warmup=2,
            device="cpu",
            validate_every=6,
            save_every=3,
            **more,
        )

    def run_quietly(self, *arguments):
        tiny = Shape(widths=(4, 4, 8, 8, 8), pyramid=4, head=4)
        with mock.patch.dict(SHAPES, tiny=tiny), contextlib.redirect_stdout(io.StringIO()) as said:
            arguments[0](*arguments[1:])
        return said.getvalue()

    def test_rendering_goes_on(self):
        before = {p.name: p.stat().st_mtime_ns for p in (self.root / "scenes").glob("*.png")}
        self.run_quietly(render.render_set, self.root / "scenes", 3, 0, 96, 72)
        self.assertEqual(before, {p.name: p.stat().st_mtime_ns for p in (self.root / "scenes").glob("*.png")})
        self.assertEqual(len(json.loads((self.root / "scenes" / "scenes.json").read_text())), 3)

    def test_a_stopped_run_ends_as_an_unbroken_one(self):
        self.run_quietly(train.train, self.options("unbroken"))
        calls = []

        def interrupted(*arguments):
            calls.append(1)
            if len(calls) == 5:
                raise KeyboardInterrupt
            return average(*arguments)

        average = train._average
        with mock.patch.object(train, "_average", interrupted), self.assertRaises(KeyboardInterrupt):
            self.run_quietly(train.train, self.options("stopped"))
        self.run_quietly(train.train, self.options("stopped"))
        a, b = (train.load_model(self.root / out / "model.pt").state_dict() for out in ("unbroken", "stopped"))
        self.assertTrue(all(torch.equal(a[k], b[k]) for k in a))
        log = [json.loads(line) for line in (self.root / "unbroken" / "log.jsonl").read_text().splitlines()]
        self.assertTrue(any("held_out" in entry and "rendered" in entry for entry in log))

        onnx_file = self.root / "unbroken" / "model.onnx"
        self.run_quietly(export.export, self.root / "unbroken" / "model.pt", onnx_file, 8, 0.5)
        said = self.run_quietly(
            check.check,
            self.root / "unbroken" / "model.pt",
            onnx_file,
            0.5,
            [self.root / "photos"],
            self.root / "labels",
            self.root / "held",
            64,
            10,
            None,
            None,
        )
        report = json.loads(said)
        self.assertLess(report["difference"], 1e-4)
        self.assertEqual(report["rendered"]["images"], 2)
        # A file that is not this network is found out.
        with self.assertRaises(SystemExit), mock.patch.object(check, "load_model", lambda *_: warmed()):
            self.run_quietly(
                check.check, self.root / "unbroken" / "model.pt", onnx_file, 0.5, [], None, None, 64, 10, None, None
            )
        truth = check.write_truth(self.root / "truth", "rendered", dataset.scenes_of(self.root / "held"))
        entries = json.loads(truth.read_text())
        self.assertTrue(all((truth.with_suffix("") / e["filename"]).exists() for e in entries))

    def test_training_learns(self):
        """Forty steps on three scenes lower the loss clearly."""
        options = self.options("learns")
        options.steps, options.labels, options.rate, options.validate_every = 40, None, 1e-2, 1000
        options.save_every = 5
        self.run_quietly(train.train, options)
        log = [json.loads(line) for line in (self.root / "learns" / "log.jsonl").read_text().splitlines()]
        total = [entry["total"] for entry in log if "total" in entry]
        self.assertLess(total[-1], 0.75 * total[0])

    def test_samples_do_not_depend_on_order(self):
        photos = dataset.photographs_of([self.root / "photos"], self.root / "labels", False)
        held = dataset.photographs_of([self.root / "photos"], self.root / "labels", True)
        self.assertEqual(len(photos) + len(held), 24)
        self.assertFalse({i.name for i in photos} & {i.name for i in held})
        scenes = dataset.scenes_of(self.root / "scenes")
        a = dataset.Samples(photos, scenes, 0.5, 64, 7, 0, 10)
        b = dataset.Samples(photos, scenes, 0.5, 64, 7, 4, 6)
        self.assertTrue(torch.equal(a[6][0], b[2][0]) and torch.equal(a[6][1], b[2][1]))
        with self.assertRaises(SystemExit):
            dataset.Samples([], [], 0.5, 64, 7, 0, 1)


if __name__ == "__main__":
    unittest.main()
