"""Page tokens."""

from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yinling_common.errors import InvalidPageToken
from yinling_common.paging import decode, encode, page_size

FILTERS = {"organisation": "甲", "query": ""}


@given(st.lists(st.none() | st.text() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)))
def test_a_token_gives_its_key_back(key: list[str | int | float | None]) -> None:
    assert decode(encode("profiles", FILTERS, key), "profiles", FILTERS) == key


def test_the_first_page_has_no_token() -> None:
    assert decode("", "profiles", FILTERS) is None


@pytest.mark.parametrize(
    "token",
    [
        encode("requests", FILTERS, [1]),
        encode("profiles", {"organisation": "乙", "query": ""}, [1]),
        encode("profiles", FILTERS, [1])[:-3],
        "gibberish",
        "é",
        "bnVsbA",
        "W10",
        "MQ",
        "e30",
        urlsafe_b64encode(b"[" * 5000).decode(),
        encode("profiles", FILTERS, [True]),
    ],
)
def test_a_damaged_or_foreign_token_is_refused_by_name(token: str) -> None:
    with pytest.raises(InvalidPageToken) as caught:
        decode(token, "profiles", FILTERS)
    assert caught.value.violations[0].field == "page_token"


def test_page_size() -> None:
    assert [page_size(n) for n in (0, 1, 200, 5000)] == [50, 1, 200, 200]
