"""Rounding in the loop: a 3 x 3 convolution of stride 1 learns with its weights as the runtime has them in 8 bits, so small that
minimal filtering F(2 x 2, 3 x 3) keeps what it transforms them to in bytes, which leaves some seven bits to the weights
(`ByteWinogradTransform`)."""

from functools import cache

import torch
from torch import nn


@cache
def _transform(device: torch.device) -> torch.Tensor:
    """G, with the rows of 1 and -1 doubled, by whose results' size no sign matters. Made once: a recorded step may not copy to a GPU."""
    return torch.tensor([[1.0, 0, 0], [1, 1, 1], [1, -1, 1], [0, 0, 1]], device=device)


def is_transformed(conv: nn.Conv2d) -> bool:
    """Whether the runtime transforms this convolution."""
    outputs, inputs, kernel, _ = conv.weight.shape
    return kernel == 3 and conv.stride == (1, 1) and inputs >= 16 and outputs >= 16


def rounded(weight: torch.Tensor) -> torch.Tensor:
    """Weights (O, I, 3, 3), one scale an output channel; gradients pass as if nothing were rounded (Bengio et al. 2013)."""
    with torch.no_grad():
        exact = weight.float()
        transform = _transform(weight.device)
        transformed = torch.einsum("pr,oirc,qc->oipq", transform, exact, transform)
        # No tap is larger: with either sign, what is added to it cannot be against it twice.
        largest = transformed.abs().amax((1, 2, 3)).clamp(min=1e-20)
        scale = (largest / 127)[:, None, None, None]
        error = (exact / scale).round() * scale - exact
    return weight + error.to(weight.dtype)
