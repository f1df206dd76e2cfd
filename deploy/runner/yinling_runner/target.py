"""Which Yinling a command talks to, and as whom."""

from pathlib import Path

from yinling_runner import credentials
from yinling_runner.client import Client
from yinling_runner.layout import DataDirectory
from yinling_runner.problems import Problem


def connect(data_dir: Path, url: str, api_key: str) -> Client:
    """A client for the address and key that were given, or else for what runs from the data directory.

    A kept key goes to the installation that it was made for and to no other address.
    """
    data = DataDirectory(data_dir)
    if not url:
        running = data.running()
        if running is None:
            advice = "start it with yinling up, or name a running one with --url"
            raise Problem(f"nothing runs from {data.path}", advice)
        url = running.url
        api_key = api_key or credentials.load(data).api_key
    if not api_key:
        raise Problem(f"there is no API key for {url}", "give one in YINLING_API_KEY, or with --api-key")
    return Client(url, api_key)
