"""`score`: fits what says where lines end, and the scores of segments, to lines that are known.

The LSD stage has for each region of a picture breaks, where lines may end, and for each pair of breaks the stretch
between (`lsdnet evidence`). That a stretch is a whole line is modelled as

    P(line) P(ends at a) P(ends at b) prod P(passes k)

with logistic functions of the evidence; a stretch is right if both its ends are as near to a true line's as sAP10 asks.
"""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy, binary_cross_entropy_with_logits, logsigmoid

from .check import write_truth
from .endweights import EndWeights
from .train import validation_sets

END = 12  # numbers of the evidence for an end that mean something; the rest is padding
COST = 0.005  # of a wrong segment, where a right one is worth 1
SHORTEST = 6.0  # pixels; GrowingOptions.minLength
# Added to the logit that a line passes a break. Of the sums of probabilities a partition is chosen by, two halves have
# two chances where the whole has one; this makes up for it.
WHOLE = 1.2
# Of the logit that a segment's pixels lie on a line, to be taken to. Annotators draw fewer lines than the teachers do: the
# higher, the better for their F^H (0.8 from 0 to 1, less from there on), and the worse for the labels'.
SURE = 1.25
# What the logarithm of a stretch's length adds to that logit, nothing at a twelfth of the picture's side, the root of its pixels.
# Annotators leave out short lines more often than the teachers do; the labels say nothing of it.
LENGTH = 1.0
MIDDLING_LENGTH = 1 / 12


@dataclass
class Evidence:
    """All breaks and stretches of a set of pictures."""

    after: np.ndarray  # (breaks, END)
    before: np.ndarray
    passed: np.ndarray  # (breaks, 8)
    line: np.ndarray  # (stretches, 4)
    first: np.ndarray  # (stretches,) the break where it begins, and where it ends
    last: np.ndarray
    region: np.ndarray  # (stretches,)
    right: np.ndarray  # (stretches,) the number of the true line that it is, or -1
    covered: np.ndarray  # (stretches,) the share of it that lies on true lines
    pixels: np.ndarray  # (stretches,) its length
    length: np.ndarray  # (stretches,) the same as a share of the picture's side


def read(evidence: Path, truth: Path) -> Evidence:
    lines = {entry["filename"]: np.asarray(entry["lines"], float) for entry in json.loads(truth.read_text())}
    parts, breaks, regions, true = [], 0, 0, 0
    for row in map(json.loads, evidence.read_text().splitlines()):
        if row["file"] not in lines:
            continue  # left in the folder by a larger set
        known = lines[row["file"]].reshape(-1, 4)
        scale = 128 / np.array([row["width"], row["height"]] * 2)
        for region in row["regions"]:
            b, p = np.array(region["breaks"]), np.array(region["stretches"])
            first, last = p[:, 0].astype(int), p[:, 1].astype(int)
            ends = np.concatenate([b[first, :2], b[last, :2]], 1)
            pixels = np.hypot(*(ends[:, :2] - ends[:, 2:]).T)
            parts.append(
                Evidence(
                    b[:, 2 : 2 + END],
                    b[:, 18 : 18 + END],
                    b[:, 34:42],
                    p[:, 2:],
                    first + breaks,
                    last + breaks,
                    np.full(len(p), regions),
                    nearest(ends * scale, known * scale, true),
                    covered(ends, known, 0.01 * np.hypot(row["width"], row["height"])),
                    pixels,
                    pixels / np.sqrt(row["width"] * row["height"]),
                )
            )
            breaks += len(b)
            regions += 1
        true += len(known)
    return Evidence(*(np.concatenate([getattr(p, name) for p in parts]) for name in Evidence.__dataclass_fields__))


def nearest(ends: np.ndarray, known: np.ndarray, offset: int) -> np.ndarray:
    """The true line that sAP10 takes a stretch for, numbered from `offset`; -1 for none."""
    if len(known) == 0:
        return np.full(len(ends), -1)
    ends, known = ends.clip(0, 128 - 1e-4)[:, None], known.clip(0, 128 - 1e-4)[None]
    distance = np.minimum(((ends - known) ** 2).sum(2), ((ends - known[..., [2, 3, 0, 1]]) ** 2).sum(2))
    chosen = distance.argmin(1)
    return np.where(distance.min(1) < 10, chosen + offset, -1)


