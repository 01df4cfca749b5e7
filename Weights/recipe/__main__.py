"""The training recipe, one command a step: python -m recipe {render,fixtures,label,snap,adapt,train,study,export,check,score,tune,ends} --help"""

import argparse
import subprocess
from pathlib import Path


def main():
    parser = argparse.ArgumentParser(prog="python -m recipe", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    p = commands.add_parser("render", help="made scenes with exact lines")
    p.add_argument("out", type=Path)
    p.add_argument("--count", type=int, default=300)
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--width", type=int, default=640)
    p.add_argument("--height", type=int, default=480)

    p = commands.add_parser("fixtures", help="the pictures and line lists under Fixtures/")
    p.add_argument("out", type=Path)

    p = commands.add_parser("label", help="photographs to label lines, by the two teachers")
    p.add_argument("folders", type=Path, nargs="+")
    p.add_argument("-o", "--labels", type=Path, required=True)
    p.add_argument("--lsdnet", type=Path, required=True, help="lsdnet-official.onnx")
    p.add_argument("--mlsd", type=Path, required=True, help="M-LSD_512_large_fp16.onnx")
    p.add_argument("--limit", type=int, help="so many photographs only, a fair sample")
    p.add_argument("--quick", action="store_true", help="flip the whole picture only: 40 percent less time")
    p.add_argument("--threads", type=int, default=1)

    p = commands.add_parser("snap", help="label lines moved onto the photographs' own edges, ends included")
    p.add_argument("folders", type=Path, nargs="+", help="the folders that were labelled")
    p.add_argument("--labels", type=Path, required=True, help="where `label` wrote")
    p.add_argument("-o", "--out", type=Path, required=True, help="another folder of labels")

    p = commands.add_parser(
        "adapt", help="labels anew: what a trained network and the teachers agree on over many views"
    )
    p.add_argument("folders", type=Path, nargs="+", help="the folders that were labelled")
    p.add_argument("--labels", type=Path, required=True, help="where `label` wrote")
    p.add_argument("-o", "--out", type=Path, required=True, help="another folder of labels")
    p.add_argument("--lsdnet", type=Path, required=True, help="the built binary")
    p.add_argument("--model", type=Path, required=True, help="the model file that looks, as `lsdnet convert` makes it")
    p.add_argument("--size", type=int, default=640, help="of its input: the side of a square of as many pixels")
    p.add_argument("--views", type=int, default=12, help="of each photograph, itself included")
    p.add_argument("--seed", type=int, default=1)

    def data(p):
        p.add_argument("--photos", type=Path, nargs="*", default=[], help="the folders that were labelled")
        p.add_argument("--labels", type=Path, help="where `label` wrote")
        p.add_argument("--validation-scenes", type=Path, help="a folder of `render` with a seed of its own")
        p.add_argument("--validation-images", type=int, default=60, help="of each validation set at most")

    def size(p):
        p.add_argument(
            "--size",
            type=int,
            default=384,
            help="side of the square that has as many pixels as the input, a multiple of 32",
        )

    def device(p):
        p.add_argument("--device", default="auto", help="cpu, cuda or auto")
        p.add_argument(
            "--compile",
            action="store_true",
            help="compile the network and its loss: half a minute or more at first, then a quicker step",
        )

    def mixture(p):
        p.add_argument("--scenes", type=Path, help="a folder of `render` to train on")
        p.add_argument("--scene-share", type=float, default=0.25, help="of the samples")
        p.add_argument("--drawn-share", type=float, default=0.0, help="of the samples: drawn shapes on plain ground")
        p.add_argument("--batch", type=int, default=16)
        p.add_argument("--seed", type=int, default=1)
        p.add_argument("--workers", type=int, default=0)

    def learning(p):
        p.add_argument("--average", type=float, default=0.998)
        p.add_argument("--rounding", action="store_true", help="learn with weights rounded as the runtime rounds them")

    p = commands.add_parser("train", help="a student from labels; goes on where a stopped run was")
    p.add_argument("out", type=Path)
    data(p)
    size(p)
    mixture(p)
    p.add_argument("--shape", choices=["default", "upsampled", "thin", "lean", "wide", "small"], default="default")
    p.add_argument("--ends", action="store_true", help="with an end-point map")
    p.add_argument(
        "--stops", action="store_true", help="and maps of how soon the line through a cell ends on each side"
    )
    p.add_argument(
        "--initial",
        type=Path,
        help="a model.pt, of this or another shape, or an exported ONNX file (without batch norm) to start from",
    )
    p.add_argument("--frozen", action="store_true", help="leave the layers up to stride 4 as they are: quicker")
    learning(p)
    p.add_argument("--steps", type=int, default=20000)
    p.add_argument("--rate", type=float, default=3e-3)
    p.add_argument("--decay", type=float, default=0.02)
    p.add_argument("--warmup", type=int, default=150)
    p.add_argument("--emphasis", type=float, default=3.0, help="how much ends and stops count")
    p.add_argument("--threads", type=int, default=1)
    device(p)
    p.add_argument("--validate-every", type=int, default=1000)

    p = commands.add_parser("study", help="several networks learn from the same batches on a GPU, for a given time")
    p.add_argument("out", type=Path)
    data(p)
    mixture(p)
    p.add_argument("--minutes", type=float, required=True)
    p.add_argument("--warmup", type=int, default=20, help="in seconds")
    learning(p)
    device(p)
    p.add_argument(
        "--networks",
        nargs="+",
        required=True,
        metavar="NAME:SHAPE:SIZE:RATE[:INITIAL[:EMPHASIS]]",
        help="as of `train`'s options",
    )
    p.add_argument(
        "--taught",
        nargs="*",
        default=[],
        metavar="NAME:TEACHER:SHARE",
        help="which of them learns from another's maps, too",
    )

    p = commands.add_parser("export", help="model.pt to ONNX with batch norm folded")
    p.add_argument("model", type=Path)
    p.add_argument("out", type=Path)
    p.add_argument("--maps", type=int, default=3, help="3: heat and tangent; 4: with ends; 8: with stops")
    p.add_argument("--heat-bias", type=float, default=0.0, help="added to the heat's logit, to suit fixed thresholds")

    p = commands.add_parser("check", help="ONNX against torch, and both against the validation data")
    p.add_argument("model", type=Path)
    p.add_argument("onnx", type=Path)
    data(p)
    size(p)
    p.add_argument("--heat-bias", type=float, default=0.0, help="as it was exported")
    p.add_argument("--lsdnet", type=Path, help="the built binary: measures F^H and sAP by `lsdnet evaluate`")
    p.add_argument("--out", type=Path, help="where the validation sets are written for it")

    p = commands.add_parser("score", help="what says where lines end, and the scores of segments, for a model file")
    p.add_argument("model", type=Path, help="as `lsdnet convert` makes it, of at least 4 maps")
    data(p)
    p.add_argument("--lsdnet", type=Path, required=True, help="the built binary")
    p.add_argument("--out", type=Path, required=True, help="where the validation sets are written for it")
    p.add_argument("--share", type=float, default=0.2, help="how much wrong ends cost a segment its rank, 0 to 1")

    p.add_argument(
        "--end-weights",
        type=Path,
        help="keep the other weights of such a file, and fit what makes scores of them alone",
    )

    p = commands.add_parser("tune", help="what says where lines end, chosen by what the lists of segments are worth")
    p.add_argument("model", type=Path, help="as `lsdnet convert` makes it, of 8 maps")
    p.add_argument("--end-weights", type=Path, required=True, help="to start from, as `score` writes them")
    data(p)
    p.add_argument("--lsdnet", type=Path, required=True, help="the built binary")
    p.add_argument("--out", type=Path, required=True, help="where weights and validation sets are written")
    p.add_argument("--generations", type=int, default=40, help="of 12 candidates each")
    p.add_argument("--threads", type=int, default=1)

    p = commands.add_parser("ends", help="what moves ends of segments to where the picture shows that lines end")
    p.add_argument("out", type=Path, help="the file: end-network.f32 beside this folder is what the detector carries")
    p.add_argument(
        "--photos", type=Path, nargs="+", required=True, help="folders of photographs, of which it sees views"
    )
    p.add_argument("--scenes", type=Path, nargs="+", required=True, help="folders of `render` to train on")
    p.add_argument("--validation-scenes", type=Path, required=True, help="a folder of `render` with a seed of its own")
    p.add_argument("--lsdnet", type=Path, required=True, help="the built binary")
    p.add_argument("--count", type=int, default=700, help="so many of the photographs, a fair sample")
    p.add_argument("--epochs", type=int, default=16)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--threads", type=int, default=1)

    options = parser.parse_args()
    try:
        run(options)
    except OSError as error:
        named = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        raise SystemExit(named) from None
    except subprocess.CalledProcessError as error:  # it has said why
        raise SystemExit(f"{error.cmd[0]} failed") from None


def run(options: argparse.Namespace):
    given = {name: value for name, value in vars(options).items() if name != "command"}
    if options.command == "render":
        from .render import render_set

        render_set(options.out, options.count, options.seed, options.width, options.height)
    elif options.command == "fixtures":
        from .render import render_fixtures

        render_fixtures(options.out)
    elif options.command == "label":
        from .label import label

        label(
            options.folders,
            options.labels,
            options.lsdnet,
            options.mlsd,
            options.limit,
            not options.quick,
            options.threads,
        )
    elif options.command == "snap":
        from .edges import snap

        snap(options.folders, options.labels, options.out)
    elif options.command == "adapt":
        from .consensus import adapt

        adapt(
            options.folders,
            options.labels,
            options.out,
            options.lsdnet,
            options.model,
            options.size,
            options.views,
            options.seed,
        )
    elif options.command == "train":
        from .train import Options, train

        train(Options(**given))
    elif options.command == "study":
        from .study import Entry, Teaching, study
        from .train import Options

        networks, minutes, taught = (given.pop(name) for name in ("networks", "minutes", "taught"))
        entries = [Entry.parsed(text) for text in networks]
        teachings = [Teaching.parsed(text, entries) for text in taught]
        study(Options(**given), entries, minutes, teachings)
    elif options.command == "export":
        from .export import export

        export(options.model, options.out, options.maps, options.heat_bias)
    elif options.command == "check":
        from .check import check

        check(**given)
    elif options.command == "score":
        from .score import score

        score(**given)
    elif options.command == "tune":
        from .tune import tune

        tune(**given)
    elif options.command == "ends":
        from .ends import ends

        ends(**given)


if __name__ == "__main__":
    main()
