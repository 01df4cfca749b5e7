#!/usr/bin/env python3
"""Prints the README's tables of speed from a file of results, and draws accuracy against time: accuracy-and-time.svg.

    Benchmarks/report.py Benchmarks/results/FILE.json
"""

import json
import sys
from pathlib import Path

import matplotlib

matplotlib.use("agg")
# The same file for the same figures.
matplotlib.rcParams["svg.hashsalt"] = "lsdnet"
matplotlib.rcParams["svg.fonttype"] = "none"
matplotlib.rcParams["font.family"] = "sans-serif"

import matplotlib.pyplot as plt
from matplotlib.transforms import Bbox

OURS, PEER = "#c0392b", "#34495e"


def table(header, rows):
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines) + "\n"


def speed_table(record):
    ours = record["median_ms"]["lsdnet, int8"]
    rows = []
    for name, value in sorted(record["median_ms"].items(), key=lambda item: item[1]):
        name = f"**{name}**" if name == "lsdnet, int8" else name
        rows.append([name, f"{value:.1f}", f"{value / ours:.2f}"])
    return table(["one thread, 640 x 480", "ms", "times lsdnet"], rows)


def threads_table(record):
    rows = []
    for threads, bench in record["threads"].items():
        stages = [f"{bench['median_ms'][stage]:.2f}" for stage in ("decode", "resize", "network", "extract", "total")]
        rows.append([threads, *stages, f"{bench['throughput_fps']:.0f}"])
    return table(["threads", "decode", "resize", "network", "extract", "total", "frames/s"], rows)


def size_table(record):
    rows = []
    for size in record["sizes"]:
        pixels = size["width"] * size["height"]
        stages = [f"{size['median_ms'][stage]:.2f}" for stage in ("decode", "resize", "network", "extract", "total")]
        rows.append([f"{size['width']} x {size['height']}", f"{pixels / 1e6:.2f}", *stages, f"{size['resident_mb']:.0f}"])
    first, last = record["sizes"][0], record["sizes"][-1]
    growth = (last["resident_mb"] - first["resident_mb"]) * 1e6
    pixels = last["width"] * last["height"] - first["width"] * first["height"]
    header = ["image", "megapixels", "decode", "resize", "network", "extract", "total", "MB resident"]
    return table(header, rows) + f"\n{growth / pixels:.1f} bytes a pixel between the smallest and the largest.\n"


def label(name):
    """A short name for the plot."""
    for long, short in (("OpenCV ", ""), (", int8", ""), (", gradient", " gradient"), (", onnxruntime", ""), (" fp32", ""),
                        (", network alone", ""), (" authors' network", " (authors)"), (" 512 tiny", "-tiny 512")):
        name = name.replace(long, short)
    return name


def place_labels(figure, panel, points):
    """Writes each point's label at the first of some places where it covers neither a point nor another label."""
    figure.canvas.draw()
    taken = []
    for ms, value, *_ in points:
        x, y = panel.transData.transform((ms, value))
        taken.append(Bbox.from_bounds(x - 5, y - 5, 10, 10))
    for ms, value, text, color in points:
        places = [(x, y, align) for y in (5, -12, 15, -22, 25, -32) for x, align in ((7, "left"), (-7, "right"))]
        for index, (x, y, align) in enumerate(places):
            note = panel.annotate(
                text, (ms, value), xytext=(x, y), textcoords="offset points", ha=align, color=color, fontsize=9)
            box = note.get_window_extent()
            inside = panel.bbox.x0 <= box.x0 and box.x1 <= panel.bbox.x1
            if (inside and not any(box.overlaps(other) for other in taken)) or index == len(places) - 1:
                taken.append(box)
                break
            note.remove()


def draw(record, path):
    """F^H and sAP10 against milliseconds an image, for all that have been timed and evaluated."""
    figure, panels = plt.subplots(1, 2, figsize=(10, 4.4), layout="constrained")
    figure.suptitle("York-dev, 640 x 480, one thread; hollow: the network alone, without what makes segments of it", fontsize=9)
    labels = []
    for panel, (key, title) in zip(panels, (("F_H", "F$^H$"), ("sAP10", "sAP10"))):
        timed = [(record["median_ms"][name], accuracy[key], name)
                 for name, accuracy in record["accuracy"].items() if name in record["median_ms"]]
        points = []
        for ms, value, name in sorted(timed):
            color = OURS if name.startswith("lsdnet") else PEER
            is_network = not name.startswith(("lsdnet", "OpenCV"))
            fill = "white" if is_network else color
            panel.scatter(ms, value, s=46, color=fill, edgecolor=color, linewidth=1.6, zorder=3)
            points.append((ms, value, label(name), color))
        low, high = points[0][0] / 1.6, points[-1][0] * 1.6
        panel.set_xscale("log")
        panel.set_xlim(low, high)
        ticks = [tick for tick in (2, 5, 10, 20, 50, 100, 200) if low < tick < high]
        panel.set_xticks(ticks, map(str, ticks))
        panel.minorticks_off()
        panel.margins(y=0.18)
        panel.set_xlabel("milliseconds an image (log)")
        panel.set_title(f"{title}, percent")
        panel.grid(alpha=0.3)
        panel.spines[["top", "right"]].set_visible(False)
        labels.append((panel, points))
    for panel, points in labels:
        place_labels(figure, panel, points)
    figure.savefig(path, metadata={"Date": None})


def main():
    source = Path(sys.argv[1])
    record = json.loads(source.read_text())
    print(f"{record['machine']}, {record['cores']} cores, commit {record['commit']}, {record['images']} images\n")
    for part in (speed_table, threads_table, size_table):
        print(part(record))
    drawing = Path(__file__).resolve().parent / "accuracy-and-time.svg"
    draw(record, drawing)
    print(f"drawn: Benchmarks/{drawing.name}", file=sys.stderr)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main()
