"""`python -m yinling_matching serve` and `python -m yinling_matching migrate`."""

import argparse
import asyncio
import sys

from yinling_common import logs
from yinling_common.errors import YinlingError
from yinling_common.migrations import MigrationError
from yinling_common.settings import load
from yinling_matching import bootstrap
from yinling_matching.settings import MatchingSettings


def main() -> None:
    """Read the arguments and do what they say."""
    parser = argparse.ArgumentParser(
        prog="python -m yinling_matching",
        description="The matching service. Settings come from the environment, as YINLING_MATCHING_DATABASE_URL.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="serve gRPC until SIGTERM or SIGINT")
    commands.add_parser("migrate", help="bring the database schema up to date, and end")
    command = parser.parse_args().command
    settings = load(MatchingSettings)
    if command == "serve":
        asyncio.run(bootstrap.run(settings))
        return
    logs.setup("matching", settings.log_format, settings.log_level)
    try:
        applied = asyncio.run(bootstrap.migrate(settings))
    except (MigrationError, YinlingError) as error:
        sys.exit(f"matching: {error}")
    logs.get().info("migrated", applied=applied)


if __name__ == "__main__":
    main()
