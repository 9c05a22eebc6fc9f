"""The main navigation, one entry per page of the loop."""

from dataclasses import dataclass

from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Entry:
    """One link of the navigation: url name, label, icon id, and the url prefix that makes it current."""

    name: str
    label: str
    icon: str
    prefix: str


ENTRIES: tuple[Entry, ...] = (
    Entry("monitoring:overview", "Overview", "loop", "/"),
    Entry("rag:corpus_detail", "Corpus", "book", "/corpus/"),
    Entry("rag:search", "Search", "search", "/search/"),
    Entry("samples:sample_list", "Samples", "cards", "/samples/"),
    Entry("samples:dataset_list", "Datasets", "box", "/datasets/"),
    Entry("training:run_list", "Training", "curve", "/training/"),
    Entry("training:build_list", "Models", "chip", "/models/"),
    Entry("evaluation:evaluation_list", "Evaluation", "gate", "/evaluation/"),
    Entry("evaluation:deployment_list", "Deployments", "rocket", "/deployments/"),
    Entry("monitoring:chat", "Chat", "chat", "/chat/"),
    Entry("monitoring:dashboard", "Monitoring", "pulse", "/monitoring/"),
    Entry("monitoring:evening_list", "Evening", "moon", "/evening/"),
)


def navigation(request: HttpRequest) -> dict[str, object]:
    """Context processor: the entries, and the one that is current (longest matching prefix)."""
    matching = [entry for entry in ENTRIES if request.path.startswith(entry.prefix)]
    current = max(matching, key=lambda entry: len(entry.prefix), default=None)
    return {"navigation": ENTRIES, "navigation_current": current}
