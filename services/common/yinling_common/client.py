"""Calling another service: a channel that heals, and the metadata that says who asks."""

import json

import grpc

from yinling_common.identity import Identity, Signer

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
"""Room for a batch of 500 profiles, and for a field that is far too long to be refused by name."""

MAX_METADATA_BYTES = 128 * 1024
"""Room for a status with a hundred broken rules: gRPC's own 8 KiB would turn it into RESOURCE_EXHAUSTED."""

_READS = {
    "yinling.talent.v1.TalentService": ["GetProfile", "ListProfiles", "SearchProfiles", "GetRosterTemplate"],
    "yinling.matching.v1.MatchingService": [
        "GetMentoringRequest",
        "ListMentoringRequests",
        "ListMentoringRequestChanges",
        "SuggestMentors",
        "SuggestRequests",
        "AssignCohort",
        "GetMatchingSettings",
        "ListExposures",
        "IndexStatus",
    ],
    "yinling.matching.v1.EngagementService": [
        "GetInvitation",
        "ListInvitations",
        "GetOptIn",
        "ListOptIns",
        "GetEngagement",
        "ListEngagements",
        "GetMentorContact",
        "GetMentoringSession",
        "ListMentoringSessions",
        "ListEngagementFeedback",
    ],
}

_SERVICE_CONFIG = {
    "loadBalancingConfig": [{"round_robin": {}}],
    # Reads are tried again where a server went away; creates and updates never are.
    "methodConfig": [
        {
            "name": [
                {"service": service, "method": method} for service, methods in _READS.items() for method in methods
            ],
            "retryPolicy": {
                "maxAttempts": 3,
                "initialBackoff": "0.05s",
                "maxBackoff": "0.5s",
                "backoffMultiplier": 3,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ],
}


def message_options() -> list[tuple[str, int]]:
    """Limits of a message, the same on both sides."""
    return [
        ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
        ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
        ("grpc.max_metadata_size", MAX_METADATA_BYTES),
        ("grpc.absolute_max_metadata_size", 2 * MAX_METADATA_BYTES),
    ]


def open_channel(target: str) -> grpc.aio.Channel:
    """A channel to "host:port" or "dns:///host:port"; with several addresses it takes them in turn."""
    return grpc.aio.insecure_channel(
        target,
        options=[
            *message_options(),
            ("grpc.service_config", json.dumps(_SERVICE_CONFIG)),
            ("grpc.keepalive_time_ms", 20_000),
            ("grpc.keepalive_timeout_ms", 5_000),
            ("grpc.keepalive_permit_without_calls", 1),
            ("grpc.http2.max_pings_without_data", 0),
            # A service that was restarted is found again at once, not after gRPC's two minutes.
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.max_reconnect_backoff_ms", 1_000),
            ("grpc.dns_min_time_between_resolutions_ms", 1_000),
            # Its own connections: a new channel does not wait out the failures of an older one to the same address.
            ("grpc.use_local_subchannel_pool", 1),
        ],
    )


def call_metadata(
    signer: Signer, identity: Identity, audience: str, request_id: str = ""
) -> tuple[tuple[str, str], ...]:
    """Metadata of one call: the identity signed for the audience, and the request id."""
    metadata: tuple[tuple[str, str], ...] = (("authorization", f"Bearer {signer.token(identity, audience)}"),)
    return (*metadata, ("x-request-id", request_id)) if request_id else metadata
