"""A real server and a real Chromium; no request may leave this machine, no page may complain."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.browser.world import World, world_make
from tests.monitoring.conftest import hash_embedder, model, stores  # noqa: F401  fixtures

CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Innermost elements beyond the right edge, unless something around them scrolls by itself.
TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const scrolls = (element) => {
    for (let e = element.parentElement; e && e !== document.body; e = e.parentElement)
      if (getComputedStyle(e).overflowX !== "visible") return true;
    return false;
  };
  const out = [...document.body.querySelectorAll("*")]
    .filter((e) => e.getBoundingClientRect().right > width + 0.5)
    .filter((e) => getComputedStyle(e).position !== "fixed" && !scrolls(e));
  const inner = out.filter((e) => !out.some((other) => other !== e && e.contains(other)));
  return inner.slice(0, 4).map((e) =>
    `<${e.tagName.toLowerCase()} class="${e.getAttribute("class") ?? ""}"> ${e.textContent.trim().slice(0, 40)} `
    + `+${Math.round(e.getBoundingClientRect().right - width)} px`);
}"""
SIZES = {1440: 900, 390: 844}
SCHEMES = ("light", "dark")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.fail("The browser tests need Chromium: install it (Debian: apt install chromium).", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, headless=True, args=list(CHROMIUM_ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def file_database(django_db_setup: None, django_db_blocker, tmp_path_factory) -> Iterator[None]:
    """Server threads and test need connections of their own: a file instead of the in-memory test database."""
    file = tmp_path_factory.mktemp("database") / "browser.sqlite3"
    with django_db_blocker.unblock():
        memory = connection.settings_dict["NAME"]
        connection.ensure_connection()
        # The in-memory database lives as long as one connection to it does.
        keeper = sqlite3.connect(memory, uri=True)
        with sqlite3.connect(file) as copy:
            keeper.backup(copy)
        connection.settings_dict["NAME"] = str(file)
        connection.close()
        yield
        connection.close()
        connection.settings_dict["NAME"] = memory
        connection.ensure_connection()
        keeper.close()


@pytest.fixture(scope="package")
def server(file_database: None) -> Iterator[str]:
    live = LiveServer("127.0.0.1")
    yield live.url
    live.stop()


@pytest.fixture
def world(
    file_database: None,
    transactional_db: None,
    stores: None,  # noqa: F811  it is the fixture imported above
    people,
    settings,
    tmp_path: Path,
) -> World:
    settings.GATE_PROFILE = "demo"
    settings.ARTIFACTS_DIR, settings.DATASETS_DIR = tmp_path / "artifacts", tmp_path / "datasets"
    settings.RUN_DIR, settings.LOG_DIR = tmp_path / "run", tmp_path / "logs"
    return world_make(tmp_path, people.admin)


class Surfer:
    """A signed-in person with a browser window; `problems` collects whatever a page complains about."""

    def __init__(self, context: BrowserContext, server: str) -> None:
        self.server = server
        self.problems: list[str] = []
        self.page: Page = context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.problems.append(f"{self.page.url}: {error}"))
        self.page.on("request", self._request)
        self.page.on("response", self._response)

    def open(self, path: str) -> Page:
        self.page.goto(f"{self.server}{path}", wait_until="load")
        return self.page

    def overflow(self) -> list[str]:
        """What sticks out of the window to the right; [] when the page fits."""
        return self.page.evaluate(TOO_WIDE)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(f"{self.page.url}: {message.text}")

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and address.hostname != "127.0.0.1":
            self.problems.append(f"{self.page.url} asks {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.problems.append(f"{self.page.url}: {response.url} answered {response.status}")


Surf = Callable[..., Surfer]


@pytest.fixture
def surf(chromium: Browser, server: str, world: World) -> Iterator[Surf]:
    """`surf(person, width=1440, scheme="light")` opens a window; at the end no page may have complained."""
    surfers: list[Surfer] = []
    contexts: list[BrowserContext] = []

    def start(person: User | None, width: int = 1440, scheme: str = "light") -> Surfer:
        context = chromium.new_context(
            viewport={"width": width, "height": SIZES[width]}, color_scheme=scheme, reduced_motion="reduce"
        )
        context.set_default_timeout(10_000)
        if person:
            client = Client()
            client.force_login(person)
            cookie = client.cookies[django_settings.SESSION_COOKIE_NAME]
            context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": server}])
        contexts.append(context)
        surfers.append(Surfer(context, server))
        return surfers[-1]

    yield start
    for context in contexts:
        context.close()
    problems = [problem for surfer in surfers for problem in surfer.problems]
    assert not problems, "\n".join(problems)
