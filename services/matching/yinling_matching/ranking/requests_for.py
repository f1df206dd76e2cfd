"""The best open requests for a person: those that suit are found in arrays, and the best of them compared as always.

Blocks; call it from a thread.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from yinling_matching.catalogue.catalogue import Catalogue
from yinling_matching.domain import Person
from yinling_matching.ranking.comparing import Question
from yinling_matching.ranking.offers import RequestMatch, rank_requests
from yinling_matching.ranking.open_requests import Batch
from yinling_matching.ranking.shortlist import Compared, shortlist
from yinling_matching.ranking.wanted import feasible
from yinling_matching.ranking.weights import NO_WEIGHTS, Weights, effective
from yinling_matching.rules.request_columns import Suiting


@dataclass(frozen=True, slots=True)
class Looked:
    """A person, and what the rules say of them and each open request.

    Attributes:
        person: Who.
        taken: How many of their places are taken.
        batches: The open requests, those with one at least that suits; the others are in the count alone.
        open_requests: How many there are, whether they suit or not.
    """

    person: Person
    taken: int
    batches: Sequence[tuple[Batch, Suiting]]
    open_requests: int

    @property
    def organisations(self) -> set[str]:
        """Whose requests suit."""
        return {batch.requests[row].organisation for batch, suiting in self.batches for row in suiting.rows}


def look(catalogue: Catalogue, person_id: str, batches: Sequence[Batch], today: date) -> Looked | None:
    """Apply the rules; None where the person is not here."""
    with catalogue.reading() as view:
        entry = view.entry(person_id)
        if entry is None:
            return None
        person, taken = entry.indexed.person, view.taken(person_id)
    judged = [(batch, batch.columns.suiting(person, today, taken)) for batch in batches]
    return Looked(
        person,
        taken,
        [(batch, suiting) for batch, suiting in judged if suiting.rows],
        sum(int(suiting.open.sum()) for _, suiting in judged),
    )


def best_requests(
    catalogue: Catalogue, looked: Looked, set_by: Mapping[str, Weights], today: date, limit: int
) -> tuple[int, list[RequestMatch]] | None:
    """The best of the requests that suit, and the revision that this is built on; None where the person is gone.

    Args:
        catalogue: Who there is.
        looked: The requests that suit; they must be ready.
        set_by: The weights that their organisations set.
        today: For the rules.
        limit: Matches at most.
    """
    batches = [Compared(batch.packed(), suiting) for batch, suiting in looked.batches]
    chosen = shortlist(catalogue, looked.person.id, batches, set_by, limit)
    if chosen is None:
        return None
    questions = {question.request.id: _weighed(question, set_by) for question, _ in chosen}
    suitable = feasible(looked.person, [one.request for one in questions.values()], today, taken=looked.taken)
    asked = [(one, questions[one.request.id]) for one in suitable]
    return rank_requests(catalogue, looked.person.id, asked, today=today, limit=limit)


def _weighed(question: Question, set_by: Mapping[str, Weights]) -> Question:
    of_organisation = set_by.get(question.request.organisation, NO_WEIGHTS)
    return replace(question, weights=effective(question.request.weights, of_organisation))
