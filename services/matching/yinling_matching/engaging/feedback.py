"""Use cases of feedback: what each side says of an engagement, halfway and at the end.

Who takes their consent back, or goes, is asked nothing more, and nobody about them; what would be said is not taken.
Feedback is about the person, it counts in a ranking that they have left, and neither side could be shown what it had
to wait for the other to write. Who comes back is asked again.

What one side wrote is nobody else's before both have written in that phase. Only the number that the ranking counts is
made of an enterprise's answers before that, and it is shrunk among those of others.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from psycopg.rows import DictRow
from pydantic import TypeAdapter

from yinling_common.database import Connection
from yinling_common.errors import InvalidField, Violation, WrongState
from yinling_common.identity import current
from yinling_common.text import clean
from yinling_matching.engaging.audit import record
from yinling_matching.engaging.domain import Engagement, Step
from yinling_matching.engaging.lists import find
from yinling_matching.engaging.once import Call
from yinling_matching.engaging.shared import check_side
from yinling_matching.engaging.states import UNDER_WAY, Phase, Side, named
from yinling_matching.engaging.tables import ENGAGEMENTS
from yinling_matching.engaging.telling import BOTH, audience_of
from yinling_matching.engaging.unit import Decisions, Unit
from yinling_matching.exposure.repository import Feedback, keep_rating
from yinling_matching.notices.domain import NoticeKind
from yinling_matching.privacy.reads import Reads

RESOURCE = "feedback"

_ANSWERS = {Phase.HALFWAY: ("cooperation",), Phase.END: ("goals", "cooperation", "again")}
"""Those that are needed."""


@dataclass(frozen=True, slots=True)
class EngagementFeedback:
    """What one side says. Answers are 1 to 5, 0 where not given."""

    engagement_id: str
    profile_id: str
    phase: Phase
    side: Side
    goals: int
    cooperation: int
    again: int
    words: str
    update_time: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody sends of it; the attributes are as above."""

    phase: Phase
    goals: int = 0
    cooperation: int = 0
    again: int = 0
    words: str = ""


@dataclass(frozen=True, slots=True)
class Readable:
    """What one side may read.

    Attributes:
        feedback: Its own, and the other's of the phases in which both have written.
        standings: Whether each side has written, in each phase that has begun; of a person who is gone, those who have.
    """

    feedback: list[EngagementFeedback] = field(default_factory=list)
    standings: dict[tuple[Phase, Side], bool] = field(default_factory=dict)


_FEEDBACK = TypeAdapter(EngagementFeedback)


class Feedbacks:
    """Takes and shows feedback for the caller.

    Args:
        decisions: Runs it.
        reads: Writes down who reads it.
        on_rated: Told of what the ranking counts, to count it at once here. It must not wait.
    """

    def __init__(
        self, decisions: Decisions, reads: Reads, on_rated: Callable[[Feedback], None] = lambda rating: None
    ) -> None:
        self._decisions = decisions
        self._reads = reads
        self._on_rated = on_rated

    async def write(self, call: Call, engagement_id: str, said: Said) -> EngagementFeedback:
        """One side says how it goes or went; said again it replaces what was said, until both have written."""
        caller = current()
        rated: list[Feedback] = []

        async def decide(unit: Unit) -> EngagementFeedback:
            request, engagement = await unit.both(ENGAGEMENTS, engagement_id)
            side = check_side(caller, engagement)
            _check_answers(said)
            _check_phase(engagement, said.phase)
            await unit.person(engagement.profile_id)
            before = {one.side for one in await _of(unit.conn, engagement.id) if one.phase is said.phase}
            if before == set(Side):
                raise WrongState("both_written", "feedback before both sides have written")
            kept = EngagementFeedback(
                engagement_id=engagement.id,
                profile_id=engagement.profile_id,
                phase=said.phase,
                side=side,
                goals=said.goals,
                cooperation=said.cooperation,
                again=said.again,
                words=clean(said.words),
                update_time=unit.now,
            )
            await _write(unit.conn, kept)
            await record(unit.conn, _step(unit, engagement, kept), unit.now)
            phase = named(said.phase)
            if side not in before:
                await unit.tell(NoticeKind.FEEDBACK_GIVEN, audience_of(side), request, engagement, phase=phase)
            if before | {side} == set(Side):
                for audience in BOTH:
                    await unit.tell(NoticeKind.FEEDBACK_READY, audience, request, engagement, phase=phase)
            if side is Side.ENTERPRISE:  # last, for all who do it wait for each other until the commit
                rated.append(await keep_rating(unit.conn, rating_of(engagement, kept), unit.now))
            return kept

        written = await self._decisions.once(caller, call, _FEEDBACK, decide)
        for rating in rated:
            self._on_rated(rating)
        return written

    async def of(self, engagement_id: str) -> Readable:
        """What the caller's side may read of an engagement."""
        caller = current()
        async with self._decisions.database.connection() as conn:
            engagement = await find(conn, ENGAGEMENTS, engagement_id, caller)
            side = check_side(caller, engagement)
            written = await _of(conn, engagement_id)
            phases = [Phase.HALFWAY] if engagement.state in UNDER_WAY else list(Phase)
            gone = await self._decisions.people.gone(engagement.profile_id)
            standings = {} if gone else {(phase, one): False for phase in phases for one in Side}
            standings |= {(one.phase, one.side): True for one in written}
            readable = [one for one in written if _readable(one, side, standings)]
            await self._reads.note(conn, caller, RESOURCE, [one.profile_id for one in readable])
        return Readable(readable, standings)


