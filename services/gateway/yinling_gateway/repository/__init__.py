"""The only SQL of the gateway."""

from yinling_gateway.repository.accounts import AccountRepository
from yinling_gateway.repository.cohorts import CohortRepository
from yinling_gateway.repository.credentials import CredentialRepository
from yinling_gateway.repository.imports import ImportRepository

__all__ = ["AccountRepository", "CohortRepository", "CredentialRepository", "ImportRepository"]
