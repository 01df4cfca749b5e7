"""Pictures that are held on a GPU, and batches of views that are made there: what `augment` and `dataset` do one by one,
as tensors. What a view is (picture, homography, lines, light) is still drawn by the processor, by the same functions."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields

import cv2
import numpy as np
import torch
from torch.nn import functional as F

from . import augment, shapes, targets
from .augment import BORDER, Light
from .dataset import Item, require
from .drawing import BatchLines, draw
from .labellines import LabelLines
from .teachers import GRID

HEAT = GRID // 2  # the side of the heat that `label` leaves


@dataclass
class Views:
    """A batch of views, yet to be made."""

    size: tuple[int, int]  # width, height
    picture: torch.Tensor  # (n,): whose views
    matrix: torch.Tensor  # (n, 3, 3): pixels of the view to pixels of the picture
    heat_matrix: torch.Tensor  # (n, 3, 3): cells of the view to pixels of the teacher's heat
    shrunk: torch.Tensor  # of these the picture has clearly more pixels than the view
    sharp: torch.Tensor  # of these each pixel is one of the picture's
    light: dict[str, torch.Tensor]  # the fields of `Light`, (n,) or (n, 3) each
    lines: BatchLines


class Gallery:
    """All pictures, side by side in squares of the largest side, and their teacher's heats: about 1 MB each of 480 x 480."""

    def __init__(self, items: list[Item], drawn: list[tuple[np.ndarray, LabelLines]], device: torch.device):
        require(items)
        self.device = device
        with ThreadPoolExecutor() as pool:
            pictures = list(pool.map(Item.picture, items)) + [picture for picture, _ in drawn]
        self.first_drawn = len(items)
        self.sizes = [picture.shape[1::-1] for picture in pictures]
        self.lines = [item.lines for item in items] + [lines for _, lines in drawn]
        side = max(max(size) for size in self.sizes)
        self.pictures = torch.full((len(pictures), 3, side, side), BORDER, dtype=torch.uint8, device=device)
        for square, picture in zip(self.pictures, pictures):
            height, width = picture.shape[:2]
            square[:, :height, :width] = torch.from_numpy(picture).to(device).permute(2, 0, 1)
        self.heats = torch.zeros((len(pictures), 1, HEAT, HEAT), dtype=torch.uint8, device=device)
        self.taught = torch.zeros(len(pictures), dtype=torch.bool, device=device)
        for i, item in enumerate(items):
            if item.heat is not None:
                self.heats[i, 0] = torch.from_numpy(cv2.imdecode(item.heat, cv2.IMREAD_GRAYSCALE)).to(device)
                self.taught[i] = True

    @torch.no_grad()
    def made(self, views: Views) -> tuple[torch.Tensor, torch.Tensor]:
        """Images (n, 3, height, width) in [0, 1], channels last, and targets as `targets.draw` has them."""
        picture, matrix = views.picture.to(self.device), views.matrix.to(self.device)
        image = self._seen(picture, matrix, views.size)
        if len(views.shrunk):
            few = views.shrunk.to(self.device)
            fine = torch.tensor([[0.5, 0, -0.25], [0, 0.5, -0.25], [0, 0, 1]], device=self.device)
            width, height = views.size
            image[few] = F.avg_pool2d(self._seen(picture[few], matrix[few] @ fine, (2 * width, 2 * height)), 2)
        if len(views.sharp):
            few = views.sharp.to(self.device)
            image[few] = self._seen(picture[few], matrix[few], views.size, "nearest")
        image = recoloured(image / 255, {name: column.to(self.device) for name, column in views.light.items()})
        cells = tuple(length // targets.STRIDE for length in views.size)
        heat = warped(self.heats[picture].float(), views.heat_matrix.to(self.device), cells)[:, 0] / 255
        lines = views.lines.to(self.device)
        target = draw(lines, len(picture), views.size, heat, self.taught[picture])
        return image.contiguous(memory_format=torch.channels_last), target

    def _seen(self, picture, matrix, size, mode="bilinear"):
        """Pictures through homographies, the border's grey beyond their frame."""
        return warped(self.pictures[picture].float() - BORDER, matrix, size, mode) + BORDER


def hung(photos: list[Item], scenes: list[Item], options, size: int, device: torch.device):
    """The gallery of a run of `train` or `study`, drawn shapes of `size` with it, and the groups of its pictures."""
    drawn = drawn_shapes(size, options.drawn_share, options.seed)
    shares = groups(len(photos), options.scene_share, len(scenes), options.drawn_share, len(drawn))
    return Gallery(photos + scenes, drawn, device), shares


class ViewSamples(torch.utils.data.Dataset):
    """Batches `start` to `stop` of an endless sequence, each drawn from (seed, its number) alone: views of `size` x `size`,
    of `groups` of the gallery's pictures with these shares."""

    def __init__(self, gallery: Gallery, groups, size: int, batch: int, seed: int, start=0, stop=1 << 30):
        self.sizes, self.lines, self.first_drawn = gallery.sizes, gallery.lines, gallery.first_drawn
        self.groups, self.shares = zip(*((group, share) for group, share in groups if share > 0))
        self.size, self.batch, self.seed, self.start, self.stop = (size, size), batch, seed, start, stop

    def __len__(self):
        return self.stop - self.start

    def __getitem__(self, index) -> Views:
        rng = np.random.default_rng([self.seed, self.start + index])
        pictures, matrices, heat_matrices, sharp, lines, lights = [], [], [], [], [], []
        for view in range(self.batch):
            group = self.groups[rng.choice(len(self.groups), p=self.shares)]
            picture = group[rng.integers(len(group))]
            width, height = self.sizes[picture]
            matrix = augment.random_homography(width, height, self.size, rng)
            if picture >= self.first_drawn and augment.keeps_steps(matrix, rng):
                sharp.append(view)
            pictures.append(picture)
            matrices.append(matrix)
            heat_matrices.append(augment.heat_homography(HEAT / width, HEAT / height, matrix, targets.STRIDE))
            lines.append(augment.transformed(self.lines[picture], matrix, self.size))
            lights.append(Light.random(rng))
        return Views(
            self.size,
            torch.tensor(pictures),
            torch.tensor(np.linalg.inv(np.stack(matrices)), dtype=torch.float32),
            torch.tensor(np.linalg.inv(np.stack(heat_matrices)), dtype=torch.float32),
            torch.tensor([i for i, matrix in enumerate(matrices) if augment.zoom(matrix) < augment.SHRUNK]).long(),
            torch.tensor(sharp).long(),
            {f.name: torch.tensor(np.array([getattr(light, f.name) for light in lights])) for f in fields(Light)},
            BatchLines.of(lines),
        )


def groups(photos: int, scene_share: float, scenes: int, drawn_share: float, drawn: int) -> list[tuple[range, float]]:
    """Which of a gallery's pictures, in this order, have which share of the views."""
    if photos == 0 or scenes == 0:
        scene_share = float(photos == 0)
    shares = (1 - drawn_share) * (1 - scene_share), (1 - drawn_share) * scene_share, drawn_share
    ends = np.cumsum([0, photos, scenes, drawn])
    return [(range(a, b), share) for a, b, share in zip(ends, ends[1:], shares)]


def drawn_shapes(size: int, share: float, seed: int, count=3000) -> list[tuple[np.ndarray, LabelLines]]:
    """`count` pictures of `shapes` if they have any share."""
    if share == 0:
        return []
    rngs = [np.random.default_rng([seed, 1, i]) for i in range(count)]
    with ThreadPoolExecutor() as pool:
        return list(pool.map(lambda rng: shapes.draw_some_small(size, rng), rngs))


def batches(gallery: Gallery, views: ViewSamples, workers: int):
    """Images and targets of all `views`. On a GPU each is made on a stream of its own, while the main one still learns from
    the last."""
    loader = torch.utils.data.DataLoader(views, batch_size=None, num_workers=workers, persistent_workers=workers > 0)
    aside = torch.cuda.Stream() if gallery.device.type == "cuda" else None
    for batch in loader:
        if aside:
            main = torch.cuda.current_stream()
            with torch.cuda.stream(aside):
                made = gallery.made(batch)
            main.wait_stream(aside)
            for tensor in made:
                tensor.record_stream(main)
        else:
            made = gallery.made(batch)
        yield made


def warped(pictures: torch.Tensor, matrix: torch.Tensor, size: tuple[int, int], mode="bilinear") -> torch.Tensor:
    """Pictures (n, c, h, w) through homographies from a view's pixels to theirs; 0 beyond their frame."""
    width, height = size
    y, x = torch.meshgrid(*(torch.arange(n, device=matrix.device) + 0.0 for n in (height, width)), indexing="ij")
    at = torch.stack([x, y, torch.ones_like(x)]).flatten(1)
    at = matrix @ at
    full = torch.tensor(pictures.shape[:1:-1], device=matrix.device)[:, None]
    grid = (2 * at[:, :2] / at[:, 2:] + 1) / full - 1
    grid = grid.transpose(1, 2).unflatten(1, (height, width))
    return F.grid_sample(pictures, grid, mode=mode, padding_mode="zeros", align_corners=False)


def recoloured(image: torch.Tensor, light: dict[str, torch.Tensor]) -> torch.Tensor:
    """`augment`'s lights on images (n, 3, h, w) in [0, 1]."""
    gamma, contrast, shift, noise = (
        light[name].float()[:, None, None, None] for name in ("gamma", "contrast", "shift", "noise")
    )
    image = image.clamp(min=0) ** gamma * light["gain"].float()[..., None, None]
    middle = image[..., ::8, ::8].mean(dim=(1, 2, 3), keepdim=True)
    image = (middle + (image - middle) * contrast + shift).clamp(0, 1)
    image = torch.where(light["grey"].bool()[:, None, None, None], image.mean(dim=1, keepdim=True), image)
    blurred = light["blur"].nonzero()[:, 0]
    image[blurred] = _blurred(image[blurred], light["blur"][blurred].float())
    image = image + noise * torch.randn_like(image)
    return (255 * image.clamp(0, 1)).round() / 255


def _blurred(image, sigma, radius=4):
    """By Gaussians of `sigma` (n,) pixels."""
    if len(image) == 0:
        return image
    offset = torch.arange(-radius, radius + 1, device=image.device)
    kernel = torch.exp(-(offset**2) / (2 * sigma**2)[:, None])
    kernel = (kernel / kernel.sum(dim=1, keepdim=True)).repeat_interleave(3, dim=0)
    rows = image.flatten(0, 1)[None]
    rows = F.conv2d(F.pad(rows, (radius, radius, 0, 0), "reflect"), kernel[:, None, None, :], groups=len(kernel))
    rows = F.conv2d(F.pad(rows, (0, 0, radius, radius), "reflect"), kernel[:, None, :, None], groups=len(kernel))
    return rows[0].unflatten(0, image.shape[:2])
