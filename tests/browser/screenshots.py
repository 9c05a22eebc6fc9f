"""Pictures of every page: `pytest tests/browser/screenshots.py` writes them to WEB4_SCREENSHOTS.

Not part of the suite (its name does not begin with test_). They show the small invented installation of `world.py`.
"""

import os
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from tests.browser.conftest import SCHEMES, SIZES
from web4site.navigation import ENTRIES

pytestmark = pytest.mark.browser


def folder() -> Path:
    path = Path(os.environ.get("WEB4_SCREENSHOTS", settings.PROJECT_DIR / "var" / "screenshots"))
    path.mkdir(parents=True, exist_ok=True)
    return path


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", SIZES)
def test_take_pictures(width, scheme, surf, people, world):
    surfer = surf(people.admin, width, scheme)
    paths = [*(reverse(entry.name) for entry in ENTRIES), *world.detail_pages(), reverse("samples:review"), "/runs/"]
    for path in paths:
        page = surfer.open(path)
        for plot in page.locator("[data-plot]").all():
            plot.scroll_into_view_if_needed()
            plot.locator(".main-svg").first.wait_for()
        page.evaluate("scrollTo(0, 0)")
        name = path.strip("/").replace("/", "-") or "overview"
        page.screenshot(path=folder() / f"{name}-{width}-{scheme}.png", full_page=True)
