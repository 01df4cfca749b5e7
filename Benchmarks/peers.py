#!/usr/bin/env python3
"""Times lsdnet and its peers on the same photographs, interleaved, in one run, and evaluates them.

    Benchmarks/run [FOLDER] [--rounds 5] [--mlsd model.tflite]

`FOLDER` holds `data/york-dev`, the photographs; `teachers/` with the ONNX models of the LSDNet authors and of M-LSD; and
`reference/evaluator/`, the segments that their own programs find. Every round runs each detector once over all
photographs, so that a busy moment of the machine falls on all alike; a detector's figure is the median over rounds of
its median milliseconds an image, on one thread. Images are decoded before the clock starts. Ratios are what to quote:
milliseconds depend on the day.

A TFLite model of M-LSD (`--mlsd model.tflite`) runs in ai-edge-litert; the ONNX one that is usually there, in onnxruntime.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import cv2
import numpy as np

import sizes

ROOT = Path(__file__).resolve().parent.parent
cv2.setNumThreads(1)

# The LSDNet authors' model: its network alone, resizing included, for their extraction is a program of its own.
OFFICIAL = "LSDNet authors' network"
OFFICIAL_PEER = f"{OFFICIAL}, onnxruntime fp32"


def milliseconds(run, images):
    """Median time of `run` over the images."""
    times = []
    for image in images:
        start = time.perf_counter()
        run(image)
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times)


def opencv_detectors():
    """Name -> function of a BGR image that returns N x 4 ends, for the classical detectors that this OpenCV carries."""

    def grey(detect):
        return lambda image: detect(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY))

    found = {}
    if hasattr(cv2, "createLineSegmentDetector"):
        for name in ("NONE", "STD"):
            lsd = cv2.createLineSegmentDetector(getattr(cv2, "LSD_REFINE_" + name))
            found[f"OpenCV LSD {name}"] = grey(lambda image, lsd=lsd: lsd.detect(image)[0])
    if hasattr(cv2, "ximgproc"):
        fld = cv2.ximgproc.createFastLineDetector()
        found["OpenCV FastLineDetector"] = grey(fld.detect)
        edges = cv2.ximgproc.createEdgeDrawing()

        def edlines(image):
            edges.detectEdges(image)
            return edges.detectLines()

        found["OpenCV EDLines"] = grey(edlines)
    return found


def write_segments(detect, paths, images, folder):
    """What a classical detector finds, one file an image; the length is the score, for they have none."""
    folder.mkdir()
    for path, image in zip(paths, images):
        found = detect(image)
        height, width = image.shape[:2]
        with open(folder / f"{path.name}.txt", "w") as file:
            for x1, y1, x2, y2 in np.reshape(found if found is not None else [], (-1, 4)).astype(float):
                length = np.hypot(x2 - x1, y2 - y1)
                ends = [min(max(v, 0), limit - 1) for v, limit in zip((x1, y1, x2, y2), 2 * (width, height))]
                file.write(" ".join(f"{v:.6f}" for v in (*ends, length)) + "\n")


def evaluate(arguments, predictions):
    """Name -> figures of `lsdnet evaluate`: lsdnet's own methods, and folders of segments by name."""
    with tempfile.TemporaryDirectory() as folder:
        # Names of methods may not hold "=".
        figures = Path(folder) / "figures.json"
        command = [
            arguments.lsdnet, "evaluate", arguments.images, "--method", "network", "gradient", "--model", "fast", "accurate",
            "--json", figures,
            "--predictions", *[f"{name}={path}" for name, path in predictions.items()],
        ]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"lsdnet evaluate failed:\n{done.stderr}")
        methods = json.loads(figures.read_text())["methods"]
    names = {"fast": "lsdnet, int8", "accurate": "lsdnet accurate, int8", "gradient": "lsdnet, gradient"}
    keys = ("F_H", "AP_H", "sAP5", "sAP10", "sAP15", "segments_per_image")
    return {names.get(name, name): {key: figures[key] for key in keys} for name, figures in methods.items()}


def onnxruntime_network(path, prepare):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda image: session.run(None, {name: prepare(image)})


def openvino_network(path, prepare, precision):
    import openvino

    core = openvino.Core()
    settings = {"INFERENCE_NUM_THREADS": 1, "INFERENCE_PRECISION_HINT": precision}
    request = core.compile_model(core.read_model(str(path)), "CPU", settings).create_infer_request()
    return lambda image: request.infer([prepare(image)])


def litert_network(path, prepare):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(path), num_threads=1)
    interpreter.allocate_tensors()
    details = interpreter.get_input_details()[0]

    def run(image):
        interpreter.set_tensor(details["index"], prepare(image).astype(details["dtype"]))
        interpreter.invoke()

    return run


def official_input(layout):
    """The authors' preparation: 288 x 288, RGB / 255, in the layout that the model declares."""

    def prepare(image):
        resized = cv2.resize(image, (288, 288), interpolation=cv2.INTER_LINEAR)
        tensor = cv2.cvtColor(resized, cv2.COLOR_BGR2RGB).astype(np.float32)[None] / 255
        return np.ascontiguousarray(tensor.transpose(0, 3, 1, 2)) if layout == "NCHW" else tensor

    return prepare


def mlsd_input(size):
    def prepare(image):
        resized = cv2.cvtColor(cv2.resize(image, (size, size)), cv2.COLOR_BGR2RGB)
        return np.concatenate([resized, np.ones((size, size, 1), np.uint8)], axis=2).astype(np.float32)[None]

    return prepare


