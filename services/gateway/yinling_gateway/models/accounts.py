"""Sign-in, accounts and API keys as JSON."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import ConfigDict, Field, SecretStr

from yinling_gateway.api_keys import DAYS_MAX
from yinling_gateway.domain import NAME_MAX, PASSWORD_MAX, PASSWORD_MIN, PROFILE_ID_MAX, USERNAME_MAX
from yinling_gateway.models.base import Flag, Input, Int, Output, Text, long


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


NewPassword = Annotated[SecretStr, Field(json_schema_extra=long(PASSWORD_MIN, PASSWORD_MAX))]
Organisation = Annotated[Text, Field(json_schema_extra=long(0, NAME_MAX))]
ProfileId = Annotated[Text, Field(json_schema_extra=long(0, PROFILE_ID_MAX))]
DisplayName = Annotated[Text, Field(json_schema_extra=long(0, NAME_MAX))]


class SignIn(Input):
    """A username and password."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"username": "hr", "password": "correct horse"}]})

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
    new_password: NewPassword


class NewAccount(Input):
    """An account to be made."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "username": "li.hr",
                    "password": "correct horse",
                    "role": "hr",
                    "organisation": "云南铜业",
                    "display_name": "李敏",
                }
            ]
        }
    )

    username: Text = Field(
        description="Upper and lower case are the same, and white space does not count.",
        json_schema_extra=long(1, USERNAME_MAX),
    )
    password: NewPassword
    role: AccountRole
    organisation: Organisation = Field("", description="Needed for hr and coordinator.")
    profile_id: ProfileId = Field("", description="Needed for retiree: the id of the person's profile.")
    display_name: DisplayName = ""
    locale: Locale = Locale.ZH


class AccountChange(Input):
    """Fields of an account that can be changed; absent ones stay."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"display_name": "李敏", "active": True}], "minProperties": 1}
    )

    password: NewPassword | None = None
    role: AccountRole | None = None
    organisation: Organisation | None = None
    profile_id: ProfileId | None = None
    display_name: DisplayName | None = None
    locale: Locale | None = None
    active: Flag | None = None


class AccountPage(Output):
    """One page of accounts."""

    accounts: list[Account]
    next_page_token: str = Field(description="Empty on the last page.")


Days = Annotated[Int, Field(json_schema_extra={"minimum": 1, "maximum": DAYS_MAX})]


class NewApiKey(Input):
    """A key to be made."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "HRIS 夜间同步", "expires_in_days": 365}]})

    name: Text = Field(description="What it is for.", json_schema_extra=long(1, NAME_MAX))
    expires_in_days: Days | None = Field(None, description="Null means no end.")


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
