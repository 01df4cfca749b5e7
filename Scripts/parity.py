"""Compares the maps that lsdnet and onnxruntime make of the same network and the same input arrays.

    Scripts/parity NETWORK.onnx FOLDER [--size 384x384] [--tolerance 1e-4]

Every picture of FOLDER and its folders is brought to the network's size (Pillow, bilinear; RGB / 255) and given to both.
Prints, picture by picture, the largest difference in each channel, then the largest of all; the exit status is 1 if it is
over the tolerance. A heat that the network leaves before its sigmoid goes through it first.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnxruntime
from PIL import Image

PICTURES = {".jpg", ".jpeg", ".png", ".ppm", ".pgm"}


def load(path, width, height):
    with Image.open(path) as picture:
        resized = picture.convert("RGB").resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(resized, np.float32) / np.float32(255)


def size_of(network, asked):
    """(width, height) that the option asks for, or else that the network fixes; and whether channels come first."""
    shape = network.get_inputs()[0].shape
    channels_first = shape[1] == 3
    height, width = shape[2:4] if channels_first else shape[1:3]
    if asked:
        width, height = map(int, asked.split("x"))
    if not isinstance(width, int) or not isinstance(height, int):
        sys.exit("parity: the network takes images of any size; say which with --size WIDTHxHEIGHT")
    return width, height, channels_first


def reference(network, images, channels_first):
    """N x H x W x C, what onnxruntime makes of the images one by one."""
    name = network.get_inputs()[0].name
    outputs = []
    for image in images:
        batch = image[None].transpose(0, 3, 1, 2) if channels_first else image[None]
        output = network.run(None, {name: np.ascontiguousarray(batch)})[0]
        outputs.append(output.transpose(0, 2, 3, 1) if channels_first else output)
    maps = np.concatenate(outputs)
    if maps[..., 0].min() < 0 or maps[..., 0].max() > 1:
        maps[..., 0] = 1 / (1 + np.exp(-maps[..., 0]))
    return maps


def ours(lsdnet, network, images, width, height, threads):
    with tempfile.TemporaryDirectory() as folder:
        model, source, target = (f"{folder}/{name}" for name in ("model.lsdnet", "input.npy", "output.npy"))
        subprocess.run([lsdnet, "convert", network, model, "--size", f"{width}x{height}"], check=True)
        np.save(source, images)
        subprocess.run([lsdnet, "run", model, source, "-o", target, "--threads", str(threads)], check=True)
        return np.load(target)


def main():
    parser = argparse.ArgumentParser(usage="Scripts/parity NETWORK.onnx FOLDER [options]")
    parser.add_argument("network")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--size", help="WIDTHxHEIGHT of the input, where the network takes any")
    parser.add_argument("--tolerance", type=float, default=1e-4)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--lsdnet", required=True, help=argparse.SUPPRESS)
    arguments = parser.parse_args()

    paths = sorted(path for path in arguments.folder.rglob("*") if path.suffix.lower() in PICTURES)
    if not paths:
        sys.exit(f"parity: no picture in {arguments.folder}; name a folder with JPEG or PNG files")
    network = onnxruntime.InferenceSession(arguments.network, providers=["CPUExecutionProvider"])
    width, height, channels_first = size_of(network, arguments.size)
    images = np.stack([load(path, width, height) for path in paths])
    expected = reference(network, images, channels_first)
    actual = ours(arguments.lsdnet, arguments.network, images, width, height, arguments.threads)
    if actual.shape != expected.shape:
        sys.exit(f"parity: the maps are {actual.shape} and should be {expected.shape}")

    differences = np.abs(actual - expected).max(axis=(1, 2))
    for path, row in zip(paths, differences):
        print(path.name, " ".join(f"{value:.2e}" for value in row))
    largest = differences.max()
    # A comparison with NaN is false: that fails too.
    passed = bool(largest <= arguments.tolerance)
    per_channel = ", ".join(f"{value:.2e}" for value in differences.max(axis=0))
    print(f"largest difference over {len(paths)} pictures, {width}x{height}: {per_channel} (by channel);"
          f" {'within' if passed else 'OVER'} {arguments.tolerance:g}")
    sys.exit(not passed)


if __name__ == "__main__":
    main()
