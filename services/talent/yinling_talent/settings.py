"""Settings of the talent service, from the environment."""

from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import SettingsConfigDict

from yinling_common.settings import ServiceSettings
from yinling_talent import consent

SCHEMA = "talent"
"""The schema that this service owns."""


class TalentSettings(ServiceSettings):
    """As for every service, with the prefix `YINLING_TALENT_`."""

    model_config = SettingsConfigDict(env_prefix="YINLING_TALENT_", extra="ignore", env_ignore_empty=True)

    roster_max_mb: int = Field(default=20, ge=1, le=500)
    """Largest roster file that is taken, in MiB."""

    consent_wordings: Path | None = None
    """A file with wordings of the consent of your own; see `consent/wordings.toml` for its form."""

    @field_validator("consent_wordings")
    @classmethod
    def _readable(cls, path: Path | None) -> Path | None:
        consent.read(path)
        return path
