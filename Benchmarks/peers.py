#!/usr/bin/env python3
"""Times lsdnet and its peers on the same photographs, interleaved, in one run.

    Benchmarks/run IMAGES [--official lsdnet-official.onnx] [--mlsd mlsd.onnx] [--rounds 5] [-o results.json]

`IMAGES` is a folder that is searched for pictures. Every round runs each detector once over all of them, so that a busy
moment of the machine falls on all alike; a detector's figure is the median over rounds of its median milliseconds an
image, on one thread. Images are decoded before the clock starts. Ratios are what to quote: milliseconds depend on the day.
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

ROOT = Path(__file__).resolve().parent.parent
cv2.setNumThreads(1)

# The LSDNet authors' model: its network alone, resizing included, for their extraction is a program of its own.
OFFICIAL = "LSDNet authors' network"


def milliseconds(run, images):
    """Median time of `run` over the images."""
    times = []
    for image in images:
        start = time.perf_counter()
        run(image)
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times)


def opencv_detectors():
    """Name -> function of a BGR image, for the classical detectors that OpenCV carries (those this version has)."""

    def grey(detect):
        return lambda image: detect(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY))

    found = {}
    if hasattr(cv2, "createLineSegmentDetector"):
        for name in ("NONE", "STD"):
            lsd = cv2.createLineSegmentDetector(getattr(cv2, "LSD_REFINE_" + name))
            found[f"OpenCV LSD {name}"] = grey(lsd.detect)
    if hasattr(cv2, "ximgproc"):
        fld = cv2.ximgproc.createFastLineDetector()
        found["OpenCV FastLineDetector"] = grey(fld.detect)
        edges = cv2.ximgproc.createEdgeDrawing()

        def edlines(image):
            edges.detectEdges(image)
            return edges.detectLines()

        found["OpenCV EDLines"] = grey(edlines)
    return found


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


def lsdnet(arguments, folder, extra):
    """One run of `lsdnet bench`, as its JSON."""
    command = [arguments.lsdnet, "bench", str(folder), "--json", "--threads", "1", *extra]
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
    parser.add_argument("images", type=Path)
    parser.add_argument("--official", type=Path, help="the LSDNet authors' ONNX model")
    parser.add_argument("--mlsd", type=Path, nargs="*", default=[], help="M-LSD models, ONNX or TFLite")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--lsdnet", default=str(ROOT / ".build/release/lsdnet"))
    parser.add_argument("-o", "--output", type=Path)
    arguments = parser.parse_args()

    paths = sorted(p for p in arguments.images.rglob("*") if p.suffix.lower() in (".jpg", ".jpeg", ".png"))
    images = [image for image in (cv2.imread(str(p)) for p in paths) if image is not None]
    if not images:
        sys.exit(f"{arguments.images}: no pictures here; name a folder with JPEG or PNG files")

    peers = dict(opencv_detectors())
    if arguments.official:
        prepare = official_input(onnx_layout(arguments.official))
        peers[f"{OFFICIAL}, onnxruntime fp32"] = onnxruntime_network(arguments.official, prepare)
        peers[f"{OFFICIAL}, OpenVINO fp32"] = openvino_network(arguments.official, prepare, "f32")
        peers[f"{OFFICIAL}, OpenVINO bf16"] = openvino_network(arguments.official, prepare, "bf16")
    for path in arguments.mlsd:
        make = litert_network if path.suffix == ".tflite" else onnxruntime_network
        peers[f"{path.stem}, network alone, {path.suffix[1:]}"] = make(path, mlsd_input(512))

    ours = {
        "lsdnet, int8": ["--precision", "int8"],
        "lsdnet, fp32": ["--precision", "fp32"],
        "lsdnet, gradient": ["--method", "gradient"],
    }
    if arguments.official:
        scratch = Path(tempfile.mkdtemp())
        converted, calibrated = scratch / "official.lsdnet", scratch / "official-int8.lsdnet"
        convert = [arguments.lsdnet, "convert", arguments.official, converted, "--resample", "bilinear"]
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
            result = lsdnet(arguments, arguments.images, extra)
            details[name] = result
            whole = result["median_ms"]["resize"] + result["median_ms"]["network"]
            whole += 0 if name.startswith(OFFICIAL) else result["median_ms"]["extract"]
            rounds[name].append(whole)
        for name, run in peers.items():
            rounds[name].append(milliseconds(run, images))
        print(f"round {index + 1} of {arguments.rounds} done", file=sys.stderr)
    if arguments.official:
        shutil.rmtree(scratch)

    median = {name: statistics.median(values) for name, values in rounds.items()}
    width = max(map(len, median))
    print(f"{'detector, one thread':{width}}  ms/image  x lsdnet int8")
    for name, value in sorted(median.items(), key=lambda item: item[1]):
        print(f"{name:{width}}  {value:8.2f}  {value / median['lsdnet, int8']:13.2f}")

    if arguments.output:
        commit = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
        record = {
            "machine": cpu_name(),
            "cores": os.cpu_count(),
            "commit": commit.stdout.strip(),
            "images": len(images),
            "rounds_ms": rounds,
            "median_ms": median,
            "lsdnet_bench": details,
        }
        arguments.output.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
