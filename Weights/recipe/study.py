"""`study`: several networks learn from the same batches on one GPU for a given time: what is to be compared, has seen the
same. Schedules follow the clock, so that all of them end when it is up."""

import time
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import torch

from . import dataset, gallery, targets
from .network import SHAPES
from .train import Options, Student, add, device_named, learning_rate, log, save_model, validate, validation_sets


@dataclass
class Entry:
    """One of the networks: `NAME:SHAPE:SIZE:RATE[:INITIAL[:EMPHASIS]]`, all with ends and stops."""

    name: str
    shape: str
    size: int
    rate: float
    initial: Path | None = None
    emphasis: float = Options.emphasis

    @staticmethod
    def parsed(text: str) -> "Entry":
        try:
            name, shape, size, rate, *rest = text.split(":")
            initial, emphasis = rest + ["", Options.emphasis][len(rest) :]
            SHAPES[shape]
            return Entry(name, shape, int(size), float(rate), Path(initial) if initial else None, float(emphasis))
        except (ValueError, KeyError):
            shapes = ", ".join(SHAPES)
            raise SystemExit(f"{text}: give NAME:SHAPE:SIZE:RATE[:INITIAL[:EMPHASIS]], SHAPE one of {shapes}") from None


@dataclass
class Teaching:
    """Whom one of the networks learns from besides the labels: `NAME:TEACHER:SHARE`, a network of the same size."""

    name: str
    teacher: str
    share: float

    @staticmethod
    def parsed(text: str, entries: list[Entry]) -> "Teaching":
        sizes = {entry.name: entry.size for entry in entries}
        try:
            name, teacher, share = text.split(":")
            if sizes[name] != sizes[teacher] or not 0 < float(share) <= 1:
                raise ValueError
            return Teaching(name, teacher, float(share))
        except (ValueError, KeyError):
            raise SystemExit(f"{text}: give NAME:TEACHER:SHARE, two of the networks, of one size, and 0 to 1") from None


def study(options: Options, entries: list[Entry], minutes: float, teachings: list[Teaching] = ()):
    """Writes `NAME.pt` for each and `log.jsonl` to `options.out`, every half minute."""
    torch.manual_seed(options.seed)
    torch.backends.cudnn.benchmark = True
    cv2.setNumThreads(1)
    device = device_named(options.device)
    began = time.monotonic()
    photos = dataset.photographs_of(options.photos, options.labels, False)
    scenes = dataset.scenes_of(options.scenes)
    sets = validation_sets(options.photos, options.labels, options.validation_scenes, options.validation_images)
    sizes = sorted({entry.size for entry in entries})
    pictures, groups = gallery.hung(photos, scenes, options, sizes[0], device)
    # Batches of about as many pixels, whatever the size.
    batches = {size: max(1, round(options.batch * (sizes[0] / size) ** 2)) for size in sizes}
    views = {size: gallery.ViewSamples(pictures, groups, size, batches[size], options.seed) for size in sizes}
    made = {size: gallery.batches(pictures, views[size], options.workers // len(sizes)) for size in sizes}
    students, taught = {}, {teaching.name: teaching for teaching in teachings}
    for entry in entries:
        shape = replace(SHAPES[entry.shape], ends=True, stops=True)
        students[entry.name] = Student(shape, entry.initial, replace(options, emphasis=entry.emphasis), device)
    options.out.mkdir(parents=True, exist_ok=True)

    def say(entry):
        log(options.out, {"seconds": round(time.monotonic() - began, 1)} | entry)

    anew = {name: student.anew for name, student in students.items()}
    say({"photos": len(photos), "scenes": len(scenes), "device": str(device), "batches": batches, "anew": anew})
    began = reported = time.monotonic()
    schedule = replace(options, steps=10**6, warmup=int(10**6 * options.warmup / 60 / minutes))
    sums, counted, step = {name: {} for name in students}, 0, 0
    while (done := (time.monotonic() - began) / (60 * minutes)) < 1:
        share = learning_rate(int(done * schedule.steps), replace(schedule, rate=1.0))
        for size in sizes:
            image, target = next(made[size])
            said = {}
            for entry in (entry for entry in entries if entry.size == size):
                aim = target
                if teaching := taught.get(entry.name):
                    if teaching.teacher not in said:
                        said[teaching.teacher] = students[teaching.teacher].says(image)
                    aim = targets.taught(target, said[teaching.teacher], teaching.share)
                add(sums[entry.name], students[entry.name].learn(image, aim, entry.rate * share))
        step, counted = step + 1, counted + 1
        if time.monotonic() - reported > 30:
            means = {n: {k: round(v.item() / counted, 4) for k, v in s.items()} for n, s in sums.items()}
            rate = round(counted / (time.monotonic() - reported), 2)
            say({"step": step, "steps_per_second": rate, "share": round(share, 4)} | means)
            reported, counted, sums = time.monotonic(), 0, {name: {} for name in students}
            for name, student in students.items():
                save_model(options.out / f"{name}.pt", student.averaged, step)
    for entry in entries:
        student = students[entry.name]
        save_model(options.out / f"{entry.name}.pt", student.averaged, step)
        say({"step": step, "name": entry.name} | validate(student.averaged, sets, entry.size, device))
