"""What is shown of a long text."""

from hypothesis import given
from hypothesis import strategies as st

from yinling_matching.ranking.excerpts import LONGEST, excerpt


def test_short_texts_stay_whole() -> None:
    assert excerpt("矿井通风", "瓦斯") == "矿井通风"


def test_the_part_that_answers_is_shown() -> None:
    text = "爱好书法。" * 80 + "主持瓦斯治理工程。" + "退休后种花。" * 80
    shown = excerpt(text, "瓦斯治理")
    assert "主持瓦斯治理工程" in shown
    assert shown.startswith("…")
    assert shown.endswith("…")


def test_without_anything_shared_it_is_the_beginning() -> None:
    text = "从事通风工作。" + "其他。" * 200
    assert excerpt(text, "ballet").startswith("从事通风工作")


@given(st.text(min_size=1, max_size=900), st.text(max_size=50))
def test_it_is_short_and_the_persons_own(text: str, about: str) -> None:
    shown = excerpt(text, about)
    assert len(shown) <= LONGEST
    assert shown.strip("…").strip() in text
