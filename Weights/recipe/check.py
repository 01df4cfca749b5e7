"""`check`: is the exported file the trained network, and how good is it on validation data?"""

import json
import subprocess
from pathlib import Path

import numpy as np
import torch

from . import dataset, linefiles
from .measures import Validation
from .network import LineNet, Maps
from .teachers import session
from .train import load_model, validation_sets

TOLERANCE = 1e-3  # in any map: the weights are the same, the sums are in another order


def check(
    model: Path,
    onnx: Path,
    heat_bias: float,
    photos,
    labels,
    validation_scenes,
    size: int,
    validation_images: int,
    lsdnet: Path | None,
    out: Path | None,
):
    """Prints one JSON object; exits with 1 where ONNX and torch disagree."""
    run = session(onnx, 1)
    outputs = run.get_outputs()[0].shape[1]
    report = {"difference": difference(load_model(model, heat_bias), run, outputs, size)}
    sets = validation_sets(photos, labels, validation_scenes, validation_images)
    for name, items in sets.items():
        measure = Validation()
        for item in items:
            image, target, lines = dataset.whole(item, size)
            measure.add(run.run(None, {"image": image[None].numpy()})[0][0], target.numpy(), lines.likely)
        report[name] = {"images": len(items)} | measure.figures()
    if lsdnet:
        weights = onnx.with_suffix(".lsdnet")
        subprocess.run([lsdnet, "convert", onnx, weights, "--area", str(size)], check=True, stdout=subprocess.DEVNULL)
        for name, items in sets.items():
            report[name]["lsdnet"] = evaluate(lsdnet, weights, write_truth(out or onnx.parent, name, items))
    print(json.dumps(report, indent=2))
    if report["difference"] > TOLERANCE:
        raise SystemExit(f"{onnx} differs from {model} by {report['difference']:.2g}: export it again")


def difference(net: LineNet, run, outputs: int, size: int) -> float:
    """The largest difference of any map over random pictures, one of them not square."""
    maps = Maps(net, outputs).eval()
    worst = 0.0
    for seed, (height, width) in enumerate([(size, size), (96, 160)]):
        image = torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(seed))
        with torch.no_grad():
            expected = maps(image).numpy()
        worst = max(worst, float(np.abs(expected - run.run(None, {"image": image.numpy()})[0]).max()))
    return worst


def write_truth(folder: Path, name: str, items: list[dataset.Item]) -> Path:
    """A validation set as `lsdnet evaluate` reads it: HAWP JSON and, beside it, links to the pictures."""
    pictures = folder / name
    pictures.mkdir(parents=True, exist_ok=True)
    entries = []
    for item in items:
        file = item.name.replace("/", "__")
        link = pictures / file
        if not link.exists():
            link.symlink_to(item.path.resolve())
        height, width = item.picture().shape[:2]
        entries.append(linefiles.hawp_entry(file, width, height, item.lines.likely))
    truth = folder / f"{name}.json"
    linefiles.write_hawp(truth, entries)
    return truth


def evaluate(lsdnet: Path, weights: Path, truth: Path) -> dict:
    """F^H, AP^H and sAP by the detector itself, which is what counts."""
    result = truth.with_suffix(".result.json")
    figures = evaluated(lsdnet, truth, "--images", truth.with_suffix(""), "--weights", weights, "--json", result)
    return {k: figures[k] for k in ("F_H", "AP_H", "sAP5", "sAP10", "sAP15", "segments_per_image") if k in figures}


def evaluated(lsdnet: Path, *arguments) -> dict:
    """What `lsdnet evaluate` writes to the file that is the last of its arguments; SystemExit with its own words if it refuses."""
    run = subprocess.run([lsdnet, "evaluate", *arguments], check=False, capture_output=True, text=True)
    if run.returncode:
        raise SystemExit(run.stderr.strip())
    return json.loads(Path(arguments[-1]).read_text())