def covered(ends: np.ndarray, known: np.ndarray, tolerance: float, samples: int = 16) -> np.ndarray:
    """The share of each stretch that is within the tolerance, F^H's, of a true line."""
    t = (np.arange(samples) + 0.5)[:, None] / samples
    points = ends[:, None, :2] * (1 - t) + ends[:, None, 2:] * t
    near = np.zeros(points.shape[:2], bool)
    for line in known:
        along = line[2:] - line[:2]
        share = ((points - line[:2]) @ along / max(along @ along, 1e-9)).clip(0, 1)
        away = points - line[:2] - share[..., None] * along
        near |= (away**2).sum(2) <= tolerance**2
    return near.mean(1)


class Model(torch.nn.Module):
    """P of a stretch; features are weighed as they are, and fitted at unit deviation."""

    def __init__(self, sets: list[Evidence]):
        super().__init__()

        def linear(rows):
            rows = np.concatenate(rows)[:, :-1]  # the last feature is 1
            layer = torch.nn.Linear(rows.shape[1], 1)
            torch.nn.init.zeros_(layer.weight)
            torch.nn.init.zeros_(layer.bias)
            return layer, torch.tensor(rows.mean(0)).float(), torch.tensor(rows.std(0) + 1e-3).float()

        self.end, *self.end_scale = linear([s.after for s in sets])
        self.passing, *self.passing_scale = linear([s.passed for s in sets])
        self.line, *self.line_scale = linear([s.line for s in sets])
        torch.nn.init.constant_(self.passing.bias, 2.0)

    def forward(self, s: Evidence):
        """ln P(line) and ln of all else, for each stretch."""

        def log(layer, scale, rows):
            rows = torch.from_numpy(rows[:, :-1]).float()
            return logsigmoid(layer((rows - scale[0]) / scale[1])[:, 0])

        begins = log(self.end, self.end_scale, s.after)
        ends = log(self.end, self.end_scale, s.before)
        passes = log(self.passing, self.passing_scale, s.passed).double()
        total = torch.cat([torch.zeros(1).double(), passes.cumsum(0)])
        between = (total[s.last] - total[s.first + 1]).float()
        return log(self.line, self.line_scale, s.line), begins[s.first] + ends[s.last] + between

    @classmethod
    @torch.no_grad()
    def of(cls, sets: list[Evidence], known: EndWeights) -> "Model":
        """With weights that are known, for features as they are."""
        model = cls(sets)
        for layer, (mean, deviation), row in (
            (model.end, model.end_scale, known.end),
            (model.passing, model.passing_scale, known.passes),
            (model.line, model.line_scale, known.line),
        ):
            weight = torch.tensor(row[:-1]).float()
            layer.weight[0] = weight * deviation
            layer.bias[0] = row[-1] + (weight * mean).sum()
        return model

    def weights(self) -> dict[str, np.ndarray]:
        """For features as they are."""

        def raw(layer, scale):
            weight = (layer.weight[0] / scale[1]).detach().double().numpy()
            return np.append(weight, layer.bias[0].item() - float((weight * scale[0].double().numpy()).sum()))

        return {
            "end": raw(self.end, self.end_scale),
            "pass": raw(self.passing, self.passing_scale),
            "line": raw(self.line, self.line_scale),
        }


def fit(sets: list[Evidence], steps: int = 300) -> Model:
    """The weights of largest likelihood; every set counts by its stretches."""
    model = Model(sets)
    rights = [torch.from_numpy(s.right >= 0).float() for s in sets]
    optimiser = torch.optim.Adam(model.parameters(), lr=0.05)
    count = sum(len(r) for r in rights)
    for step in range(steps):
        if step == steps * 7 // 10:
            optimiser.param_groups[0]["lr"] = 0.01
        optimiser.zero_grad()
        for s, right in zip(sets, rights, strict=True):
            p = sum(model(s)).clamp(max=-1e-5)
            (-(right * p + (1 - right) * torch.log1p(-p.exp())).sum() / count).backward()
        optimiser.step()
    with torch.no_grad():
        model.passing.bias += WHOLE
    return model


