"""Weights, and the settings of organisations."""

from dataclasses import asdict

from yinling.matching.v1 import matching_pb2 as pb

from yinling_matching.converters.values import timestamp
from yinling_matching.domain import OrganisationSettings
from yinling_matching.ranking.weights import NO_WEIGHTS, Effective, Weights, effective


def weights(message: pb.Weights) -> Weights:
    """What is set in a message, and None for what is not."""
    return Weights(**{field.name: value for field, value in message.ListFields()})


def weights_message(given: Weights | Effective) -> pb.Weights | None:
    """What is set, as a message; unset where nothing is."""
    return None if given == NO_WEIGHTS else pb.Weights(**asdict(given))


def settings(message: pb.MatchingSettings) -> OrganisationSettings:
    """Settings as somebody sent them."""
    return OrganisationSettings(message.organisation, weights(message.weights), etag=message.etag)


def settings_message(kept: OrganisationSettings) -> pb.MatchingSettings:
    """Kept settings."""
    return pb.MatchingSettings(
        organisation=kept.organisation,
        weights=weights_message(kept.weights),
        update_time=timestamp(kept.update_time),
        etag=kept.etag,
        effective=weights_message(effective(NO_WEIGHTS, kept.weights)),
    )