def onnx_layout(path):
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return "NCHW" if session.get_inputs()[0].shape[1] == 3 else "NHWC"


def lsdnet(arguments, path, extra, threads=1):
    """One run of `lsdnet bench`, as its JSON."""
    command = [arguments.lsdnet, "bench", str(path), "--json", "--threads", str(threads), *extra]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr}")
    return json.loads(done.stdout)


def cpu_name():
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT.parent / "shared")
    parser.add_argument("--mlsd", type=Path, help="an M-LSD model, ONNX or TFLite, instead of the one in teachers/")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--lsdnet", default=str(ROOT / ".build/release/lsdnet"))
    parser.add_argument("-o", "--output", type=Path)
    arguments = parser.parse_args()

    arguments.images = arguments.folder / "data/york-dev"
    official = arguments.folder / "teachers/lsdnet-official.onnx"
    # Of what was just built, whatever happens to the tree meanwhile.
    commit = subprocess.run(["git", "-C", str(ROOT), "describe", "--always", "--dirty"], capture_output=True, text=True)
    mlsd = arguments.mlsd or arguments.folder / "teachers/M-LSD_512_tiny_fp32.onnx"
    paths = sorted(p for p in arguments.images.rglob("*") if p.suffix.lower() in (".jpg", ".jpeg", ".png"))
    images = [cv2.imread(str(p)) for p in paths]
    if not images:
        sys.exit(f"{arguments.images}: no pictures here; name the folder that holds data/york-dev")

    classical = opencv_detectors()
    peers = dict(classical)
    prepare = official_input(onnx_layout(official))
    peers[OFFICIAL_PEER] = onnxruntime_network(official, prepare)
    peers[f"{OFFICIAL}, OpenVINO fp32"] = openvino_network(official, prepare, "f32")
    peers[f"{OFFICIAL}, OpenVINO bf16"] = openvino_network(official, prepare, "bf16")
    mlsd_runtime = "ai-edge-litert" if mlsd.suffix == ".tflite" else "onnxruntime"
    mlsd_peer = f"{mlsd.stem.replace('_', ' ')}, network alone, {mlsd_runtime}"
    peers[mlsd_peer] = (litert_network if mlsd.suffix == ".tflite" else onnxruntime_network)(mlsd, mlsd_input(512))

    frames = ["--frames", str(len(images))]
    ours = {
        "lsdnet, int8": ["--precision", "int8"],
        "lsdnet, fp32": ["--precision", "fp32"],
        "lsdnet accurate, int8": ["--model", "accurate", "--precision", "int8"],
        "lsdnet, gradient": ["--method", "gradient"],
    }
    scratch = Path(tempfile.mkdtemp())
    converted, calibrated = scratch / "official.lsdnet", scratch / "official-int8.lsdnet"
    convert = [arguments.lsdnet, "convert", official, converted, "--resample", "bilinear"]
    quantize = [arguments.lsdnet, "quantize", converted, "-o", calibrated, "--images", arguments.images]
    for command in (convert, [*quantize, "--frames", "20"]):
        subprocess.run([str(word) for word in command], check=True, capture_output=True)
    for precision in ("fp32", "int8"):
        name = f"{OFFICIAL}, lsdnet's runtime {precision}"
        ours[name] = ["--weights", str(calibrated), "--precision", precision]

    rounds = {name: [] for name in [*ours, *peers]}
    details = {}
    for run in peers.values():  # warm-up
        run(images[0])
    for index in range(arguments.rounds):
        for name, extra in ours.items():
            result = lsdnet(arguments, arguments.images, [*extra, *frames])
            details[name] = result
            whole = result["median_ms"]["resize"] + result["median_ms"]["network"]
            whole += 0 if name.startswith(OFFICIAL) else result["median_ms"]["extract"]
            rounds[name].append(whole)
        for name, run in peers.items():
            rounds[name].append(milliseconds(run, images))
        print(f"round {index + 1} of {arguments.rounds} done", file=sys.stderr)

    def bench(path, extra):
        return lsdnet(arguments, path, extra)

    over_sizes = sizes.measure(bench, paths[0], rounds=3)
    threads = {n: lsdnet(arguments, arguments.images, ["--frames", "200"], n) for n in sorted({1, min(2, os.cpu_count())})}
    predictions = {}
    for number, (name, detect) in enumerate(classical.items()):
        predictions[name] = scratch / f"segments-{number}"
        write_segments(detect, paths, images, predictions[name])
    reference = arguments.folder / "reference/evaluator"
    predictions[OFFICIAL_PEER] = reference / "lsdnet-official/york-dev"
    if arguments.mlsd is None:
        predictions[mlsd_peer] = reference / "mlsd-tiny-512/york-dev"
    accuracy = evaluate(arguments, predictions)
    shutil.rmtree(scratch)

    median = {name: statistics.median(values) for name, values in rounds.items()}
    record = {
        "machine": cpu_name(),
        "cores": os.cpu_count(),
        "commit": commit.stdout.strip(),
        "images": len(images),
        "rounds_ms": rounds,
        "median_ms": median,
        "lsdnet_bench": details,
        "threads": threads,
        "sizes": over_sizes,
        "accuracy": accuracy,
    }
    text = json.dumps(record, indent=1) + "\n"
    arguments.output.write_text(text) if arguments.output else print(text, end="")


if __name__ == "__main__":
    main()
