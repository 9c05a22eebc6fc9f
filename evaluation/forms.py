"""Forms of evaluation."""

import json
from typing import Any

from django import forms
from django.conf import settings

from evaluation.canaries import CHOICES, LISTS
from evaluation.harnesses.registry import EXTRAS
from evaluation.models import Evaluation
from training.models import Build


class EvaluationForm(forms.Form):
    """Which build to evaluate, and how thoroughly."""

    build = forms.ModelChoiceField(
        Build.objects.faithful(), empty_label=None, widget=forms.Select(attrs={"aria-label": "Build"})
    )
    profile = forms.ChoiceField(
        choices=Evaluation.Profile.choices,
        initial=Evaluation.Profile.QUICK,
        widget=forms.Select(attrs={"aria-label": "Profile"}),
    )
    extra = forms.MultipleChoiceField(
        choices=[(harness.name, harness.title) for harness in EXTRAS.values()],
        required=False,
        initial=lambda: settings.EXTRA_HARNESSES,
        widget=forms.CheckboxSelectMultiple,
    )


class ApprovalForm(forms.Form):
    comment = forms.CharField(max_length=4000)
    justification = forms.CharField(max_length=4000, required=False)


class ReasonForm(forms.Form):
    comment = forms.CharField(max_length=4000)


class RollbackForm(ReasonForm):
    """`live` is the deployment that the page showed as live: a second click must not take back its successor."""

    live = forms.IntegerField()


class CanaryForm(forms.Form):
    """One canary: lists of words stand one to a line, `case` is JSON."""

    base = forms.IntegerField(widget=forms.HiddenInput)
    id = forms.SlugField(max_length=80)
    kind = forms.CharField(max_length=40)
    prompt = forms.CharField(max_length=8000, strip=False)
    frame = forms.ChoiceField(required=False, choices=[(one, one or "none") for one in CHOICES["frame"]])
    max_tokens = forms.IntegerField(min_value=1, max_value=2000)
    max_seconds = forms.FloatField(min_value=1, max_value=600)
    contains = forms.CharField(required=False, max_length=4000)
    any_of = forms.CharField(required=False, max_length=4000)
    not_contains = forms.CharField(required=False, max_length=4000)
    regex = forms.CharField(required=False, max_length=1000, strip=False)
    judge = forms.ChoiceField(required=False, choices=[(one, one or "none") for one in CHOICES["judge"]])
    case = forms.CharField(required=False, max_length=4000)
    refuses = forms.BooleanField(required=False)
    parses = forms.ChoiceField(required=False, choices=[(one, one or "nothing") for one in CHOICES["parses"]])
    reason = forms.CharField(required=False, max_length=4000)

    @staticmethod
    def initial_of(record: dict[str, Any], *, base: int) -> dict[str, Any]:
        values = {"max_tokens": 80, "max_seconds": 60, **record, "base": base}
        words = {name: "\n".join(values.get(name, [])) for name in LISTS}
        return values | words | {"case": json.dumps(record["case"]) if record.get("case") else ""}

    def clean_case(self) -> dict[str, Any]:
        try:
            case = json.loads(self.cleaned_data["case"] or "{}")
        except ValueError as error:
            raise forms.ValidationError(f"This is no JSON: {error}") from None
        if not isinstance(case, dict):
            raise forms.ValidationError('This is no JSON object: {"task": "..."}')
        return case

    def record(self) -> dict[str, Any]:
        """What the valid form says, as a record of canaries.toml."""
        values = {name: value for name, value in self.cleaned_data.items() if name not in ("base", "reason")}
        values["prompt"] = values["prompt"].replace("\r\n", "\n")
        for name in LISTS:
            values[name] = [line.strip() for line in values[name].splitlines() if line.strip()]
        seconds = values["max_seconds"]
        values["max_seconds"] = int(seconds) if seconds == int(seconds) else seconds
        return {name: value for name, value in values.items() if value}
