"""Headless Chromium for tests and screenshots. Selenium drives it; it comes with the development tools."""

import base64
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium.webdriver import Chrome
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

DESKTOP, PHONE = (1280, 900), (390, 844)
INSTALL = "apt-get install -y chromium chromium-driver fonts-noto-cjk"

_FLAGS = (
    "--headless=new",
    "--no-sandbox",  # CI runs as root, where Chromium's sandbox does not start
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",
    "--hide-scrollbars",
    "--lang=zh-CN",
)


class BrowserMissing(RuntimeError):
    """Chromium or its driver is not installed."""


@contextmanager
def open_chromium(size: tuple[int, int] = DESKTOP, *, scale: float = 1) -> Iterator[Chrome]:
    """Start a browser with a profile of its own, and end it.

    Args:
        size: Width and height of the page in CSS pixels; below 500 it is a phone.
        scale: Device pixels per CSS pixel.

    Raises:
        BrowserMissing: With the command that installs what is missing.
    """
    programs = {name: shutil.which(name) for name in ("chromium", "chromedriver")}
    if missing := [name for name, path in programs.items() if path is None]:
        raise BrowserMissing(f"{' and '.join(missing)} not found. Install with: {INSTALL}")
    profile = tempfile.mkdtemp(prefix="yinling-chromium-")
    options = Options()
    options.binary_location = programs["chromium"] or ""
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for flag in (*_FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    driver = Chrome(options=options, service=Service(programs["chromedriver"]))
    try:
        resize(driver, size, scale=scale)
        yield driver
    finally:
        driver.quit()
        shutil.rmtree(profile, ignore_errors=True)


def resize(driver: Chrome, size: tuple[int, int], *, scale: float = 1) -> None:
    """Make the page as large as a screen."""
    width, height = size
    metrics = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": width < 500}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def sign_in(driver: Chrome, url: str, username: str, password: str) -> None:
    """Sign in through the page."""
    driver.delete_all_cookies()
    driver.get(f"{url}/sign-in")
    driver.find_element(By.ID, "username").send_keys(username)
    driver.find_element(By.ID, "password").send_keys(password)
    driver.find_element(By.CSS_SELECTOR, "form[action='/sign-in'] button").click()
    WebDriverWait(driver, 20).until(lambda d: not d.current_url.endswith("/sign-in"))


def save_page(driver: Chrome, path: Path, *, height: int = 0) -> None:
    """Save a picture of the whole page, or of its upper `height` CSS pixels."""
    content = driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
    clip = {
        "x": 0,
        "y": 0,
        "width": content["width"],
        "height": min(content["height"], height or content["height"]),
        "scale": 1,
    }
    picture = driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(base64.b64decode(picture["data"]))
