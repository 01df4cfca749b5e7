"""Labelled photographs and rendered scenes as training samples and validation sets."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch

from . import augment, linefiles, shapes, targets
from .label import held_out, label_path, load, photographs, read_picture
from .labellines import LabelLines


@dataclass
class Item:
    """A picture on disk, its label lines in its pixels and, if a teacher left one, a PNG of its heat."""

    name: str
    path: Path
    lines: LabelLines
    heat: np.ndarray | None = None
    size: tuple[int, int] | None = None  # of the picture that the lines are of

    def picture(self) -> np.ndarray:
        """RGB uint8; OSError if it is not the picture that was labelled."""
        return read_picture(self.path, self.size)

    def target(self, lines: LabelLines, matrix, width: int, height: int, size: tuple[int, int]) -> torch.Tensor:
        """What the network should say of a view of the picture, of `size`; `matrix` made it and `lines` from this picture."""
        heat = None
        if self.heat is not None:
            heat = cv2.imdecode(self.heat, cv2.IMREAD_GRAYSCALE)
            heat = augment.warped_heat(heat, width, height, matrix, size, targets.STRIDE)
        return torch.from_numpy(targets.draw(lines, size, heat))


def photographs_of(folders: list[Path], labels: Path, validation: bool) -> list[Item]:
    """The labelled photographs of one side of the split."""
    items = []
    for name, path in photographs(folders):
        file = label_path(labels, name)
        if held_out(name) == validation and file.exists():
            data = load(file)
            items.append(
                Item(
                    name,
                    path,
                    augment.framed(data.lines, *data.size),
                    data.heat,
                    data.size,
                )
            )
    return items


def scenes_of(folder: Path | None) -> list[Item]:
    """Rendered scenes: every line is certain, and so is every end but those that the picture's frame cut."""
    if folder is None:
        return []
    items = []
    # One file a scene, not scenes.json: a set that is still being rendered can be used.
    for file in sorted(folder.glob("*.png.json")):
        entry = linefiles.read_entry(file)
        lines = entry["lines"]
        frame = np.array([entry["width"], entry["height"]]) - 1.0
        points = lines.reshape(-1, 2, 2)
        cut = ((points < 0) | (points > frame)).any(axis=2)
        certain = LabelLines.certain(lines, np.where(cut, 0.0, 1.0))
        items.append(Item(entry["filename"], folder / entry["filename"], certain))
    return items


def require(items: list[Item]):
    """Refuses to train on nothing."""
    if not items:
        raise SystemExit("nothing to train on: label photographs or render scenes first")


class Samples(torch.utils.data.Dataset):
    """Sample i of an endless sequence: drawn from (seed, i) alone, so order, workers and resuming change nothing."""

    def __init__(
        self,
        photos: list[Item],
        scenes: list[Item],
        scene_share: float,
        size: int,
        seed: int,
        start: int,
        count: int,
        drawn_share: float = 0.0,
    ):
        require(photos + scenes)
        self.drawn_share = drawn_share
        self.photos, self.scenes = photos, scenes
        self.scene_share = 1.0 if not photos else (scene_share if scenes else 0.0)
        self.size, self.seed, self.start, self.count = size, seed, start, count

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        rng = np.random.default_rng([self.seed, self.start + index])
        size = (self.size, self.size)
        if rng.random() < self.drawn_share:
            view, lines, _ = augment.random_view(*shapes.draw_some_small(self.size, rng), size, rng, drawn=True)
            return to_tensor(view), torch.from_numpy(targets.draw(lines, size))
        items = self.scenes if rng.random() < self.scene_share else self.photos
        item = items[rng.integers(len(items))]
        picture = item.picture()
        height, width = picture.shape[:2]
        view, lines, matrix = augment.random_view(picture, item.lines, size, rng)
        return to_tensor(view), item.target(lines, matrix, width, height, size)


def to_tensor(picture: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1))).float() / 255


def whole(item: Item, side: int) -> tuple[torch.Tensor, torch.Tensor, LabelLines]:
    """The item as the detector sees it, not augmented, with as many pixels as a square of `side`; its target; its lines."""
    picture = item.picture()
    height, width = picture.shape[:2]
    size = augment.input_size(width, height, side)
    view, lines, matrix = augment.whole(picture, item.lines, size)
    return to_tensor(view), item.target(lines, matrix, width, height, size), lines
