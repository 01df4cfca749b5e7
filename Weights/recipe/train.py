"""`train`: a student learns from label lines. One process; on a GPU in bf16, on a CPU in bf16 where it has it."""

import json
import math
import time
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import torch

from . import dataset, gallery
from .losses import loss
from .measures import Validation
from .muon import Muon
from .network import SHAPES, LineNet, Shape, load_onnx, probabilities
from .recorded import Recorded


@dataclass
class Options:
    out: Path
    photos: list[Path]
    labels: Path | None
    scenes: Path | None
    validation_scenes: Path | None
    shape: str = "default"
    ends: bool = False
    stops: bool = False
    initial: Path | None = None  # a `model.pt`, or an exported ONNX file, to start from
    frozen: bool = False  # leaves the layers up to stride 4 as they are: two thirds more images a second on a CPU
    rounding: bool = False  # learns with weights rounded as the runtime rounds them
    size: int = 384
    steps: int = 20000
    batch: int = 16
    rate: float = 3e-3
    decay: float = 0.02
    warmup: int = 150
    average: float = 0.998  # EMA
    scene_share: float = 0.25
    drawn_share: float = 0.0
    seed: int = 1
    workers: int = 0
    threads: int = 1
    device: str = "auto"
    compile: bool = False
    emphasis: float = 3.0  # how much ends and stops count
    validate_every: int = 1000
    validation_images: int = 60
    save_every: int = 50

    def network_shape(self) -> Shape:
        return replace(SHAPES[self.shape], ends=self.ends or self.stops, stops=self.stops)


class Student:
    """A network that learns, the average of its weights over the last steps, and what moves them."""

    def __init__(self, shape: Shape, initial: Path | None, options: Options, device: torch.device):
        net, self.anew = started(shape, initial)
        if options.rounding:
            net.round()
        self.net = net.to(device, memory_format=torch.channels_last)
        self.averaged = deepcopy(self.net).eval()
        self.net.train()
        if options.frozen:
            for part in (self.net.stem, self.net.down4):
                # Their batch norms, too.
                part.requires_grad_(False).eval()
        # What changes from step to step: tensors, for a recorded step to read.
        self.rate, self.keep = torch.zeros(2, device=device)
        self.optimizers = _optimizers(self.net, options, self.rate)
        self.emphasis = options.emphasis
        self.average, self.device, self.step = options.average, device, 0
        if options.compile:
            self._terms, self._maps = torch.compile(self._terms), torch.compile(self._maps)
        self.recorded, self.said = Recorded(self._stepped, device), Recorded(self._said, device)

    def learn(self, image: torch.Tensor, target: torch.Tensor, rate: float) -> dict[str, torch.Tensor]:
        """One step; returns the loss's terms, which the next one may write over."""
        self.step += 1
        self.rate.fill_(rate)
        self.keep.fill_(min(self.average, (1 + self.step) / (10 + self.step)))
        return self.recorded(image, target)

    def says(self, image: torch.Tensor) -> torch.Tensor:
        """The average's maps of images, as probabilities; the next call may write over them."""
        return self.said(image)

    @torch.no_grad()
    def _said(self, image):
        return self._maps(image)

    def _maps(self, image):
        with self._precision():
            return probabilities(self.averaged(image).float())

    def _terms(self, image, target):
        with self._precision():
            maps = self.net(image)
        return loss(maps, target, self.net.shape.ends, self.net.shape.stops, self.emphasis)

    def _precision(self):
        return torch.autocast(self.device.type, torch.bfloat16, enabled=_has_bf16(self.device))

    def _stepped(self, image, target):
        terms = self._terms(image, target)
        self.net.zero_grad(set_to_none=True)
        terms["total"].backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
        for optimizer in self.optimizers:
            optimizer.step()
        _average(self.averaged, self.net, self.keep)
        return {name: term.detach() for name, term in terms.items()}

    def save(self, path: Path):
        content = {"step": self.step, "net": self.net.state_dict(), "averaged": self.averaged.state_dict()}
        _save(path, content | {"optimizers": [o.state_dict() for o in self.optimizers]})

    def resume(self, path: Path):
        """Goes on from what `save` wrote, if it is there."""
        if not path.exists():
            return
        saved = torch.load(path, map_location=self.device, weights_only=True)
        self.net.load_state_dict(saved["net"])
        self.averaged.load_state_dict(saved["averaged"])
        for optimizer, state in zip(self.optimizers, saved["optimizers"]):
            optimizer.load_state_dict(state)
            for group in optimizer.param_groups:
                group["lr"] = self.rate
        self.step = saved["step"]


