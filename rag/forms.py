"""What people send to the corpus pages."""

from pathlib import Path
from typing import Any

from django import forms

from rag.corpus.types import DocumentKind
from rag.models import Collection, Corpus, Document, QuarantineEntry
from rag.selectors import document_by_path
from rag.services.indexing import root_check
from web4site.errors import UserError

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class IndexForm(forms.Form):
    """A folder on the server to index."""

    root = forms.CharField(label="Folder", max_length=1000, help_text="A folder on this machine.")
    full = forms.BooleanField(label="Read every file again", required=False)

    def clean_root(self) -> Path:
        try:
            return root_check(self.cleaned_data["root"])
        except UserError as error:
            raise forms.ValidationError(str(error)) from None


class SearchForm(forms.Form):
    """A question with filters; everything is optional and lives in the URL."""

    q = forms.CharField(required=False, max_length=2000, strip=True)
    collection = forms.ChoiceField(required=False, choices=[("", "All collections"), *Collection.choices])
    kind = forms.ChoiceField(
        required=False, choices=[("", "All kinds"), *((kind.value, kind.value) for kind in DocumentKind)]
    )
    corpus = forms.ModelChoiceField(Corpus.objects.all(), required=False, empty_label="All folders")
    agent = forms.CharField(required=False, max_length=100)
    role = forms.CharField(required=False, max_length=100)
    sprint = forms.CharField(required=False, max_length=100)
    since = forms.DateField(required=False, label="From", widget=DAY)
    until = forms.DateField(required=False, label="To", widget=DAY)
    min_quality = forms.IntegerField(required=False, min_value=0, max_value=100, label="Quality from")
    today = forms.DateField(required=False, label="Today is", widget=DAY)
    k = forms.IntegerField(required=False, min_value=1, max_value=50, label="Hits")

    @property
    def filters(self) -> dict[str, object]:
        names = ("kind", "agent", "role", "sprint", "since", "until", "min_quality")
        corpus = self.cleaned_data["corpus"]
        return {name: self.cleaned_data[name] for name in names} | {"corpus": corpus.pk if corpus else None}

    @property
    def is_filtered(self) -> bool:
        """Whether anything but the question restricts the hits."""
        return bool(self.cleaned_data["collection"]) or any(value not in (None, "") for value in self.filters.values())


class DocumentField(forms.CharField):
    """A document by its path or a unique part of it; its clean value is the document."""

    def clean(self, value: Any) -> Document:
        try:
            return document_by_path(super().clean(value))
        except UserError as error:
            raise forms.ValidationError(str(error)) from None


class PathForm(forms.Form):
    """Two documents."""

    to = DocumentField(label="To", max_length=1000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # `from` is a word of the language, and the right one for the URL.
        self.fields = {"from": DocumentField(label="From", max_length=1000), **self.fields}


class PeriodForm(forms.Form):
    """From one day to another; both may be open."""

    since = forms.DateField(required=False, label="From", widget=DAY)
    until = forms.DateField(required=False, label="To", widget=DAY)


class BulkForm(forms.Form):
    """Open findings to decide together: of a kind, with words in path or line."""

    kind = forms.CharField(required=False, max_length=40)
    search = forms.CharField(required=False, max_length=1000)


class VerdictForm(BulkForm):
    """A verdict on them; `seen` is how many there were when the person looked."""

    decision = forms.ChoiceField(choices=QuarantineEntry.Decision.choices)
    seen = forms.IntegerField()
