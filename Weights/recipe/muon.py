"""Muon (Jordan et al. 2024): steps along the momentum's nearest orthogonal matrix, in which no direction of a kernel is
left behind. torch's own takes matrices alone, and computes in bf16."""

import torch


class Muon(torch.optim.Optimizer):
    """For kernels of convolutions: (outputs, inputs x rows x columns) as a matrix. Steps are scaled to the root mean square
    that AdamW's have (Liu et al. 2025), so that one learning rate suits both."""

    def __init__(self, kernels, lr: float | torch.Tensor, momentum=0.95, weight_decay=0.0):
        super().__init__(kernels, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            alike = {}
            for kernel in group["params"]:
                if kernel.grad is not None:
                    alike.setdefault(kernel.shape, []).append(kernel)
            for kernels in alike.values():
                self._move(kernels, group)

    def _move(self, kernels, group):
        """Kernels of one shape, all at once."""
        matrices = []
        for kernel in kernels:
            mean = self.state[kernel].setdefault("mean", torch.zeros_like(kernel))
            mean.lerp_(kernel.grad, 1 - group["momentum"])
            matrices.append(kernel.grad.lerp(mean, group["momentum"]).flatten(1))  # Nesterov's
        directions = orthogonal(torch.stack(matrices)) * (0.2 * max(matrices[0].shape) ** 0.5)
        for kernel, direction in zip(kernels, directions):
            kernel.mul_(1 - group["lr"] * group["weight_decay"])
            kernel.sub_(direction.reshape(kernel.shape) * group["lr"])


def orthogonal(matrices: torch.Tensor, steps=5) -> torch.Tensor:
    """For each of `matrices` (n, rows, columns), U S V^T, the matrix U W V^T, with W about 0.7 to 1.2 in place of S, by
    Newton-Schulz iterations of the fifth order."""
    if matrices.shape[1] > matrices.shape[2]:
        return orthogonal(matrices.mT, steps).mT
    x = matrices / (torch.linalg.matrix_norm(matrices, keepdim=True) + 1e-7)
    for _ in range(steps):
        square = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(square, square, square, beta=-4.7750, alpha=2.0315), x, beta=3.4445)
    return x
