"""Chromium as a person's browser, driven by Playwright."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from .environment import ROOT
from .server import ADMIN, Server

# The first is Chromium without the windows that nobody sees in a test: a page takes two thirds of
# the CPU time.
_NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
# The first two are pages of the address bar's suggestions, which nobody sees: with every window
# they take as much CPU time as the page under test. The last flag of this name counts, so what
# Playwright switches off is named again.
_OFF = (
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(_OFF)}",
)


def executable() -> str:
    """Path of the system's Chromium, or the one that CHROMIUM names."""
    if named := os.environ.get("CHROMIUM"):
        return named
    for name in _NAMES:
        if found := shutil.which(name):
            return found
    raise AssertionError("the tests need Chromium; deploy/test installs it")


_PATIENCE_MS = 20_000


@contextmanager
def launch(*flags: str) -> Iterator[Browser]:
    """A browser with a fresh profile that nothing else uses."""
    # What is there in a moment takes seconds on cores that others take meanwhile.
    expect.set_options(timeout=_PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable(), headless=True, args=[*FLAGS, *flags]
        )
        try:
            yield browser
        finally:
            browser.close()


def sign_in(page: Page, url: str, user: str, password: str) -> None:
    """Signs in at the login page as a person does."""
    page.goto(f"{url}/login/")
    page.fill('input[name="username"]', user)
    page.fill('input[name="password"]', password)
    page.press('input[name="password"]', "Enter")
    page.wait_for_url("**/projects/**")


def signed_in(page: Page, server: Server, user: str = ADMIN) -> None:
    """Gives the page's browser the session of `user`, who signed in before: no page is loaded."""
    page.context.add_cookies(
        [
            {"name": name, "value": value, "url": server.url, "sameSite": "Lax",
             "httpOnly": name == "sessionid"}
            for name, value in server.session(user).items()
        ]
    )  # fmt: skip


_PROBE = "/healthz?intercepted"
_UNTIL_INTERCEPTED = f"""async () => {{
  while ((await fetch("{_PROBE}")).status !== 204);
}}"""


def intercept(page: Page, url: str, handler: Callable[[Route], Any]) -> None:
    """As `page.route` for a page that is loaded, and holds from the next request on: the browser
    tells the page of it on another way than of keys and clicks, which come first now and then."""
    page.route(url, handler)
    page.route(f"**{_PROBE}", lambda route: route.fulfill(status=204))
    page.evaluate(_UNTIL_INTERCEPTED)
    page.unroute(f"**{_PROBE}")


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong with the page as it is now: rules, and where they are broken."""
    page.evaluate((ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text())
    found: list[str] = page.evaluate(
        "async () => (await axe.run(document)).violations.map(v => v.id + ': '"
        " + v.nodes.map(n => n.target.join(' ')).join(', '))"
    )
    return found
