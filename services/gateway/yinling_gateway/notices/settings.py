"""Settings of notices. All begin with `YINLING_GATEWAY_`."""

import re
from datetime import time
from email.utils import parseaddr
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator, model_validator

from yinling_common.settings import ServiceSettings, read_secret
from yinling_gateway.notices.domain import QuietHours

_HOURS = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$")


class NoticeSettings(ServiceSettings):
    """What can be set of notices."""

    smtp_host: str = ""
    """Mail server that takes our mails. Empty: no e-mail, and the page of preferences says so."""

    smtp_port: int = Field(587, ge=1, le=65535)
    """Its port: mostly 587 for `starttls`, 465 for `tls`, 25 for `none`."""

    smtp_tls: Literal["starttls", "tls", "none"] = "starttls"
    """How the way to it is encrypted. `none` is for a server on the same machine or network."""

    smtp_username: str = ""
    """Who we are to it; empty where it does not ask."""

    smtp_password: str = ""
    """What we prove it with."""

    smtp_password_file: Path | None = None
    """A file that holds the password; for secrets."""

    smtp_from: str = "银龄 Yinling <yinling@localhost>"
    """Sender of our mails: an address that the mail server accepts from us."""

    smtp_timeout: float = Field(30, gt=0)
    """Seconds that the mail server is given for each answer."""

    notices_deliver: bool = True
    """Whether this process collects and sends notices. At least one gateway must."""

    notices_poll: float = Field(2, gt=0)
    """Seconds between two looks for new notices, and for what is due."""

    notices_lease: int = Field(120, ge=5, le=600)
    """Seconds after which another gateway takes over what one has begun. Longer than any single delivery takes."""

    notices_settle: float = Field(20, ge=0)
    """Seconds that a mail waits for others to the same person, so that a burst of events is one mail."""

    notices_flood: int = Field(5, ge=1)
    """More mails than this to one person at once, or in an hour, become one."""

    notices_quiet: str = "22:00-07:00"
    """When no mail goes out to those who have not chosen, in China's time; empty for never."""

    notices_give_up_days: float = Field(3, gt=0)
    """Days after which a delivery that fails again and again is given up."""

    notices_kept_days: int = Field(365, ge=1)
    """Days after which notices are deleted."""

    webhooks_private: bool = False
    """Let webhooks call private and loopback addresses, and plain HTTP. For bridges inside one's own network."""

    webhook_timeout: float = Field(10, gt=0)
    """Seconds that a webhook is given to answer."""

    @field_validator("notices_quiet")
    @classmethod
    def _check_quiet(cls, value: str) -> str:
        if value and not _HOURS.match(value):
            raise ValueError('write it as "22:00-07:00"')
        return value

    @field_validator("smtp_from")
    @classmethod
    def _check_from(cls, value: str) -> str:
        address = parseaddr(value)[1]
        if not address.isascii() or "@" not in address.strip("@"):
            raise ValueError('write it as "银龄 <yinling@example.cn>"')
        return value

    @model_validator(mode="after")
    def _read_smtp_password(self) -> "NoticeSettings":
        if self.smtp_password_file is not None:
            self.smtp_password = read_secret(self.smtp_password_file).decode().strip()
        return self

    @property
    def default_quiet(self) -> QuietHours | None:
        """The quiet hours of those who have not chosen."""
        found = _HOURS.match(self.notices_quiet)
        if found is None:
            return None
        start_hour, start_minute, end_hour, end_minute = map(int, found.groups())
        return QuietHours(time(start_hour, start_minute), time(end_hour, end_minute))
