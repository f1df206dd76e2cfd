"""The only SQL of the gateway."""

from yinling_gateway.repository.accounts import AccountRepository
from yinling_gateway.repository.calendars import CalendarRepository
from yinling_gateway.repository.cohorts import CohortRepository
from yinling_gateway.repository.credentials import CredentialRepository
from yinling_gateway.repository.deliveries import DeliveryRepository
from yinling_gateway.repository.imports import ImportRepository
from yinling_gateway.repository.mails import MailRepository
from yinling_gateway.repository.notices import NoticeRepository
from yinling_gateway.repository.preferences import PreferenceRepository
from yinling_gateway.repository.webhooks import WebhookRepository

__all__ = [
    "AccountRepository",
    "CalendarRepository",
    "CohortRepository",
    "CredentialRepository",
    "DeliveryRepository",
    "ImportRepository",
    "MailRepository",
    "NoticeRepository",
    "PreferenceRepository",
    "WebhookRepository",
]
