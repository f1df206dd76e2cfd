"""The gateway's commands: `python -m yinling_gateway serve|migrate|create-account|create-api-key`."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import uvicorn
from prometheus_client import start_http_server

from yinling_common import logs
from yinling_common.errors import AlreadyExists, YinlingError
from yinling_common.identity import Role
from yinling_common.migrations import MigrationError, migrate
from yinling_common.settings import load
from yinling_gateway.bootstrap import SCHEMA, create_app, make_accounts, open_database, server_config
from yinling_gateway.domain import NewAccount
from yinling_gateway.settings import GatewaySettings

_ROLES = [role.value for role in Role if role != Role.SERVICE]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    parsed = _parser().parse_args(arguments)
    settings = load(GatewaySettings)
    logs.setup("gateway", settings.log_format, settings.log_level)
    try:
        match parsed.command:
            case "serve":
                serve(settings)
            case "migrate":
                for name in asyncio.run(migrate(settings.database_url, SCHEMA, migrations())):
                    print(f"applied {name}")  # noqa: T201 - a command's answer
            case "create-account":
                asyncio.run(_create_account(settings, parsed))
            case "create-api-key" | "create-key":
                asyncio.run(_create_api_key(settings, parsed))
    except (YinlingError, MigrationError) as error:
        print(f"yinling_gateway {parsed.command}: {error}", file=sys.stderr)  # noqa: T201 - a command's answer
        return 1
    return 0


def migrations() -> resources.abc.Traversable:
    """The directory of the schema's migrations."""
    return resources.files("yinling_gateway") / "sql" / "migrations"


def serve(settings: GatewaySettings) -> None:
    """Serve until SIGTERM or SIGINT."""
    settings.signer("gateway")  # a missing key ends the process now, not at the first call
    if settings.metrics_listen:
        metrics_host, _, metrics_port = settings.metrics_listen.rpartition(":")
        start_http_server(int(metrics_port), metrics_host or "127.0.0.1")
    uvicorn.Server(server_config(create_app(settings), settings)).run()


async def _create_account(settings: GatewaySettings, parsed: argparse.Namespace) -> None:
    password = _password(parsed.password_file)
    new = NewAccount(
        username=parsed.username,
        role=Role(parsed.role),
        organisation=parsed.organisation,
        profile_id=parsed.profile_id,
        display_name=parsed.display_name,
        locale=parsed.locale,
    )
    async with open_database(settings) as database:
        try:
            account = await make_accounts(settings, database).create(new, password)
        except AlreadyExists:
            if not parsed.if_missing:
                raise
            print(f"{parsed.username} is there already")  # noqa: T201 - a command's answer
        else:
            print(f"created {account.username} ({account.role}), id {account.id}")  # noqa: T201 - a command's answer


async def _create_api_key(settings: GatewaySettings, parsed: argparse.Namespace) -> None:
    async with open_database(settings) as database:
        accounts = make_accounts(settings, database)
        account = await accounts.find(parsed.username)
        _, key = await accounts.create_key(account, parsed.name, parsed.days or None)
    print(key)  # noqa: T201 - a command's answer; it is shown this once


def _password(file: Path | None) -> str:
    """From a file, or the first line of standard input; never from the command line, which others can read."""
    text = file.read_text("utf-8") if file else sys.stdin.readline()
    return text.rstrip("\r\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m yinling_gateway", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="serve HTTP until told to stop")
    commands.add_parser("migrate", help="bring the gateway's schema up to date")
    account = commands.add_parser("create-account", help="make an account; the password is read from standard input")
    account.add_argument("--username", required=True)
    account.add_argument("--role", required=True, choices=_ROLES)
    account.add_argument("--organisation", default="", help="needed for hr and coordinator")
    account.add_argument("--profile-id", default="", help="needed for retiree")
    account.add_argument("--display-name", default="")
    account.add_argument("--locale", default="zh", choices=["zh", "en"])
    account.add_argument("--password-file", type=Path, help="read the password from this file instead")
    account.add_argument("--if-missing", action="store_true", help="succeed where the account is there already")
    key = commands.add_parser(
        "create-api-key", aliases=["create-key"], help="make an API key for an account and print it"
    )
    key.add_argument("--username", required=True, help="whom the key acts for")
    key.add_argument("--name", required=True, help="what the key is for")
    key.add_argument("--days", type=int, default=0, help="how long it holds; without it there is no end")
    return parser


if __name__ == "__main__":
    sys.exit(main())
