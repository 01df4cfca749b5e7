"""`train`: a student learns from label lines. One process; on a GPU in bf16, on a CPU in bf16 where it has it."""

import json
import math
import time
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import torch

from . import dataset
from .losses import loss
from .measures import Validation
from .muon import Muon
from .network import SHAPES, LineNet, Shape, load_onnx, probabilities


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
    initial: Path | None = None  # an exported ONNX file to start from
    frozen: bool = False  # leaves the layers up to stride 4 as they are: two thirds more images a second on a CPU
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
    validate_every: int = 1000
    validation_images: int = 60
    save_every: int = 50

    def network_shape(self) -> Shape:
        shape = replace(SHAPES[self.shape], ends=self.ends or self.stops, stops=self.stops)
        return replace(shape, norm=False) if self.initial else shape


def train(options: Options):
    """Goes on from `out/last.pt` if it is there; writes `log.jsonl`, `last.pt` and the averaged `model.pt` to `out`."""
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(1)
    torch.manual_seed(options.seed)
    device = _device(options.device)
    net = LineNet(options.network_shape())
    if options.initial:
        load_onnx(net, options.initial)
    if options.frozen:
        net.stem.requires_grad_(False)
        net.down4.requires_grad_(False)
    net = net.to(device, memory_format=torch.channels_last)
    averaged = deepcopy(net).eval()
    optimizers = _optimizers(net, options)
    options.out.mkdir(parents=True, exist_ok=True)
    step = _resume(options.out / "last.pt", net, averaged, optimizers, device)
    photos = dataset.photographs_of(options.photos, options.labels, False) if options.labels else []
    scenes = dataset.scenes_of(options.scenes)
    sets = validation_sets(options.photos, options.labels, options.validation_scenes, options.validation_images)
    _log(
        options.out,
        {
            "step": step,
            "photos": len(photos),
            "scenes": len(scenes),
            "device": str(device),
            "parameters": sum(p.numel() for p in net.parameters()),
        },
    )
    if step == 0:
        _log(options.out, {"step": 0} | validate(averaged, sets, options.size, device))
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
    loader = torch.utils.data.DataLoader(
        samples,
        options.batch,
        num_workers=options.workers,
        drop_last=True,
        pin_memory=device.type == "cuda",
        persistent_workers=options.workers > 0,
    )
    clock, sums, counted = time.monotonic(), {}, 0
    net.train()
    for image, target in loader:
        rate = learning_rate(step, options)
        for group in (g for o in optimizers for g in o.param_groups):
            group["lr"] = rate
        image = image.to(device, memory_format=torch.channels_last, non_blocking=True)
        target = target.to(device, non_blocking=True)
        with torch.autocast(device.type, torch.bfloat16, enabled=_has_bf16(device)):
            maps = net(image)
        terms = loss(maps, target, net.shape.ends, net.shape.stops)
        net.zero_grad(set_to_none=True)
        terms["total"].backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        for optimizer in optimizers:
            optimizer.step()
        step += 1
        _average(averaged, net, min(options.average, (1 + step) / (10 + step)))
        _add(sums, terms)
        counted += 1
        if step % options.save_every == 0 or step == options.steps:
            seconds = time.monotonic() - clock
            _log(
                options.out,
                {"step": step, "rate": round(rate, 6), "images_per_second": round(counted * options.batch / seconds, 2)}
                | {k: round(v / counted, 5) for k, v in sums.items()},
            )
            clock, sums, counted = time.monotonic(), {}, 0
            _save(
                options.out / "last.pt",
                {
                    "step": step,
                    "net": net.state_dict(),
                    "averaged": averaged.state_dict(),
                    "optimizers": [o.state_dict() for o in optimizers],
                },
            )
            save_model(options.out / "model.pt", averaged, step)
        if step % options.validate_every == 0 or step == options.steps:
            _log(options.out, {"step": step} | validate(averaged, sets, options.size, device))
            clock = time.monotonic()


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
            _add(sums, loss(maps, target[None], net.shape.ends, net.shape.stops))
            measure.add(probabilities(maps)[0].float().numpy(), target.numpy(), lines.likely)
        losses = {f"{k}_loss": round(v / len(items), 4) for k, v in sums.items()}
        figures[name] = {"images": len(items)} | losses | measure.figures()
    return figures


def _add(sums: dict, terms: dict):
    for name, value in terms.items():
        sums[name] = sums.get(name, 0.0) + value.item()


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


def _device(name: str) -> torch.device:
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def _has_bf16(device: torch.device) -> bool:
    """Whether bf16 is fast; a CPU without it computes it ten times slower than single precision."""
    if device.type != "cpu":
        return True
    able = torch.cpu.get_capabilities()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))


def _optimizers(net, options) -> list[torch.optim.Optimizer]:
    """Muon for the kernels between features; AdamW for the first, the last and the biases and norms, which do not decay."""
    outer = [net.stem[0].conv.weight, net.head.weight]
    inner = [p for p in net.parameters() if p.ndim > 1 and all(p is not q for q in outer)]
    others = [p for p in net.parameters() if p.ndim <= 1]
    groups = [{"params": outer, "weight_decay": options.decay}, {"params": others, "weight_decay": 0.0}]
    return [Muon(inner, options.rate, weight_decay=options.decay), torch.optim.AdamW(groups, options.rate)]


@torch.no_grad()
def _average(averaged, net, keep):
    for a, b in zip(averaged.state_dict().values(), net.state_dict().values()):
        if a.is_floating_point():
            a.lerp_(b, 1 - keep)
        else:
            a.copy_(b)


def _resume(path, net, averaged, optimizers, device) -> int:
    if not path.exists():
        return 0
    saved = torch.load(path, map_location=device, weights_only=True)
    net.load_state_dict(saved["net"])
    averaged.load_state_dict(saved["averaged"])
    for optimizer, state in zip(optimizers, saved["optimizers"]):
        optimizer.load_state_dict(state)
    return saved["step"]


def _save(path, content):
    """Whole or not at all: a run may be stopped at any moment."""
    scratch = path.with_suffix(".part")
    torch.save(content, scratch)
    scratch.rename(path)


def _log(out, entry):
    line = json.dumps(entry)
    print(line, flush=True)
    with open(out / "log.jsonl", "a") as log:
        log.write(line + "\n")
