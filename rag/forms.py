"""What people send to the corpus pages."""

from pathlib import Path

from django import forms

from rag.models import Collection
from rag.services.indexing import root_check
from web4site.errors import UserError


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
    agent = forms.CharField(required=False, max_length=100)
    sprint = forms.CharField(required=False, max_length=100)
    since = forms.DateField(required=False)
    until = forms.DateField(required=False)
    today = forms.DateField(required=False)
    k = forms.IntegerField(required=False, min_value=1, max_value=50)

    @property
    def filters(self) -> dict[str, object]:
        return {name: self.cleaned_data[name] for name in ("agent", "sprint", "since", "until")}
