"""Talent and matching in memory, behind real gRPC servers: enough for the gateway's own tests and for its pages."""

from yinling_gateway.testing.harness import (
    ORGANISATION,
    PASSWORD,
    FakeServices,
    Harness,
    fake_services,
    gateway_settings,
    running_gateway,
    sign_in,
)
from yinling_gateway.testing.matching import FakeMatching
from yinling_gateway.testing.talent import FakeTalent

__all__ = [
    "ORGANISATION",
    "PASSWORD",
    "FakeMatching",
    "FakeServices",
    "FakeTalent",
    "Harness",
    "fake_services",
    "gateway_settings",
    "running_gateway",
    "sign_in",
]
