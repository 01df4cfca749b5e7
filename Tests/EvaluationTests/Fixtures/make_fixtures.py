"""Makes the fixtures beside it: python3 make_fixtures.py (numpy, scipy, pillow)."""

import json
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.io import savemat

here = Path(__file__).parent
lines = np.array([[10.5, 20.25], [100.0, 20.0], [-0.5, 3.0], [119.75, 79.0], [60.0, 0.0], [60.0, 80.5]])

# MATLAB 5, as York Urban is distributed: other variables around the one that is wanted.
others_before = {"finalImg": np.arange(20 * 30 * 3).astype(np.uint8).reshape(20, 30, 3)}
others_after = {"vp_association": np.array([[1], [2], [3]], dtype=np.uint8), "imgFile": "somewhere.jpg"}
for name, compressed in [("plain.mat", False), ("compressed.mat", True)]:
    savemat(here / name, {**others_before, "lines": lines, **others_after}, do_compression=compressed)
savemat(here / "integers.mat", {"lines": np.array([[1, 2], [30, 4], [5, 60], [7, 8]], dtype=np.float64)})
savemat(here / "single.mat", {"lines": lines.astype(np.float32)}, do_compression=True)
savemat(here / "three_columns.mat", {"lines": np.zeros((4, 3))})
savemat(here / "without_lines.mat", {"points": lines})
savemat(here / "complex.mat", {"lines": lines + 1j})

york = here / "york"
for image, size in [("P1", (120, 80)), ("P2", (120, 80))]:
    folder = york / image
    folder.mkdir(parents=True, exist_ok=True)
    Image.new("L", size, 128).save(folder / f"{image}.jpg")
    savemat(folder / f"{image}LinesAndVP.mat", {"lines": lines}, do_compression=image == "P2")

# numpy archives: L-CNN's labels and predictions, (y, x) at 128 x 128.
lcnn = here / "lcnn"
(lcnn / "labels").mkdir(parents=True, exist_ok=True)
(lcnn / "predictions").mkdir(parents=True, exist_ok=True)
(lcnn / "originals").mkdir(parents=True, exist_ok=True)
lpos = np.array([[[16, 8, 0], [16, 120, 0]], [[0, 64, 1], [127.5, 64, 1]]], dtype=np.float32)
np.savez_compressed(lcnn / "labels" / "room_0_label.npz", lpos=lpos, aspect_ratio=1.5, Lpos=np.zeros((2, 2), np.int64))
Image.new("L", (240, 160), 90).save(lcnn / "originals" / "room.png")
found = np.array([[[16, 8], [16, 120]], [[1, 64], [127, 64]], [[40, 40], [60, 90]]], dtype=np.float32)
np.savez(lcnn / "predictions" / "room.npz", lines=np.concatenate([found, found]), score=np.array([0.9, 0.8, 0.7] * 2))
np.savez(
    here / "types.npz",
    f4=np.array([[1.5, -2.0]], "<f4"), f8=np.array([0.1, 1e300]), i1=np.array([-1, 2], np.int8),
    u2=np.array([65535], np.uint16), i4=np.array(-7, np.int32), i8=np.array([2**40]), big=np.array([3.25], ">f8"),
    b1=np.array([True, False]), empty=np.zeros((0, 2, 2)), words=np.array(["a"]), fortran=np.ones((2, 3)).T)

# The JSON files of HAWP, ground truth and predictions, and of the LSDNet authors.
hawp = [{"filename": "a.png", "width": 100, "height": 60, "lines": [[0, 0, 99, 0], [10, 10, 10, 50]]},
        {"filename": "b.png", "width": 60, "height": 100, "lines": [[5, 5, 5, 90.5]]}]
found = [{"filename": "b.png", "width": 60, "height": 100, "lines_pred": [[5, 90, 5, 5]], "lines_score": [0.75]},
         {"filename": "a.png", "width": 100, "height": 60, "lines_pred": [[0, 1, 99, 1], [10, 30, 10, 50]], "lines_score": [0.9, 0.5]}]
(here / "hawp.json").write_text(json.dumps(hawp, indent=1))
(here / "hawp_predictions.json").write_text(json.dumps(found, indent=1))
markup = here / "lsdnet"
markup.mkdir(exist_ok=True)
(markup / "7.jpg.json").write_text(json.dumps(
    {"size": [100, 60], "objects": [{"data": [[0, 0], [99.5, 0]], "type": "seg"}, {"data": [[10, 10], [10, 50]], "type": "seg"}]}))
