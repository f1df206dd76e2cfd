"""The command line that every gRPC service has: `serve` and `migrate`."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from yinling_common import logs
from yinling_common.errors import YinlingError
from yinling_common.migrations import MigrationError
from yinling_common.settings import ServiceSettings, load

SettingsT = TypeVar("SettingsT", bound=ServiceSettings)


def run_service(
    name: str,
    settings_class: type[SettingsT],
    *,
    serve: Callable[[SettingsT], Coroutine[Any, Any, None]],
    migrate: Callable[[SettingsT], Coroutine[Any, Any, list[str]]],
) -> None:
    """Read the arguments and do what they say; ends the process with a message where that fails."""
    parser = argparse.ArgumentParser(
        prog=f"python -m yinling_{name}",
        description=f"The {name} service. Settings come from the environment, as YINLING_{name.upper()}_DATABASE_URL.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="serve gRPC until SIGTERM or SIGINT")
    commands.add_parser("migrate", help="bring the database schema up to date, and end")
    command = parser.parse_args().command
    settings = load(settings_class)
    if command == "serve":
        asyncio.run(serve(settings))
        return
    logs.setup(name, settings.log_format, settings.log_level)
    try:
        applied = asyncio.run(migrate(settings))
    except (MigrationError, YinlingError) as error:
        sys.exit(f"{name}: {error}")
    logs.get().info("migrated", applied=applied)
