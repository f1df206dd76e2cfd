"""Settings of the gateway, from environment variables named `YINLING_GATEWAY_...`."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from yinling_gateway.notices.settings import NoticeSettings


class GatewaySettings(NoticeSettings):
    """Everything that can be set."""

    model_config = SettingsConfigDict(env_prefix="YINLING_GATEWAY_")

    listen: str = "127.0.0.1:8080"
    """Address of the HTTP server."""

    talent_target: str = "127.0.0.1:50051"
    """Address of the talent service, as gRPC writes it."""

    matching_target: str = "127.0.0.1:50052"
    """Address of the matching service; `dns:///matching:50052` spreads calls over its replicas."""

    public_url: str = ""
    """Address that people type, for example "https://yinling.example.cn". Empty: taken from each request."""

    cookie_secure: bool = False
    """Send the session cookie over HTTPS only. Set it wherever the gateway is reached over HTTPS."""

    trusted_proxies: str = ""
    """Addresses, separated by commas, whose X-Forwarded-For and X-Forwarded-Proto are believed."""

    ready_kept: float = Field(1, ge=0)
    """Seconds for which an answer of /readyz is given again: anybody may ask, and each look asks every service."""

    session_idle_hours: float = Field(12, gt=0)
    """A session ends after so many hours without a request."""

    session_max_hours: float = Field(24 * 7, gt=0)
    """A session ends after so many hours in any case."""

    read_timeout: float = Field(5, gt=0)
    """Deadline of a read from a service, in seconds."""

    write_timeout: float = Field(10, gt=0)
    """Deadline of a write to a service, in seconds."""

    suggest_timeout: float = Field(10, gt=0)
    """Deadline of a suggestion, in seconds."""

    figures_timeout: float = Field(30, gt=0)
    """Deadline of the figures of a period, in seconds. With many people and requests their skills take some."""

    cohort_timeout: float = Field(300, gt=0)
    """Deadline of matching a whole cohort, in seconds."""

    cohorts_kept_days: int = Field(30, ge=1)
    """Days after which a matched cohort is deleted."""

    cohorts_at_once: int = Field(2, ge=1)
    """Cohorts that one gateway has matched at the same time; further ones wait."""

    import_timeout: float = Field(1800, gt=0)
    """Deadline of a whole roster import, in seconds."""

    import_answer_wait: float = Field(5, ge=0)
    """How long an upload waits for word that the file can be read at all, in seconds; then it is answered 202."""

    imports_at_once: int = Field(2, ge=1)
    """Imports that one gateway passes on at the same time; further ones wait."""

    imports_kept_days: int = Field(30, ge=1)
    """Days after which an import's issues and annotated copy are deleted."""

    erasure_settle: float = Field(600, ge=0)
    """Seconds after which an erased person is looked for once more, before the erasure counts as done."""

    heartbeat: float = Field(5, gt=0)
    """Seconds between signs of life of a running import; after six without one it counts as interrupted."""

    max_body: int = Field(12 * 1024 * 1024, gt=0)
    """Largest request body in bytes, uploads apart. Far above the largest text, so that the text's own rule answers;
    below the largest message that the services take."""

    max_upload: int = Field(20 * 1024 * 1024, gt=0)
    """Largest upload in bytes."""

    rate_per_minute: int = Field(6000, ge=0)
    """Requests that one account or address may make a minute; 0 means no limit."""

    rate_burst: int = Field(1000, ge=1)
    """Requests that may come at once before the rate counts."""

    calendar_per_minute: int = Field(120, ge=0)
    """Times that one subscribed calendar, or one address, may be asked for a minute; 0 means no limit."""

    sign_in_window_minutes: float = Field(15, gt=0)
    """Failed sign-ins are counted over so many minutes."""

    sign_in_tries_account: int = Field(10, ge=1)
    """Failed sign-ins to one account within the window before it is closed for the rest of it."""

    sign_in_tries_address: int = Field(50, ge=1)
    """The same for one address, from which many people may come."""

    hash_time_cost: int = Field(2, ge=1)
    """Passes of argon2id."""

    hash_memory_kib: int = Field(47104, ge=8)
    """Memory of argon2id in KiB."""