def rating_of(engagement: Engagement, said: EngagementFeedback) -> Feedback:
    """What the ranking counts of an enterprise's answers: their mean at the end, `cooperation` before that."""
    answers = [getattr(said, name) for name in _ANSWERS[said.phase]]
    return Feedback(
        engagement.mentoring_request_id, engagement.profile_id, sum(answers) / len(answers), engagement.organisation
    )


def _readable(one: EngagementFeedback, side: Side, standings: dict[tuple[Phase, Side], bool]) -> bool:
    return one.side is side or all(standings.get((one.phase, each)) for each in Side)


def _check_answers(said: Said) -> None:
    missing = [name for name in _ANSWERS[said.phase] if not getattr(said, name)]
    if missing:
        message = "needs an answer, 1 (not at all) to 5 (very much)"
        raise InvalidField([Violation(f"feedback.{name}", "feedback.answers", message) for name in missing])


def _check_phase(engagement: Engagement, phase: Phase) -> None:
    under_way = engagement.state in UNDER_WAY
    if phase is Phase.HALFWAY and not under_way:
        raise WrongState(named(engagement.state), "active or paused for feedback halfway")
    if phase is Phase.END and under_way:
        raise WrongState(named(engagement.state), "completed or ended_early for feedback at the end")


def _step(unit: Unit, engagement: Engagement, kept: EngagementFeedback) -> Step:
    """That a side has written, and no word of what."""
    return Step(
        by=unit.by,
        resource=RESOURCE,
        resource_id=engagement.id,
        action=f"write_{named(kept.phase)}",
        before="",
        after="",
        mentoring_request_id=engagement.mentoring_request_id,
        profile_id=engagement.profile_id,
    )


async def _write(conn: Connection, kept: EngagementFeedback) -> None:
    await conn.execute(
        "INSERT INTO engagement_feedback (engagement_id, phase, side, profile_id, goals, cooperation, again, words,"
        " create_time, update_time) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (engagement_id, phase, side) DO UPDATE SET goals = excluded.goals,"
        " cooperation = excluded.cooperation, again = excluded.again, words = excluded.words,"
        " update_time = excluded.update_time",
        [
            kept.engagement_id,
            kept.phase.value,
            kept.side.value,
            kept.profile_id,
            kept.goals,
            kept.cooperation,
            kept.again,
            kept.words,
            kept.update_time,
            kept.update_time,
        ],
    )


async def _of(conn: Connection, engagement_id: str) -> list[EngagementFeedback]:
    """All that was said of an engagement, whoever may read it."""
    found = await conn.execute(
        "SELECT engagement_id, profile_id, phase, side, goals, cooperation, again, words, update_time"
        " FROM engagement_feedback WHERE engagement_id = %s ORDER BY phase, side",
        [engagement_id],
    )
    return [feedback_of_row(row) for row in await found.fetchall()]


def feedback_of_row(row: DictRow) -> EngagementFeedback:
    """What stands in a row of the table."""
    return EngagementFeedback(
        **row
        | {
            "engagement_id": str(row["engagement_id"]),
            "profile_id": str(row["profile_id"]),
            "phase": Phase(row["phase"]),
            "side": Side(row["side"]),
        }
    )
