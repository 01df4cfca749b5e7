"""Rounding in the loop: weights as the runtime rounds them, and gradients as if they were not rounded."""

import unittest

import torch
from torch.nn import functional as F

from recipe.network import LineNet, Shape
from recipe.rounding import is_transformed, rounded


def transformed(weight):
    """The transform by its definition: G g G^T of every filter."""
    g = [[1, 0, 0], [1, 1, 1], [1, -1, 1], [0, 0, -1]]
    values = torch.zeros(*weight.shape[:2], 4, 4)
    for p in range(4):
        for q in range(4):
            for r in range(3):
                for c in range(3):
                    values[:, :, p, q] += g[p][r] * g[q][c] * weight[:, :, r, c]
    return values


class RoundingTests(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(3)

    def test_weights_are_whole_multiples_that_fit_bytes(self):
        weight = torch.randn(20, 16, 3, 3)
        result = rounded(weight)
        scale = transformed(weight).abs().amax((1, 2, 3)) / 127
        units = result / scale[:, None, None, None]
        self.assertLess((units - units.round()).abs().max(), 1e-3)
        self.assertLessEqual((result - weight).abs().sub(scale[:, None, None, None] * 0.5001).max(), 0)
        # Rounded weights can sum up to a little more than rounded sums.
        self.assertLess(transformed(units.round()).abs().max(), 127 + 4.6)

    def test_a_single_tap_keeps_its_eight_bits(self):
        weight = torch.zeros(1, 2, 3, 3)
        weight[0, 0, 1, 1], weight[0, 1, 1, 1] = 1.0, 0.5
        self.assertAlmostEqual(rounded(weight)[0, 1, 1, 1].item(), 64 / 127, places=6)

    def test_gradients_pass(self):
        weight = torch.randn(16, 16, 3, 3, requires_grad=True)
        factors = torch.randn(16, 16, 3, 3)
        (rounded(weight) * factors).sum().backward()
        self.assertTrue(torch.equal(weight.grad, factors))

    def test_zeros_stay_zeros(self):
        self.assertTrue(torch.equal(rounded(torch.zeros(16, 16, 3, 3)), torch.zeros(16, 16, 3, 3)))

    def test_a_network_rounds_what_the_runtime_transforms(self):
        net = LineNet(Shape(widths=(8, 16, 24, 32), pyramid=16, head=0, upsampled=True, ends=True, stops=True)).eval()
        image = torch.rand(1, 3, 64, 64)
        exact = net(image)
        names = [name for name, unit in net.units().items() if is_transformed(getattr(unit, "conv", unit))]
        self.assertEqual(
            names,
            [
                "down4.1.a",
                "down4.1.b",
                "down8.1.a",
                "down8.1.b",
                "down16.1.a",
                "down16.1.b",
                "up16",
                "up8",
                "up4",
                "head",
            ],
        )
        net.round()
        result = net(image)
        self.assertFalse(torch.equal(result, exact))
        # The same as a network whose weights are rounded beforehand.
        plain = LineNet(net.shape).eval()
        plain.load_state_dict(net.state_dict())
        with torch.no_grad():
            for name in names:
                unit = plain.units()[name]
                conv = getattr(unit, "conv", unit)
                conv.weight.copy_(rounded(conv.weight))
        self.assertLess(F.l1_loss(plain(image), result), 1e-6)


if __name__ == "__main__":
    unittest.main()
