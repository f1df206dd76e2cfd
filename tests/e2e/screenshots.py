"""Takes the pictures of the pages for the README, with the sample data.

    .venv/bin/python tests/e2e/screenshots.py                        starts a demonstration of its own
    .venv/bin/python tests/e2e/screenshots.py --data-dir DIR         uses the one that runs from DIR
    .venv/bin/python tests/e2e/screenshots.py --all build/pictures   also every other page, at both widths

Needs Chromium: apt-get install -y chromium chromium-driver fonts-noto-cjk
"""

import argparse
import contextlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from yinling_common.ports import free_port
from yinling_gateway.testing.chromium import DESKTOP, PHONE, open_chromium, resize, save_page, sign_in
from yinling_runner import credentials
from yinling_runner.credentials import SignIn
from yinling_runner.layout import DataDirectory
from yinling_runner.testing import Installation

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
OTHERS = {
    "hr": (
        "/requests",
        "/requests/new",
        "/engagements",
        "/waiting",
        "/cohorts",
        "/settings/matching",
        "/notices",
        "/webhooks",
    ),
    "retiree": (
        "/me",
        "/me/edit",
        "/invitations",
        "/opt-ins",
        "/open-requests",
        "/engagements",
        "/my-calendar",
        "/notices",
        "/notices/preferences",
    ),
    "coordinator": ("/people", "/people/new", "/imports", "/waiting", "/invitations", "/opt-ins", "/engagements"),
    "admin": ("/admin", "/admin/accounts", "/admin/deliveries"),
}


@contextlib.contextmanager
def demonstration(data_dir: Path | None) -> Iterator[tuple[str, DataDirectory]]:
    """Address and data directory of a demonstration that runs."""
    if data_dir is not None:
        data = DataDirectory(data_dir)
        running = data.running()
        if running is None:
            sys.exit(f"nothing runs from {data_dir}; start it with: yinling demo --data-dir {data_dir}")
        yield running.url, data
        return
    directory = Path(tempfile.mkdtemp(prefix="yinling-pictures-"))
    directory.chmod(0o755)  # PostgreSQL runs as another user and must enter it
    installation = Installation(directory, free_port())
    try:
        installation.start("demo")
        yield installation.url, installation.data
    finally:
        if installation.running():
            installation.stop()
        shutil.rmtree(directory, ignore_errors=True)


def suggestions(driver: Chrome, url: str, account: SignIn) -> None:
    """The page that matters most: who fits the enterprise's first request."""
    sign_in(driver, url, account.username, account.password)
    driver.get(f"{url}/requests?state=open")
    driver.find_elements(By.CSS_SELECTOR, "a.cover")[-1].click()
    address = driver.current_url
    resize(driver, DESKTOP, scale=2)
    driver.get(address)
    save_page(driver, IMAGES / "suggestions.png", height=1200)
    resize(driver, PHONE, scale=2)
    driver.get(address)
    save_page(driver, IMAGES / "suggestions-phone.png", height=1500)


def first_link(driver: Chrome, start: str) -> str:
    """The first link of the page's content that begins so."""
    return str(driver.find_element(By.CSS_SELECTOR, f"main a[href^='{start}']").get_attribute("href"))


def invitation(driver: Chrome, url: str, account: SignIn) -> None:
    """What a retiree reads on a phone when an enterprise asks."""
    sign_in(driver, url, account.username, account.password)
    driver.get(f"{url}/invitations")
    address = first_link(driver, "/invitations/")
    resize(driver, PHONE, scale=2)
    driver.get(address)
    save_page(driver, IMAGES / "invitation-phone.png", height=1500)


def engagement(driver: Chrome, url: str, account: SignIn) -> None:
    """An engagement as the enterprise sees it, and its agreement."""
    sign_in(driver, url, account.username, account.password)
    driver.get(f"{url}/engagements")
    address = first_link(driver, "/engagements/")
    resize(driver, DESKTOP, scale=2)
    driver.get(address)
    save_page(driver, IMAGES / "engagement.png", height=1200)
    resize(driver, DESKTOP)
    driver.get(f"{address}/agreement")
    save_page(driver, IMAGES / "agreement.png", height=1240)


def others(driver: Chrome, url: str, data: DataDirectory, folder: Path) -> None:
    """Every other page, to look at."""
    for account in credentials.load(data).sign_ins:
        if account.role not in OTHERS:
            continue
        sign_in(driver, url, account.username, account.password)
        for path in OTHERS[account.role]:
            for size in (DESKTOP, PHONE):
                resize(driver, size)
                driver.get(url + path)
                save_page(driver, folder / f"{account.role}{path.replace('/', '-')}-{size[0]}.png")


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, help="a demonstration that runs")
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="also take every other page")
    options = parser.parse_args()
    with demonstration(options.data_dir) as (url, data), open_chromium() as driver:
        hr, retiree = (
            next(account for account in credentials.load(data).sign_ins if account.role == role)
            for role in ("hr", "retiree")
        )
        suggestions(driver, url, hr)
        invitation(driver, url, retiree)
        engagement(driver, url, hr)
        if options.all:
            others(driver, url, data, options.all)


if __name__ == "__main__":
    main()
