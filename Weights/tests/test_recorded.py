import unittest

import torch

from recipe import train
from recipe.network import Shape
from recipe.recorded import Recorded
from recipe.targets import COUNT

SHAPE = Shape(widths=(8, 8, 16, 16, 16), pyramid=8, head=8, ends=True, stops=True, upsampled=True)
GPU = unittest.skipUnless(torch.cuda.is_available(), "no GPU: steps are recorded on one alone")


def batches(count, device):
    generator = torch.Generator().manual_seed(5)
    for _ in range(count):
        image = torch.rand(4, 3, 64, 96, generator=generator).to(memory_format=torch.channels_last)
        yield image.to(device), torch.rand(4, COUNT, 32, 48, generator=generator).to(device)


def student(device, rate=1e-3):
    torch.manual_seed(1)
    options = train.Options(out=None, photos=[], labels=None, scenes=None, validation_scenes=None, rate=rate)
    return train.Student(SHAPE, None, options, device)


def weights(of):
    return torch.cat([p.detach().flatten().cpu() for p in of.net.parameters()])


class RecordedTests(unittest.TestCase):
    def test_elsewhere_the_function_is_called(self):
        calls = []
        recorded = Recorded(lambda x: calls.append(x) or x + 1, torch.device("cpu"), warmup=1)
        self.assertEqual([recorded(torch.tensor(k)).item() for k in range(4)], [1, 2, 3, 4])
        self.assertEqual(len(calls), 4)

    def test_the_rate_of_a_step_is_that_of_its_call(self):
        device = train.device_named("auto")
        learning = student(device)
        for k, (image, target) in enumerate(batches(9, device)):
            before = weights(learning)
            learning.learn(image, target, 1e-3 if k % 3 else 0.0)
            moved = (weights(learning) - before).abs().max().item()
            if k % 3:
                self.assertGreater(moved, 1e-4, k)
            else:
                self.assertEqual(moved, 0, k)

    @GPU
    def test_a_recorded_step_is_the_step(self):
        device = torch.device("cuda")
        a, b = student(device), student(device)
        b.recorded = b._stepped
        began = weights(a)
        for image, target in batches(12, device):
            terms, expected = a.learn(image, target, 1e-3), b.learn(image, target, 1e-3)
            for name, term in terms.items():
                self.assertAlmostEqual(
                    term.item(), expected[name].item(), delta=0.01 * (1 + abs(expected[name].item()))
                )
        self.assertIsNotNone(a.recorded.graph)
        apart, moved = (weights(a) - weights(b)).norm(), (weights(a) - began).norm()
        self.assertLess(apart, 0.1 * moved)


if __name__ == "__main__":
    unittest.main()
