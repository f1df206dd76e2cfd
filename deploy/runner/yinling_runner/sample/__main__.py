"""Builds the sample roster again from the hand-written people: `python -m yinling_runner.sample`."""

from yinling_runner.sample import roster_path
from yinling_runner.sample.workbook import build


def main() -> None:
    """Write roster.xlsx beside this file."""
    path = roster_path()
    print(f"{build(path)} people -> {path}")  # noqa: T201 - a command


if __name__ == "__main__":
    main()
