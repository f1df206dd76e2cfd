"""Settings from the environment, typed. Each service subclasses `ServiceSettings` with a prefix of its own."""

import sys
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from yinling_common.identity import Signer, Verifier

SettingsT = TypeVar("SettingsT", bound=BaseSettings)


class ServiceSettings(BaseSettings):
    """What every service can be told. A subclass sets the prefix: `YINLING_TALENT_DATABASE_URL`, and so on."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    listen: str = "127.0.0.1:50051"
    """Address and port to serve on."""

    database_url: str = ""
    """PostgreSQL, as a URL or a libpq connection string."""

    database_url_file: Path | None = None
    """A file that holds the database URL; for secrets."""

    database_pool_size: int = Field(default=10, ge=1, le=200)
    """Connections at most."""

    identity_trusted: str = ""
    """Whose tokens are accepted: `gateway=/path/gateway.pub,matching=/path/matching.pub`."""

    identity_key_file: Path | None = None
    """Private key (PEM) that this service signs its own calls with, where it makes any."""

    log_format: Literal["console", "json"] = "console"
    """How the log is written."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """What the log holds."""

    metrics_listen: str = ""
    """Address and port for Prometheus; empty for none."""

    shutdown_grace: float = Field(default=10.0, ge=0, le=300)
    """Seconds that calls in flight are given at the end."""

    @model_validator(mode="after")
    def _read_database_url(self) -> "ServiceSettings":
        if self.database_url_file is not None:
            self.database_url = read_secret(self.database_url_file).decode().strip()
        if not self.database_url:
            raise ValueError("set database_url or database_url_file: where PostgreSQL is")
        return self

    def verifier(self, audience: str) -> Verifier:
        """The verifier of the tokens that this service accepts."""
        trusted: dict[str, bytes] = {}
        for entry in filter(None, map(str.strip, self.identity_trusted.split(","))):
            issuer, separator, path = entry.partition("=")
            if not separator:
                raise SystemExit(f'identity_trusted: "{entry}" should be issuer=/path/to/issuer.pub')
            trusted[issuer] = read_secret(Path(path))
        if not trusted:
            raise SystemExit("identity_trusted: name at least one issuer, for example gateway=/path/gateway.pub")
        return Verifier(audience, trusted)

    def signer(self, issuer: str) -> Signer:
        """The signer of the calls that this service makes."""
        if self.identity_key_file is None:
            raise SystemExit(f"identity_key_file: {issuer} needs its private key to sign its calls")
        return Signer(issuer, read_secret(self.identity_key_file))


def read_secret(path: Path) -> bytes:
    """The content of a file that a setting names; ends the process with a clear message where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise SystemExit(f"cannot read {path}: {error.strerror}") from error


def load(cls: type[SettingsT]) -> SettingsT:
    """Settings from the environment; ends the process with one line for each one that is wrong."""
    try:
        return cls()
    except ValidationError as error:
        prefix = cls.model_config.get("env_prefix", "").upper()
        for problem in error.errors():
            name = prefix + "_".join(str(part) for part in problem["loc"]).upper()
            print(f"setting {name}: {problem['msg']}", file=sys.stderr)  # noqa: T201 - before logging is set up
        raise SystemExit(2) from error
