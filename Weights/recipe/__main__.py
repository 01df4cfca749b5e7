"""The training recipe, one command a step: python -m recipe {render,fixtures,label,train,export,check} --help"""

import argparse
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

    options = parser.parse_args()
    if options.command == "render":
        from .render import render_set

        render_set(options.out, options.count, options.seed, options.width, options.height)
    elif options.command == "fixtures":
        from .render import render_fixtures

        render_fixtures(options.out)


if __name__ == "__main__":
    main()
