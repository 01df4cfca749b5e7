"""`ends`: trains what moves the ends of segments to where the picture shows that lines end (`EndNetwork`).

Nobody can say to a part of a pixel where the lines of a photograph end, but two views of it must agree: what is moved in one
and in the other is to come to one place. That alone would be content with any place that is seen in both; made
scenes and drawn shapes, whose ends are known, say which is right.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch.nn import functional as F

from . import shapes
from .consensus import through
from .dataset import require, scenes_of
from .endnetwork import EndNetwork, Ends, Rows
from .label import held_out, photographs, read_picture
from .mixing import direction_of
from .views import detected, views_of

SAME = 4.0  # pixels, in the mean of both ends: what one line has in another view, or where it really is
FURTHEST = 3.0  # pixels: what is further off is another end, and counts as that
KNOWN = 0.4  # how much known ends count, where those of photographs count one
BATCH, RATE = 512, 4e-3
# The detectors whose segments are fitted: options of `lsdnet detect`, and the side of a square of as many pixels as the
# input has. The second has as many pixels of a photograph in a cell as larger photographs have for the first.
DETECTORS = (("fast", 480), ("fast", 352), ("accurate", 512))


def cell_of(size: tuple[int, int], side: int) -> float:
    """Pixels of a picture of `size` (width, height) in a cell of the detector's grid, of stride 2, for an input of an area."""
    stretch = np.clip(np.sqrt(size[0] / size[1]), 3**-0.5, 3**0.5)
    sides = [32 * max(1, round(v / 32)) for v in (side * stretch, side / stretch)]
    return size[0] / sides[0] + size[1] / sides[1]


def found_in(lsdnet: Path, pictures: dict[str, np.ndarray], model: str, side: int) -> dict[str, np.ndarray]:
    """Segments (n, 4) of pictures, fitted to edges; their ends are the network's."""
    rows = detected(lsdnet, pictures, "--model", model, "--input-size", str(side), "--no-fit-ends")
    return {name: row[:, :4] for name, row in rows.items()}


def ended(segments: np.ndarray) -> np.ndarray:
    """Segments so that each of their ends is the second of one: all second ends, then all first ones."""
    return np.concatenate([segments, segments[:, [2, 3, 0, 1]]])


