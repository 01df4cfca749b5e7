"""`label`: photographs to label lines, one small npz a photograph, so that a stopped run goes on where it was."""

import zlib
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from .labellines import LabelLines
from .mixing import mixed_lines
from .teachers import GRID, LSDNetTeacher, MLSDTeacher

PICTURES = {".jpg", ".jpeg", ".png", ".bmp", ".webp"}


def held_out(name: str) -> bool:
    """A tenth of the photographs, by their names alone: the validation set."""
    return zlib.crc32(name.encode()) % 10 == 0


def photographs(folders: list[Path]) -> list[tuple[str, Path]]:
    """(name, path) of every picture under the folders, shuffled by a hash so that any beginning is a fair sample.

    The name is `<folder>/<relative path>`: it decides the split and is the label's file name.

    Raises SystemExit if a folder is missing, or if two pictures have one name.
    """
    found = {}
    for folder in folders:
        if not folder.is_dir():
            raise SystemExit(f"{folder}: no such folder of photographs")
        for path in folder.rglob("*"):
            if path.suffix.lower() in PICTURES:
                name = f"{folder.absolute().name}/{path.relative_to(folder).as_posix()}"
                if name in found:
                    raise SystemExit(f"{found[name]} and {path} are both called {name}: rename one of their folders")
                found[name] = path
    return sorted(found.items(), key=lambda item: (zlib.crc32(b"order" + item[0].encode()), item[0]))


def label_path(labels: Path, name: str) -> Path:
    return labels / (name.replace("/", "__") + ".npz")


def label(folders, labels: Path, lsdnet: Path, mlsd: Path, limit: int | None, thorough: bool, threads: int):
    labels.mkdir(parents=True, exist_ok=True)
    cv2.setNumThreads(1)
    teacher_fields = LSDNetTeacher(lsdnet, thorough, threads)
    teacher_lines = MLSDTeacher(mlsd, thorough, threads=threads)
    names = photographs(folders)[:limit]
    if not names:
        raise SystemExit("no photographs found: give folders with .jpg or .png files")
    done = 0
    for name, path in names:
        out = label_path(labels, name)
        if not out.exists():
            try:
                rgb = read_picture(path)
            except OSError:
                print(f"{path}: not a picture, left out", flush=True)
                continue
            fields = teacher_fields(rgb)
            rows = mixed_lines(fields, *teacher_lines(rgb))
            save(out, name, rgb.shape[1], rgb.shape[0], rows, fields.heat)
        done += 1
        if done % 100 == 0:
            print(f"{done} of {len(names)}", flush=True)


def save(path: Path, name: str, width: int, height: int, rows: np.ndarray, heat: np.ndarray):
    """Rows (n, 8) on the label grid, stored in the photograph's pixels (centres at integers); confidences as halves;
    LSDNet's heat on the label grid at half its size, as a grey PNG."""
    scale = np.array([width, height] * 2) / GRID
    lines = (rows[:, :4] + 0.5) * scale - 0.5
    small = cv2.resize(heat, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    _, png = cv2.imencode(".png", np.round(255 * np.clip(small, 0, 1)).astype(np.uint8))
    p, *ends, sure = rows[:, 4:].T
    write(path, Label(name, width, height, LabelLines(lines, p, np.stack(ends, axis=1), sure), png.ravel()))


@dataclass
class Label:
    name: str
    width: int
    height: int
    lines: LabelLines
    heat: np.ndarray  # the bytes of a PNG

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the photograph."""
        return self.width, self.height


def write(path: Path, label: Label):
    """A label, whole or not at all."""
    lines = label.lines
    scratch = path.with_suffix(".part.npz")
    np.savez_compressed(
        scratch,
        name=label.name,
        size=np.int32(label.size),
        lines=lines.at.astype(np.float32),
        confidence=np.column_stack([lines.p, lines.ends, lines.sure]).astype(np.float16),
        heat=label.heat,
    )
    scratch.rename(path)


def load(path: Path) -> Label:
    with np.load(path) as data:
        p, *ends, sure = data["confidence"].astype(np.float32).T
        width, height = (int(v) for v in data["size"])
        lines = LabelLines(data["lines"].astype(np.float64), p, np.stack(ends, axis=1), sure)
        return Label(str(data["name"]), width, height, lines, data["heat"])


def unfinished(folders: list[Path], labels: Path, out: Path) -> list[tuple[str, Path]]:
    """(name, path) of the labelled photographs that have no label in `out` yet; makes that folder.

    Raises SystemExit if none is labelled.
    """
    labelled = [(name, path) for name, path in photographs(folders) if label_path(labels, name).exists()]
    if not labelled:
        raise SystemExit(f"{labels}: has no label of these photographs; label them first")
    out.mkdir(parents=True, exist_ok=True)
    return [(name, path) for name, path in labelled if not label_path(out, name).exists()]


def read_picture(path: Path, size: tuple[int, int] | None = None) -> np.ndarray:
    """RGB uint8; OSError if it is no picture, or not of the `size` (width, height) that it was labelled with."""
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise OSError(f"{path}: cannot be read as a picture; remove its label or restore the file")
    height, width = picture.shape[:2]
    if size not in (None, (width, height)):
        raise OSError(f"{path}: is {width} x {height} and was {size} when it was labelled; label it again")
    return np.ascontiguousarray(picture[..., ::-1])
