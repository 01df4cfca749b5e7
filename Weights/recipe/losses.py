"""What training minimises."""

import torch
from torch.nn import functional as F


def loss(maps: torch.Tensor, target: torch.Tensor, ends=False, offset=False) -> dict[str, torch.Tensor]:
    """Terms and their sum `total`; maps (N, C, h, w) as `LineNet` gives them, target (N, 7, h, w) as `targets.draw`."""
    maps = maps.float()
    heat = target[:, 0]
    terms = {
        "heat": 3 * (F.binary_cross_entropy_with_logits(maps[:, 0], heat, reduction="none") * (1 + 3 * heat)).mean(),
        # Squared error of (cos, sin), where lines are.
        "tangent": (((maps[:, 1:3] - target[:, 1:3]) ** 2).sum(dim=1) * heat).sum() / heat.sum().clamp(min=1),
    }
    if ends:
        e, mask = target[:, 3], target[:, 4]
        terms["ends"] = (
            F.binary_cross_entropy_with_logits(maps[:, 3], e, reduction="none") * (1 + 9 * e) * mask
        ).mean()
        if offset:
            near = e * mask * ((target[:, 5:7].abs() <= 1.5).all(dim=1))
            error = ((maps[:, 4:6] - target[:, 5:7]) ** 2).sum(dim=1)
            terms["offset"] = 0.2 * (error * near).sum() / near.sum().clamp(min=1)
    terms["total"] = sum(terms.values())
    return terms
