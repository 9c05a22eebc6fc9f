"""The pages of the index in a real browser: they fit, and one gets far without a mouse."""

import pytest
from django.urls import reverse

from rag.models import Document, QuarantineEntry
from rag.selectors import agents
from tests.browser.conftest import SCHEMES, SIZES
from web4site.models import Run

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_every_page_of_the_index_fits(surf, people, world):
    chained = Document.objects.filter(links_out__relation="PRECEDES", links_out__target__isnull=False).first()
    run = Run.objects.filter(kind=Run.Kind.INDEX).latest("pk")
    paths = [
        chained.get_absolute_url(),
        reverse("rag:index_files", args=[run.pk]),
        reverse("rag:fault_list"),
        reverse("rag:agent_list"),
        reverse("rag:agent_detail", args=[agents()[0].name]),
        f"{reverse('rag:path_detail')}?from={chained.path}&to={chained.links_out.get(relation='PRECEDES').target.path}",
        reverse("rag:quarantine"),
        f"{reverse('rag:quarantine_bulk')}?kind=api_key",
        f"{reverse('rag:search')}?q=oven+timer&min_quality=10",
    ]
    used = Document.objects.filter(samples__isnull=False).first()
    page = surf(people.reviewer).open(used.get_absolute_url())
    assert page.get_by_role("heading", name="Samples made from it").is_visible()
    wide = []
    for width in SIZES:
        for scheme in SCHEMES:
            surfer = surf(people.reviewer, width, scheme)
            for path in paths:
                surfer.open(path)
                wide += [f"{path} is too wide: {element}" for element in surfer.overflow()]
    assert not wide, "\n".join(wide)


def test_hits_are_reached_and_opened_with_the_keyboard(surf, people, world):
    page = surf(people.reviewer).open(reverse("rag:search"))
    page.locator("h1").click()
    page.keyboard.press("/")
    page.keyboard.type("oven timer")
    page.keyboard.press("Enter")
    page.locator(".hit mark").first.wait_for()
    titles = page.locator(".hit h3 a").all_inner_texts()
    assert len(titles) > 1
    page.keyboard.press("/")
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "ArrowDown"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.innerText") == titles[1]
    page.keyboard.press("Enter")
    page.wait_for_url("**/corpus/documents/**")
    assert page.locator("h1").inner_text() == titles[1]


def test_findings_are_decided_with_the_keyboard_and_documents_open_beside_them(surf, people, world):
    entry = QuarantineEntry.objects.get()
    page = surf(people.reviewer).open(reverse("rag:quarantine"))
    row = page.locator(f"#finding-{entry.pk}")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("f")
    row.get_by_text("may be trained on").wait_for()
    assert page.evaluate("document.activeElement.id") == f"finding-{entry.pk}", "the next key goes to the same row"
    # The key acts on the new row once htmx has bound it.
    page.wait_for_function("!document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling, .htmx-added')")
    page.keyboard.press("u")
    row.get_by_text("is not trained on").wait_for()
    row.locator("a[data-panel]").click()
    panel = page.locator("#panel[data-open]")
    panel.get_by_role("heading", name="Before and after").wait_for()
    assert panel.locator(".crumb, .muted").first.is_visible()
    page.keyboard.press("Escape")
    panel.wait_for(state="detached")
    entry.refresh_from_db()
    assert (entry.decision, entry.decided_by) == ("open", people.reviewer)
