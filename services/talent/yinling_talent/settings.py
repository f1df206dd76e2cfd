"""Settings of the talent service, from the environment."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from yinling_common.settings import ServiceSettings

SCHEMA = "talent"
"""The schema that this service owns."""


class TalentSettings(ServiceSettings):
    """As for every service, with the prefix `YINLING_TALENT_`."""

    model_config = SettingsConfigDict(env_prefix="YINLING_TALENT_", extra="ignore", env_ignore_empty=True)

    roster_max_mb: int = Field(default=20, ge=1, le=500)
    """Largest roster file that is taken, in MiB."""
