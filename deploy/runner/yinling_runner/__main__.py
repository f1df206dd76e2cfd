"""The `yinling` command."""

import sys

from yinling_runner.cli import app
from yinling_runner.console import Terminal
from yinling_runner.problems import Problem


def main() -> None:
    """Run the command; ends the process with 1 where something went wrong, 2 where it was called wrongly."""
    try:
        app(prog_name="yinling")
    except Problem as problem:
        Terminal().problem(problem)
        sys.exit(1)


if __name__ == "__main__":
    main()