def partition(s: Evidence, p: np.ndarray, cost: float = COST) -> np.ndarray:
    """Indices of the stretches that `LinePartition` chooses: of each region those that do not overlap and have the
    largest sum of p - cost."""
    chosen = []
    borders = np.flatnonzero(np.diff(s.region)) + 1
    for low, high in zip([0, *borders], [*borders, len(p)], strict=True):
        start = s.first[low:high].min()
        count = s.last[low:high].max() - start + 1
        ending = [[] for _ in range(count)]
        for k in range(low, high):
            ending[s.last[k] - start].append(k)
        best, taken = np.zeros(count), [None] * count
        for last in range(1, count):
            best[last] = best[last - 1]
            for k in ending[last]:
                value = best[s.first[k] - start] + p[k] - cost
                if value > best[last]:
                    best[last], taken[last] = value, k
        last = count - 1
        while last > 0:
            if taken[last] is None:
                last -= 1
            else:
                chosen.append(taken[last])
                last = s.first[taken[last]] - start
    return np.array(chosen, int)


def judge(s: Evidence, chosen: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Whether each chosen stretch, in falling score, is the first to be its true line; in the order of `chosen`."""
    right, seen = np.zeros(len(chosen), bool), set()
    for k in np.argsort(-score, kind="stable"):
        line = s.right[chosen[k]]
        if line >= 0 and line not in seen:
            seen.add(line)
            right[k] = True
    return right


def logit(p: np.ndarray) -> np.ndarray:
    p = np.clip(p, 1e-9, 1 - 1e-6)
    return np.log(p / (1 - p))


@dataclass
class BandedScore:
    """`BandedScore` of the LSD stage: segments that lie on a line score above those that do not, and within each band the
    score is a logistic function of logit(belief)."""

    BORDER = 0.15

    above: np.ndarray  # slope, bias
    below: np.ndarray

    def __call__(self, on_line: np.ndarray, belief: np.ndarray) -> np.ndarray:
        curves = torch.tensor(np.stack([self.above, self.below]))
        return self._of(curves, torch.tensor(on_line), torch.tensor(logit(belief))).numpy()

    @classmethod
    def _of(cls, curves: torch.Tensor, on_line: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        above, below = torch.sigmoid(curves[:, :1] * x + curves[:, 1:])
        return torch.where(on_line, cls.BORDER + (1 - cls.BORDER) * above, cls.BORDER * below)

    @classmethod
    def fit(cls, on_line: np.ndarray, belief: np.ndarray, right: np.ndarray) -> "BandedScore":
        """The curves of largest likelihood, so that a score is the probability of being right (after Platt)."""
        x, y, on_line = torch.tensor(logit(belief)), torch.tensor(right).double(), torch.tensor(on_line)

        def cost(curves):
            return binary_cross_entropy(cls._of(curves, on_line, x).clamp(1e-9, 1 - 1e-9), y)

        return cls(*minimised(cost, torch.tensor([[1.0, -1.0], [1.0, 0.0]])).numpy())


def on_line_weights(sets: list[Evidence], chosen: list[np.ndarray]) -> np.ndarray:
    """Of `Evidence.line`; their sum is positive where the pixels of a segment surely lie on a line."""
    x = torch.tensor(np.concatenate([s.line[c] for s, c in zip(sets, chosen, strict=True)])).double()
    y = torch.tensor(np.concatenate([s.covered[c] for s, c in zip(sets, chosen, strict=True)])).double()
    pixels = torch.tensor(np.concatenate([s.pixels[c] for s, c in zip(sets, chosen, strict=True)])).double()

    def cost(w):
        return binary_cross_entropy_with_logits(x @ w, y, weight=pixels / pixels.mean())

    return minimised(cost, torch.zeros(4)).numpy() - [0, 0, 0, SURE]


def is_on_line(s: Evidence, chosen: np.ndarray, on_line: np.ndarray, length: float = LENGTH) -> np.ndarray:
    """Whether the pixels of chosen stretches surely lie on a line, as `EndWeights` has it."""
    return s.line[chosen] @ on_line + length * np.log(s.length[chosen] / MIDDLING_LENGTH) >= 0


def minimised(cost, start: torch.Tensor) -> torch.Tensor:
    w = start.double().requires_grad_()
    optimiser = torch.optim.LBFGS([w], max_iter=200, line_search_fn="strong_wolfe")

    def closure():
        optimiser.zero_grad()
        value = cost(w)
        value.backward()
        return value

    optimiser.step(closure)
    return w.detach()


def calibration_error(p: np.ndarray, right: np.ndarray, bins: int = 10) -> float:
    """The expected calibration error: |mean score - share of right ones|, averaged over bins of the score."""
    bin_of = np.minimum((p * bins).astype(int), bins - 1)
    return sum(abs(p[bin_of == b].sum() - right[bin_of == b].sum()) for b in range(bins)) / len(p)


def evidence_of(lsdnet: Path, weights: Path, truth: Path) -> Path:
    """What the LSD stage sees in the pictures of a validation set."""
    out = truth.with_suffix(".evidence.ndjson")
    subprocess.run([lsdnet, "evidence", truth.with_suffix(""), "--weights", weights, "-o", out], check=True)
    return out


def score(
    model: Path,
    photos,
    labels,
    validation_scenes,
    validation_images: int,
    lsdnet: Path,
    out: Path,
    share: float,
    end_weights: Path | None,
):
    """Fits the weights for a model file, or the scores alone where `end_weights` has the others; writes `out/end-weights.txt`
    and says how well they fit."""
    kept = EndWeights.read(end_weights) if end_weights else None
    out.mkdir(parents=True, exist_ok=True)
    sets = {}
    for name, items in validation_sets(photos, labels, validation_scenes, validation_images).items():
        truth = write_truth(out, name, items)
        sets[name] = read(evidence_of(lsdnet, model, truth), truth)
    weights, report = fitted(sets, share, kept)
    (out / "end-weights.txt").write_text(weights.text())
    print(report + weights.text(), end="")


def fitted(sets: dict[str, Evidence], share: float, kept: EndWeights | None = None) -> tuple[EndWeights, str]:
    """The weights for some sets of pictures, and how well they fit."""
    torch.manual_seed(0)
    model = Model.of(list(sets.values()), kept) if kept else fit(list(sets.values()))
    length, cost, share = (kept.length, kept.cost, kept.share) if kept else (LENGTH, COST, share)
    stretches, beliefs = {}, {}
    for name, s in sets.items():
        with torch.no_grad():
            line, rest = (x.double().numpy() for x in model(s))
        chosen = partition(s, np.exp(line + rest), cost)
        stretches[name] = chosen[s.pixels[chosen] >= SHORTEST]
        beliefs[name] = np.exp(line + share * rest)[stretches[name]]
    on_line = kept.on_line if kept else on_line_weights([*sets.values()], [*stretches.values()])
    lying, rights = {}, {}
    for name, s in sets.items():
        lying[name] = is_on_line(s, stretches[name], on_line, length)
        rights[name] = judge(s, stretches[name], beliefs[name] + lying[name])
    banded = BandedScore.fit(*(np.concatenate([*part.values()]) for part in (lying, beliefs, rights)))
    report = ""
    for name in sets:
        p = banded(lying[name], beliefs[name])
        report += f"# {name}: {len(p)} segments, {lying[name].mean():.3f} on a line, {rights[name].mean():.3f} right, "
        report += f"expected calibration error {calibration_error(p, rights[name]):.3f}\n"
    w = model.weights()
    weights = EndWeights(
        w["end"], w["pass"], w["line"], on_line, length, cost, share, above=banded.above, below=banded.below
    )
    return weights, report