def train(options: Options):
    """Goes on from `out/last.pt` if it is there; writes `log.jsonl`, `last.pt` and the averaged `model.pt` to `out`."""
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(1)
    torch.manual_seed(options.seed)
    device = device_named(options.device)
    student = Student(options.network_shape(), options.initial, options, device)
    options.out.mkdir(parents=True, exist_ok=True)
    student.resume(options.out / "last.pt")
    step = student.step
    photos = dataset.photographs_of(options.photos, options.labels, False) if options.labels else []
    scenes = dataset.scenes_of(options.scenes)
    sets = validation_sets(options.photos, options.labels, options.validation_scenes, options.validation_images)
    log(
        options.out,
        {
            "step": step,
            "photos": len(photos),
            "scenes": len(scenes),
            "device": str(device),
            "parameters": sum(p.numel() for p in student.net.parameters()),
        },
    )
    if step == 0:
        log(options.out, {"step": 0, "anew": student.anew} | validate(student.averaged, sets, options.size, device))
    clock, sums, counted = time.monotonic(), {}, 0
    for image, target in _batches(photos, scenes, options, step, device):
        rate = learning_rate(step, options)
        add(sums, student.learn(image, target, rate))
        step, counted = student.step, counted + 1
        if step % options.save_every == 0 or step == options.steps:
            seconds = time.monotonic() - clock
            log(
                options.out,
                {"step": step, "rate": round(rate, 6), "images_per_second": round(counted * options.batch / seconds, 2)}
                | {k: round(v.item() / counted, 5) for k, v in sums.items()},
            )
            clock, sums, counted = time.monotonic(), {}, 0
            student.save(options.out / "last.pt")
            save_model(options.out / "model.pt", student.averaged, step)
        if step % options.validate_every == 0 or step == options.steps:
            log(options.out, {"step": step} | validate(student.averaged, sets, options.size, device))
            clock = time.monotonic()


def _batches(photos, scenes, options: Options, step: int, device: torch.device):
    """The batches from `step` on; made on the GPU where there is one."""
    if device.type == "cuda":
        pictures, groups = gallery.hung(photos, scenes, options, options.size, device)
        views = gallery.ViewSamples(pictures, groups, options.size, options.batch, options.seed, step, options.steps)
        yield from gallery.batches(pictures, views, options.workers)
        return
    samples = dataset.Samples(
        photos,
        scenes,
        options.scene_share,
        options.size,
        options.seed,
        step * options.batch,
        (options.steps - step) * options.batch,
        options.drawn_share,
    )
    workers = options.workers
    loader = torch.utils.data.DataLoader(
        samples, options.batch, num_workers=workers, drop_last=True, persistent_workers=workers > 0
    )
    for image, target in loader:
        yield image.to(device, memory_format=torch.channels_last), target.to(device)


def learning_rate(step: int, options: Options) -> float:
    """Linear warm-up, then half a cosine to a hundredth."""
    if step < options.warmup:
        return options.rate * (step + 1) / options.warmup
    done = (step - options.warmup) / max(1, options.steps - options.warmup)
    return options.rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(done, 1))))


def validation_sets(photos, labels, scenes, count) -> dict[str, list[dataset.Item]]:
    """Held-out photographs with the teachers' labels, and rendered scenes with exact ones."""
    sets = {}
    if labels:
        sets["held_out"] = dataset.photographs_of(photos, labels, True)[:count]
    if scenes:
        sets["rendered"] = dataset.scenes_of(scenes)[:count]
    return {name: items for name, items in sets.items() if items}


