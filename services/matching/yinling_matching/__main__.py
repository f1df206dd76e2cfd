"""`python -m yinling_matching serve` and `python -m yinling_matching migrate`."""

from yinling_common.command import run_service
from yinling_matching import bootstrap
from yinling_matching.settings import MatchingSettings


def main() -> None:
    """Read the arguments and do what they say."""
    run_service("matching", MatchingSettings, serve=bootstrap.run, migrate=bootstrap.migrate)


if __name__ == "__main__":
    main()
