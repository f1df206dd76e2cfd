"""The real embedder: any model that sentence-transformers can load, on the CPU."""

import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from transformers.utils import logging as transformers_logging

from yinling_matching.embedding.base import Embedder, Vectors
from yinling_matching.embedding.identity import directory_identity, hub_identity
from yinling_matching.embedding.windows import WindowedMean

_log = logging.getLogger(__name__)

_PASSAGE_PROMPTS = ("passage", "document")


class SentenceTransformerEmbedder(Embedder):
    """Embeds with a sentence-transformers model.

    Models with mean pooling take texts of any length. With other pooling a text that is too long is cut, and the log
    says so.
    """

    def __init__(self, model: str | Path, *, threads: int = 0) -> None:
        """Load a model.

        Args:
            model: A directory, or the name of a model on the Hugging Face hub.
            threads: Threads for one call; 0 takes half of the processors, as queries and passages are embedded side by
                side, and threads that wait for each other make a query ten times slower on a machine that is busy. It
                holds for the whole process.

        Raises:
            OSError: There is no such model, or it cannot be read.
        """
        torch.set_num_threads(threads or max(1, len(os.sched_getaffinity(0)) // 2))
        dtype = torch.bfloat16 if _bfloat16_is_fast() else torch.float32
        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call] # it has no types
        self._model = SentenceTransformer(str(model), device="cpu", model_kwargs={"dtype": dtype})
        self._model.eval()
        self._name = _name(model, self._model)
        self._query_prompt = self._model.prompts.get("query") or ""
        self._passage_prompt = next((p for p in map(self._model.prompts.get, _PASSAGE_PROMPTS) if p), "")
        self._windowed = _windowed(self._model)
        # The first call is slow: it is made here and not while somebody waits.
        self._dimensions = int(self._encode(["a"]).shape[1])
        _log.info("model %s loaded: %d dimensions, %s", self._name, self._dimensions, dtype)

    @property
    def name(self) -> str:
        """Name of the model and checksum of its files, or its revision on the hub."""
        return self._name

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return self._dimensions

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed what is searched for."""
        return self._encode(_prompted(texts, self._query_prompt))

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed what is found."""
        return self._encode(_prompted(texts, self._passage_prompt))

    def encode_both(self, texts: Sequence[str]) -> tuple[Vectors, Vectors]:
        """Embed as queries and as passages, in one go: for a short text that takes hardly longer than one of them."""
        prompted = _prompted(texts, self._query_prompt) + _prompted(texts, self._passage_prompt)
        vectors = self._encode(prompted)
        return vectors[: len(texts)], vectors[len(texts) :]

    def _encode(self, prompted: Sequence[str]) -> Vectors:
        if not prompted:
            return np.empty((0, self._dimensions), dtype=np.float32)
        if self._windowed is not None:
            return _normalised(self._windowed.encode(prompted))
        self._warn_of_cuts(prompted)
        with torch.inference_mode():
            vectors = self._model.encode(list(prompted), prompt="", convert_to_tensor=True, show_progress_bar=False)
        return _normalised(vectors.float().numpy())

    def _warn_of_cuts(self, texts: Sequence[str]) -> None:
        limit = self._model.max_seq_length
        if limit is None:
            return
        # A token is one byte at least, so short texts need not be cut into tokens to know.
        long = [text for text in texts if len(text.encode()) > limit]
        lengths = [len(self._model.tokenizer(text, truncation=False)["input_ids"]) for text in long]
        cut = sum(length > limit for length in lengths)
        if cut:
            _log.warning("%d texts are longer than the %d tokens that the model takes and were cut", cut, limit)


def _prompted(texts: Sequence[str], prompt: str) -> list[str]:
    # Half of a surrogate pair is no character; a tokenizer refuses it.
    return [prompt + text.encode("utf-8", "replace").decode("utf-8") for text in texts]


def _name(source: str | Path, model: SentenceTransformer) -> str:
    if Path(source).is_dir():
        return directory_identity(Path(source))
    transformer: Any = model[0]
    return hub_identity(str(source), getattr(getattr(transformer, "config", None), "_commit_hash", None))


def _windowed(model: SentenceTransformer) -> WindowedMean | None:
    """The faster way for models that are a transformer with mean pooling; None for others."""
    kinds = [type(module).__name__ for module in model]
    if kinds not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        return None
    transformer, pooling = model[0], model[1]
    tokenizer = getattr(model.tokenizer, "backend_tokenizer", None)
    limit = model.max_seq_length
    if pooling.pooling_mode != "mean" or not pooling.include_prompt or tokenizer is None or limit is None:
        return None
    if transformer.do_lower_case:
        return None
    encoder: Any = transformer.model
    return WindowedMean(encoder, tokenizer, limit, model.tokenizer.pad_token_id or 0)


def _normalised(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    # A vector of zeros has no direction; any will do, as long as it is a unit vector.
    vectors = np.where(lengths > 0, vectors, np.eye(1, vectors.shape[1], dtype=np.float32))
    unit: Vectors = (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return unit


def _bfloat16_is_fast() -> bool:
    """Whether the processor multiplies in bfloat16: then it is twice as fast, and cosines change by 0.0001 at most."""
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