@torch.no_grad()
def validate(net: LineNet, sets, size: int, device) -> dict:
    net.eval()
    figures = {}
    for name, items in sets.items():
        measure, sums = Validation(), {}
        for item in items:
            image, target, lines = dataset.whole(item, size)
            maps = net(image[None].to(device, memory_format=torch.channels_last)).cpu()
            add(sums, loss(maps, target[None], net.shape.ends, net.shape.stops))
            measure.add(probabilities(maps)[0].float().numpy(), target.numpy(), lines.likely)
        losses = {f"{k}_loss": round(v.item() / len(items), 4) for k, v in sums.items()}
        figures[name] = {"images": len(items)} | losses | measure.figures()
    return figures


def add(sums: dict, terms: dict):
    for name, value in terms.items():
        sums[name] = sums.get(name, 0.0) + value


def save_model(path: Path, net: LineNet, step: int):
    """Shape and averaged weights in half precision: small enough to keep."""
    weights = {k: v.half() if v.is_floating_point() else v for k, v in net.state_dict().items()}
    _save(path, {"shape": net.shape.dictionary(), "step": step, "weights": weights})


def load_model(path: Path, heat_bias=0.0) -> LineNet:
    """`heat_bias` is added to the heat's logit: it moves all heats up or down to suit thresholds fixed elsewhere."""
    saved = torch.load(path, map_location="cpu", weights_only=True)
    net = LineNet(Shape(**saved["shape"]))
    net.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in saved["weights"].items()})
    with torch.no_grad():
        net.head.bias[0 :: net.shape.outputs] += heat_bias
    return net.eval()


def started(shape: Shape, initial: Path | None) -> tuple[LineNet, list[str]]:
    """A network of `shape`: random, or with the weights of `initial`; and the names of its layers that start anew. A `model.pt`
    keeps its batch norms, and may be of another shape: layers that both have keep their weights. An ONNX file has no batch norms,
    and what starts from it goes on without; `load_onnx` says of what shape it must be.

    Raises SystemExit if the file does not fit.
    """
    if initial is None:
        net = LineNet(shape)
        return net, list(net.units())
    if initial.suffix != ".pt":
        net = LineNet(replace(shape, norm=False))
        return net, load_onnx(net, initial)
    given = load_model(initial)
    net = LineNet(replace(shape, norm=given.shape.norm))
    ours, theirs = net.units(), given.units()
    kept = [name for name in ours if name in theirs and _sizes(ours[name]) == _sizes(theirs[name])]
    if not kept:
        raise SystemExit(f"{initial}: holds {given.shape}, of which no layer fits: choose another --shape")
    for name in kept:
        ours[name].load_state_dict(theirs[name].state_dict())
    return net, [name for name in ours if name not in kept]


def _sizes(layer: torch.nn.Module) -> list[torch.Size]:
    return [value.shape for value in layer.state_dict().values()]


def device_named(name: str) -> torch.device:
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def _has_bf16(device: torch.device) -> bool:
    """Whether bf16 is fast; a CPU without it computes it ten times slower than single precision."""
    if device.type != "cpu":
        return True
    able = torch.cpu.get_capabilities()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))


def _optimizers(net, options, rate: torch.Tensor) -> list[torch.optim.Optimizer]:
    """Muon for the kernels between features; AdamW for the first, the last and the biases and norms, which do not decay."""
    outer = [net.stem[0].conv.weight, net.head.weight]
    inner = [p for p in net.parameters() if p.ndim > 1 and all(p is not q for q in outer)]
    others = [p for p in net.parameters() if p.ndim <= 1]
    groups = [{"params": outer, "weight_decay": options.decay}, {"params": others, "weight_decay": 0.0}]
    adam = torch.optim.AdamW(groups, rate, capturable=rate.is_cuda)
    return [Muon(inner, rate, weight_decay=options.decay), adam]


@torch.no_grad()
def _average(averaged, net, keep):
    for a, b in zip(averaged.state_dict().values(), net.state_dict().values()):
        if a.is_floating_point():
            a.lerp_(b, 1 - keep)
        else:
            a.copy_(b)


def _save(path, content):
    """Whole or not at all: a run may be stopped at any moment."""
    scratch = path.with_suffix(".part")
    torch.save(content, scratch)
    scratch.rename(path)


def log(out, entry):
    line = json.dumps(entry)
    print(line, flush=True)
    with open(out / "log.jsonl", "a") as file:
        file.write(line + "\n")
