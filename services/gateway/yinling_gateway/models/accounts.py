"""Sign-in, accounts and API keys as JSON."""

from datetime import datetime
from enum import StrEnum

from pydantic import ConfigDict, Field, SecretStr

from yinling_gateway.models.base import Flag, Input, Int, Output, Text


class AccountRole(StrEnum):
    """What somebody may do."""

    HR = "hr"
    RETIREE = "retiree"
    COORDINATOR = "coordinator"
    ADMIN = "admin"


class Locale(StrEnum):
    """Language of the pages."""

    ZH = "zh"
    EN = "en"


class SignIn(Input):
    """A username and password."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"username": "hr", "password": "…"}]})

    username: Text
    password: SecretStr


class Account(Output):
    """An account."""

    id: str
    username: str
    role: AccountRole
    organisation: str
    profile_id: str = Field(description="A retiree's own profile.")
    display_name: str
    locale: Locale
    active: bool
    create_time: datetime
    update_time: datetime


class Me(Output):
    """Who is asking."""

    account: Account
    csrf_token: str = Field(description="Send it as X-CSRF-Token with POST, PATCH and DELETE; not with an API key.")
    session_end: datetime | None = Field(description="When the session ends unless it is used; null for an API key.")


class PasswordChange(Input):
    """A new password for oneself."""

    old_password: SecretStr
    new_password: SecretStr = Field(description="8 to 200 characters.")


class NewAccount(Input):
    """An account to be made."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"username": "li.hr", "password": "…", "role": "hr", "organisation": "云南铜业", "display_name": "李敏"}
            ]
        }
    )

    username: Text = Field(description="1 to 64 characters; upper and lower case are the same.")
    password: SecretStr = Field(description="8 to 200 characters.")
    role: AccountRole
    organisation: Text = Field("", description="Needed for hr and coordinator.")
    profile_id: Text = Field("", description="Needed for retiree.")
    display_name: Text = ""
    locale: Locale = Locale.ZH


class AccountChange(Input):
    """Fields of an account that can be changed; absent ones stay."""

    password: SecretStr | None = None
    role: AccountRole | None = None
    organisation: Text | None = None
    profile_id: Text | None = None
    display_name: Text | None = None
    locale: Locale | None = None
    active: Flag | None = None


class AccountPage(Output):
    """One page of accounts."""

    accounts: list[Account]
    next_page_token: str = Field(description="Empty on the last page.")


class NewApiKey(Input):
    """A key to be made."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "HRIS 夜间同步", "expires_in_days": 365}]})

    name: Text = Field(description="What it is for.")
    expires_in_days: Int | None = Field(None, description="1 to 3650; null means no end.")


class ApiKey(Output):
    """A key, without its secret."""

    id: str
    prefix: str = Field(description="What the key begins with, after ylk_.")
    name: str
    create_time: datetime
    expire_time: datetime | None
    used_time: datetime | None


class MadeApiKey(ApiKey):
    """A new key. This is the only time that it is shown."""

    key: str = Field(description="Send it as `Authorization: Bearer …` or `X-API-Key`.")


class ApiKeyList(Output):
    """One's own keys."""

    api_keys: list[ApiKey]
