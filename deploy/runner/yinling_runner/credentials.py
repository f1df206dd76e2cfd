"""Keys and passwords that this installation made for its own user, kept in the data directory."""

import json
import secrets
from dataclasses import asdict, dataclass, field

from yinling_runner.layout import DataDirectory, write_private
from yinling_runner.problems import Problem
from yinling_runner.stack import Stack

ADMIN = "admin"


@dataclass
class SignIn:
    """An account that somebody can sign in with."""

    username: str
    password: str
    role: str
    organisation: str = ""


@dataclass
class Credentials:
    """What is kept: an administrator's API key for the other commands, and the accounts made here."""

    api_key: str = ""
    sign_ins: list[SignIn] = field(default_factory=list)

    def find(self, username: str) -> SignIn | None:
        """A sign-in by its username."""
        return next((sign_in for sign_in in self.sign_ins if sign_in.username == username), None)


def load(data: DataDirectory) -> Credentials:
    """What was kept before; nothing where there is none. Raises Problem where it cannot be read."""
    try:
        kept = json.loads(data.credentials.read_text(encoding="utf-8"))
        return Credentials(kept["api_key"], [SignIn(**sign_in) for sign_in in kept["sign_ins"]])
    except FileNotFoundError:
        return Credentials()
    except (OSError, ValueError, KeyError, TypeError) as error:
        advice = "move the file away to have new ones made"
        raise Problem(f"{data.credentials} cannot be read: {error}", advice) from error


def save(data: DataDirectory, credentials: Credentials) -> None:
    """Keep them, readable by their owner alone."""
    write_private(data.credentials, json.dumps(asdict(credentials), ensure_ascii=False, indent=1))


def new_password() -> str:
    """A password nobody guesses that can still be typed."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(4))


async def ensure_administrator(stack: Stack) -> Credentials:
    """See that there is an administrator with an API key; made at the first start."""
    credentials = load(stack.data)
    if credentials.api_key:
        return credentials
    sign_in = SignIn(ADMIN, new_password(), "admin")
    made = await stack.run_gateway_command(
        "create-account", "--username", ADMIN, "--role", "admin", "--if-missing", stdin=sign_in.password
    )
    if made.startswith("created"):  # one that was there before keeps its password
        credentials.sign_ins.append(sign_in)
    output = await stack.run_gateway_command("create-api-key", "--username", ADMIN, "--name", "yinling command")
    credentials.api_key = output.strip().splitlines()[-1]
    save(stack.data, credentials)
    return credentials
