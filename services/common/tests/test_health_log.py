"""What the log says of a service's health."""

import pytest
from structlog.testing import capture_logs

from yinling_common.health_log import HealthLog

BUILDING, SILENT = {"index": "is being built"}, {"index": "silent for 31 s"}


class Time:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def time() -> Time:
    return Time()


def said(log: HealthLog, *states: dict[str, str]) -> list[tuple[str, str]]:
    with capture_logs() as lines:
        for wrong in states:
            log.note(wrong)
    return [(line["log_level"], line["event"]) for line in lines]


def test_a_start_is_nothing_to_warn_of(time: Time) -> None:
    log = HealthLog(time)
    assert said(log, BUILDING, BUILDING, {}) == [("info", "health.changed"), ("info", "health.changed")]
    # Once it was well, what goes wrong is.
    assert said(log, SILENT) == [("warning", "health.changed")]
    assert said(log, {}) == [("info", "health.changed")]


def test_a_start_that_takes_too_long_is_told_once(time: Time) -> None:
    log = HealthLog(time)
    assert said(log, BUILDING) == [("info", "health.changed")]
    time.seconds = 301
    assert said(log, BUILDING, BUILDING) == [("warning", "health.not_ready_yet")]
    assert said(log, BUILDING | {"database": "away"}) == [("warning", "health.changed")]


def test_seconds_that_are_counted_are_no_change(time: Time) -> None:
    log = HealthLog(time)
    said(log, {})
    counting = [{"index": f"silent for {number} s"} for number in range(31, 60)]
    assert said(log, *counting) == [("warning", "health.changed")]
    assert said(log, {"database": "away"}) == [("warning", "health.changed")]
