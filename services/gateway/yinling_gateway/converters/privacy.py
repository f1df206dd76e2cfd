"""Exports and erasures as JSON."""

from yinling_gateway.converters.messages import answer, to_json
from yinling_gateway.models.privacy import (
    AuditEntry,
    Erasure,
    ErasureState,
    ExportedAccount,
    ExportedMatching,
    PersonExport,
)
from yinling_gateway.models.profiles import Profile
from yinling_gateway.privacy import Everything
from yinling_gateway.repository.erasures import Erasure as KeptErasure
from yinling_gateway.repository.erasures import ErasureStep

_STATES = {ErasureStep.SETTLE: ErasureState.ERASED, ErasureStep.DONE: ErasureState.DONE}


def export(found: Everything) -> PersonExport:
    """Everything about a person."""
    return PersonExport(
        export_time=found.time,
        profile=answer(Profile, found.profile),
        accounts=[ExportedAccount.model_validate(account, from_attributes=True) for account in found.accounts],
        matching=answer(ExportedMatching, found.matching),
        audit=[AuditEntry.model_validate(to_json(one)) for one in found.audit],
    )


def erasure(kept: KeptErasure) -> Erasure:
    """How far an erasure is."""
    return Erasure(id=kept.id, state=_STATES.get(kept.step, ErasureState.ERASING), create_time=kept.create_time)
