"""Every page in a real browser: on a desk and on a phone, in light and dark."""

import pytest
from django.urls import reverse

from tests.browser.conftest import SCHEMES, SIZES
from web4site.navigation import ENTRIES

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", SIZES)
def test_every_page_opens_cleanly_and_fits(width, scheme, surf, people, world):
    surfer = surf(people.admin, width, scheme)
    wide = []
    for path in [*(reverse(entry.name) for entry in ENTRIES), *world.detail_pages(), reverse("samples:review")]:
        page = surfer.open(path)
        assert page.locator("h1").first.inner_text().strip(), path
        wide += [f"{path} is too wide: {element}" for element in surfer.overflow()]
    assert not wide, "\n".join(wide)


def test_signing_in_by_hand_and_walking_the_navigation(surf, people):
    surfer = surf(None)
    page = surfer.open("/")
    assert "/sign-in/" in page.url
    page.get_by_label("Name").fill("reviewer")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").wait_for()
    page.get_by_label("Password").fill("reviewer")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{surfer.server}/")
    for entry in ENTRIES:
        page.get_by_role("navigation", name="Main").get_by_role("link", name=entry.label, exact=True).click()
        page.wait_for_url(f"{surfer.server}{reverse(entry.name)}")
        current = page.locator("nav a[aria-current=page]").first
        assert current.inner_text().strip() == entry.label


def test_the_navigation_opens_on_a_phone(surf, people):
    surfer = surf(people.reviewer, 390)
    page = surfer.open("/")
    toggle = page.locator("[data-nav-toggle]")
    assert toggle.get_attribute("aria-expanded") == "false"
    assert not page.get_by_role("link", name="Chat", exact=True).is_visible()
    toggle.click()
    assert toggle.get_attribute("aria-expanded") == "true"
    page.get_by_role("link", name="Chat", exact=True).click()
    page.wait_for_url(f"{surfer.server}/chat/")


def test_the_theme_is_kept(surf, people):
    surfer = surf(people.reviewer)
    page = surfer.open("/")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.locator("[data-theme-toggle]").click()
    surfer.open("/monitoring/")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light


def test_plots_are_drawn_without_a_network(surf, people, world):
    surfer = surf(people.reviewer)
    page = surfer.open(reverse("monitoring:dashboard"))
    page.locator(".plot .main-svg").first.wait_for()


def test_details_open_in_the_side_panel_and_close_with_escape(surf, people, world):
    surfer = surf(people.reviewer)
    page = surfer.open(reverse("monitoring:evening_list"))
    page.locator("#content a[data-panel]").first.click()
    page.locator("#panel[data-open] h1").wait_for()
    page.keyboard.press("Escape")
    page.locator("#panel[data-open]").wait_for(state="detached")