def matched(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which of the ends of segments a are which of segments b (see `ended`): of segments that are each other's nearest."""
    if not len(a) or not len(b):
        return np.empty(0, int), np.empty(0, int)
    distance = np.linalg.norm((ended(a)[:, None] - b).reshape(2 * len(a), len(b), 2, 2), axis=-1).mean(axis=-1)
    straight, turned = distance[: len(a)], distance[len(a) :]
    nearest = np.minimum(straight, turned)
    j = nearest.argmin(axis=1)
    i = np.flatnonzero((nearest.argmin(axis=0)[j] == np.arange(len(a))) & (nearest.min(axis=1) <= SAME))
    j = j[i]
    turned = turned[i, j] < straight[i, j]
    return np.concatenate([i, i + len(a)]), np.concatenate([j + len(b) * turned, j + len(b) * ~turned])


def grey(picture: np.ndarray) -> np.ndarray:
    """Luma of an RGB picture, as the detector weighs it."""
    return picture @ np.array([77, 150, 29]) / 256


@dataclass
class Pairs(Rows):
    """Ends of lines in photographs, the same in views of these, and how far the former lie outwards of the latter."""

    one: Ends
    other: Ends
    apart: torch.Tensor  # (n,) pixels of the view
    scale: torch.Tensor  # (n,) of the view, along the line

    def moved(self, net: EndNetwork) -> torch.Tensor:
        """How far they are apart once both have been moved (n,)."""
        return self.apart + net(self.one) * self.scale - net(self.other)


@dataclass
class Known(Rows):
    """Ends of lines whose true ends are known, and how far outwards of these they lie."""

    ends: Ends
    apart: torch.Tensor  # (n,) pixels

    def moved(self, net: EndNetwork) -> torch.Tensor:
        return self.apart + net(self.ends)


def paired(a: np.ndarray, b: np.ndarray, matrix: np.ndarray, greys, cells) -> Pairs:
    """Of the segments of a picture and of those of its view."""
    carried = through(matrix, a.reshape(-1, 2, 2)).reshape(-1, 4)
    i, j = matched(carried, b)
    inner, outer = ended(a)[i], ended(b)[j]
    u = direction_of(outer)
    # A pixel further along the line.
    step = np.concatenate([inner[:, 2:], inner[:, 2:] + direction_of(inner)], axis=1)
    step = through(matrix, step.reshape(-1, 2, 2)).reshape(-1, 4)
    apart = ((ended(carried)[i, 2:] - outer[:, 2:]) * u).sum(axis=1)
    return Pairs(
        Ends.of(inner, greys[0], cells[0]),
        Ends.of(outer, greys[1], cells[1]),
        torch.from_numpy(apart).float(),
        torch.from_numpy(np.linalg.norm(step[:, 2:] - step[:, :2], axis=1)).float(),
    )


def known(segments: np.ndarray, truth: np.ndarray, picture: np.ndarray, cell: float) -> Known:
    """Of the segments of a grey picture."""
    i, j = matched(segments, truth)
    found, true = ended(segments)[i], ended(truth)[j]
    # What the picture's border cuts off is no end.
    border = np.array(picture.shape[::-1]) - 4
    inside = ((true[:, 2:] > 3) & (true[:, 2:] < border)).all(axis=1)
    found, true = found[inside], true[inside]
    apart = ((found[:, 2:] - true[:, 2:]) * direction_of(true)).sum(axis=1)
    return Known(Ends.of(found, picture, cell), torch.from_numpy(apart).float())


def pairs_of(lsdnet: Path, paths: list[tuple[str, Path]], model: str, side: int, seed: int) -> Pairs:
    """Ends in photographs and in a view of each."""
    shown = [views_of(read_picture(path), name, 2, seed) for name, path in paths]
    pictures = {f"{k}-{n}": view for k, (views, _) in enumerate(shown) for n, view in enumerate(views)}
    found = found_in(lsdnet, pictures, model, side)
    parts = []
    for k, (views, (_, matrix)) in enumerate(shown):
        cell = cell_of(views[0].shape[1::-1], side)
        segments = [found[f"{k}-{n}"] for n in range(2)]
        parts.append(paired(*segments, matrix, [grey(view) for view in views], (cell, cell)))
    return Pairs.joined(parts)


def known_of(lsdnet: Path, scenes: list[tuple[np.ndarray, np.ndarray]], model: str, side: int) -> Known:
    """Ends in pictures whose lines are known."""
    found = found_in(lsdnet, {str(k): picture for k, (picture, _) in enumerate(scenes)}, model, side)
    parts = [
        known(found[str(k)], truth, grey(picture), cell_of(picture.shape[1::-1], side))
        for k, (picture, truth) in enumerate(scenes)
    ]
    return Known.joined(parts)


def rendered(folder: Path) -> list[tuple[np.ndarray, np.ndarray]]:
    """The pictures and lines of a folder of `render`."""
    scenes = scenes_of(folder)
    require(scenes)
    return [(scene.picture(), scene.lines.at) for scene in scenes]


def drawn(count: int, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Shapes on plain ground, as soft as photographs are, or not."""
    pictures = []
    for k in range(count):
        rng = np.random.default_rng([seed, k])
        picture, lines = shapes.draw(int(rng.choice([320, 480, 640])), rng)
        if rng.random() < 0.6:
            picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.4, 1.2))
        noise = rng.normal(0, rng.uniform(0, 6), picture.shape)
        pictures.append((np.clip(picture + noise, 0, 255).astype(np.uint8), lines.at))
    return pictures


def loss(apart: torch.Tensor) -> torch.Tensor:
    """Square close by, then linear, then no more: what is far off is another end."""
    return F.huber_loss(apart.clamp(-FURTHEST, FURTHEST), torch.zeros_like(apart), delta=0.2)


def learn(pairs: Pairs, truth: Known, epochs: int, seed: int) -> EndNetwork:
    torch.manual_seed(seed)
    net = EndNetwork()
    steps = epochs * -(-len(pairs.apart) // BATCH)
    optimizer = torch.optim.AdamW(net.parameters(), RATE, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    for _ in range(epochs):
        for which in torch.randperm(len(pairs.apart)).split(BATCH):
            other = torch.randint(len(truth.apart), (BATCH,))
            cost = loss(pairs[which].moved(net)) + KNOWN * loss(truth[other].moved(net))
            optimizer.zero_grad()
            cost.backward()
            optimizer.step()
            schedule.step()
    return net


def figures(net: EndNetwork | None, pairs: Pairs, truth: Known) -> str:
    """Medians of what ends are apart, in views of photographs and from where they are known to be."""
    with torch.no_grad():
        views, scenes = (x.moved(net) if net else x.apart for x in (pairs, truth))
    return (
        f"views {views.abs().median():.3f} px, scenes {scenes.abs().median():.3f} px "
        f"({(scenes.abs() < 1).float().mean():.1%} under 1), outwards {scenes.median():+.3f} px"
    )


def ends(
    out: Path,
    photos: list[Path],
    scenes: list[Path],
    validation_scenes: Path,
    lsdnet: Path,
    count: int,
    epochs: int,
    seed: int,
    threads: int,
):
    """Writes the network, and prints what it gains on held-out photographs and on scenes that it has not seen."""
    torch.set_num_threads(threads)
    names = photographs(photos)
    learnt = [item for item in names if not held_out(item[0])][:count]
    others = [item for item in names if held_out(item[0])][: max(1, count // 3)]
    if not learnt or not others:
        raise SystemExit("too few photographs: one is needed to learn from, and one of the tenth that is held out")
    exact = [scene for folder in scenes for scene in rendered(folder)] + drawn(80, seed)
    pairs = [pairs_of(lsdnet, learnt, *detector, seed + k) for k, detector in enumerate(DETECTORS)]
    truth = [known_of(lsdnet, exact, *detector) for detector in DETECTORS]
    pairs, truth = Pairs.joined(pairs), Known.joined(truth)
    validation = (
        pairs_of(lsdnet, others, *DETECTORS[0], seed),
        known_of(lsdnet, rendered(validation_scenes), *DETECTORS[0]),
    )
    print(f"{len(pairs.apart)} ends in views, {len(truth.apart)} that are known", flush=True)
    print("as they are:", figures(None, *validation), flush=True)
    net = learn(pairs, truth, epochs, seed)
    print("moved:", figures(net, *validation), flush=True)
    net.write(out)
