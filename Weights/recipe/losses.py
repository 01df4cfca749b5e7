"""What training minimises."""

import torch
from torch.nn import functional as F

from . import targets


def loss(maps: torch.Tensor, target: torch.Tensor, ends=False, stops=False, emphasis=3.0) -> dict[str, torch.Tensor]:
    """Terms and their sum `total`; maps (N, C, h, w) as `LineNet` gives them, target as `targets.draw` draws it.

    Ends and stops count `emphasis` times: they gain much by it, and the heat hardly loses (`LOG.md`, run h).
    """
    maps = maps.float()
    heat, line = target[:, targets.HEAT], target[:, targets.LINE]
    terms = {
        "heat": 3 * (F.binary_cross_entropy_with_logits(maps[:, 0], heat, reduction="none") * (1 + 3 * heat)).mean(),
        # Squared error of (cos, sin), where lines are.
        "tangent": (((maps[:, 1:3] - target[:, targets.COS : targets.SIN + 1]) ** 2).sum(dim=1) * line).sum()
        / line.sum().clamp(min=1),
    }
    if ends:
        e, known = target[:, targets.END], target[:, targets.END_KNOWN]
        error = F.binary_cross_entropy_with_logits(maps[:, 3], e, reduction="none") * (1 + 9 * e) * known
        terms["ends"] = emphasis * error.mean()
    if stops:
        stop, known = target[:, targets.STOP], target[:, targets.STOP_KNOWN]
        error = F.binary_cross_entropy_with_logits(maps[:, 4:8], stop, reduction="none") * known
        terms["stops"] = emphasis * error.sum() / known.sum().clamp(min=1)
    terms["total"] = sum(terms.values())
    return terms
