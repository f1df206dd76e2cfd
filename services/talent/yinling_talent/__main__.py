"""`python -m yinling_talent serve` and `python -m yinling_talent migrate`."""

from yinling_common.command import run_service
from yinling_talent import bootstrap
from yinling_talent.settings import TalentSettings


def main() -> None:
    """Read the arguments and do what they say."""
    run_service("talent", TalentSettings, serve=bootstrap.run, migrate=bootstrap.migrate)


if __name__ == "__main__":
    main()
