"""How much the parts of a score count, and who may say so: a request, its organisation, or nobody."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights as somebody set them; None where they did not. The bounds are those of the contract.

    Attributes:
        about: What a request is about.
        must: Each requirement that must be met.
        nice: Each requirement that is welcome.
        words: Shared words, beside meaning.
        years: Years of experience, where asked for.
        title_level: Level of title, where asked for.
        feedback: What enterprises said after earlier work.
        wishes: What the person wishes for.
        broken_wishes: Rules that the request made wishes, where broken.
    """

    about: float | None = None
    must: float | None = None
    nice: float | None = None
    words: float | None = None
    years: float | None = None
    title_level: float | None = None
    feedback: float | None = None
    wishes: float | None = None
    broken_wishes: float | None = None


NO_WEIGHTS = Weights()
"""Nothing set."""


@dataclass(frozen=True, slots=True)
class Effective:
    """Weights as they are used: every one of them set, the defaults where nobody set anything."""

    about: float = 2.0
    must: float = 1.0
    nice: float = 0.6
    words: float = 1.0
    years: float = 1.0
    title_level: float = 1.0
    feedback: float = 1.0
    wishes: float = 1.0
    broken_wishes: float = 1.0


def effective(request: Weights, organisation: Weights) -> Effective:
    """What holds for a request: its own word first, then its organisation's, then the default."""
    chosen: dict[str, float] = {}
    for field in fields(Effective):
        for given in (getattr(request, field.name), getattr(organisation, field.name)):
            if given is not None:
                chosen[field.name] = given
                break
    return Effective(**chosen)
