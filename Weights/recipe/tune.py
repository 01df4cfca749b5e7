"""`tune`: chooses what says where lines end by what the lists that come of it are worth.

`score` fits each part to whether lines end at a break, or pass it. What a list of segments is worth is decided by how the parts
play together in a partition, and by what no break knows: whether a line is found again in another view. That has no
derivative; CMA-ES (Hansen 2016) finds its way by ranks alone. It changes the weights of ends and of breaks that are passed;
what lies on a line stays, since annotators draw other lines than the teachers (`score.SURE`).
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import cma
import numpy as np

from .check import evaluated, write_truth
from .endweights import EndWeights
from .train import validation_sets

# What a point of each is worth, of the held-out photographs; of rendered scenes half as much.
WORTH = {"F_H": 1.0, "AP_H": 1.0, "sAP10": 2.0}
# Of the photographs, a point of structural repeatability, and a pixel of its error.
FOUND_AGAIN, ERROR = 0.6, -8.0
POPULATION = 12
# A step of one: a quarter of a weight, but at least so much.
LEAST_STEP = 0.1


def scaled(weights: EndWeights, at: np.ndarray) -> EndWeights:
    """`weights` changed by so many steps."""
    start = np.concatenate([weights.end, weights.passes])
    changed = start + at * np.maximum(LEAST_STEP, np.abs(start) / 4)
    return replace(weights, end=changed[: len(weights.end)], passes=changed[len(weights.end) :])


def worth(accuracy: dict[str, dict], found_again: dict) -> float:
    """What lists are worth that have these figures on `held_out` and `rendered`, and in views of the former."""
    views = next(iter(found_again["methods"].values()))["structural"]
    points = sum(
        share * WORTH[name] * figures[name]
        for share, figures in ((1, accuracy["held_out"]), (0.5, accuracy["rendered"]))
        for name in WORTH
    )
    return points + FOUND_AGAIN * views["repeatability"]["value"] + ERROR * views["localisation_error"]["value"]


class Judge:
    """The detector, run with weights that are tried."""

    def __init__(self, lsdnet: Path, model: Path, truths: dict[str, Path]):
        self.lsdnet, self.model, self.truths = lsdnet, model, truths

    def __call__(self, weights: EndWeights, scratch: Path) -> float:
        scratch.mkdir(exist_ok=True)
        file = scratch / "end-weights.txt"
        file.write_text(weights.text())
        options = ["--weights", self.model, "--end-weights", file, "--threads", "1", "--json"]

        def figures(name, *of):
            return evaluated(self.lsdnet, *of, *options, scratch / f"{name}.json")

        accuracy = {
            name: figures(name, truth, "--images", truth.with_suffix("")) for name, truth in self.truths.items()
        }
        return worth(accuracy, figures("views", "--repeatability", self.truths["held_out"].with_suffix("")))


def tune(
    model: Path,
    end_weights: Path,
    photos,
    labels,
    validation_scenes,
    validation_images: int,
    lsdnet: Path,
    out: Path,
    generations: int,
    threads: int,
):
    """Writes the mean of the search to `out/end-weights.txt` after each generation, and says how the best of it did."""
    out.mkdir(parents=True, exist_ok=True)
    sets = validation_sets(photos, labels, validation_scenes, validation_images)
    if sorted(sets) != ["held_out", "rendered"]:
        raise SystemExit("give labelled photographs and a folder of rendered scenes")
    judge = Judge(lsdnet, model, {name: write_truth(out, name, items) for name, items in sets.items()})
    search(EndWeights.read(end_weights), judge, out, generations, threads)


def search(start: EndWeights, judge, out: Path, generations: int, threads: int):
    count = len(start.end) + len(start.passes)
    strategy = cma.CMAEvolutionStrategy(count * [0.0], 0.35, {"popsize": POPULATION, "seed": 1, "verbose": -9})
    with ThreadPoolExecutor(threads) as pool:
        for generation in range(generations):
            tried = strategy.ask()
            folders = [out / f"candidate-{index}" for index in range(len(tried))]
            values = list(pool.map(judge, (scaled(start, at) for at in tried), folders))
            strategy.tell(tried, [-value for value in values])
            (out / "end-weights.txt").write_text(scaled(start, strategy.mean).text())
            print(f"generation {generation}: {max(values):.3f}, step {strategy.sigma:.3f}", flush=True)
