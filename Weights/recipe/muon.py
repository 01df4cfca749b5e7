"""Muon (Jordan et al. 2024): steps along the momentum's nearest orthogonal matrix, in which no direction of a kernel is
left behind. torch's own takes matrices alone, and computes in bf16."""

import torch


class Muon(torch.optim.Optimizer):
    """For kernels of convolutions: (outputs, inputs x rows x columns) as a matrix. Steps are scaled to the root mean square
    that AdamW's have (Liu et al. 2025), so that one learning rate suits both."""

    def __init__(self, kernels, lr: float, momentum=0.95, weight_decay=0.0):
        super().__init__(kernels, dict(lr=lr, momentum=momentum, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for kernel in group["params"]:
                if kernel.grad is None:
                    continue
                mean = self.state[kernel].setdefault("mean", torch.zeros_like(kernel))
                mean.lerp_(kernel.grad, 1 - group["momentum"])
                matrix = kernel.grad.lerp(mean, group["momentum"]).flatten(1)  # Nesterov's
                direction = orthogonal(matrix) * (0.2 * max(matrix.shape) ** 0.5)
                kernel.mul_(1 - group["lr"] * group["weight_decay"])
                kernel.sub_(direction.reshape(kernel.shape), alpha=group["lr"])


def orthogonal(matrix: torch.Tensor, steps=5) -> torch.Tensor:
    """U W V^T for `matrix` = U S V^T, with W about 0.7 to 1.2 in place of S, by Newton-Schulz iterations of the fifth order."""
    if matrix.shape[0] > matrix.shape[1]:
        return orthogonal(matrix.T, steps).T
    x = matrix / (matrix.norm() + 1e-7)
    for _ in range(steps):
        square = x @ x.T
        x = 3.4445 * x + (2.0315 * square @ square - 4.7750 * square) @ x
    return x
