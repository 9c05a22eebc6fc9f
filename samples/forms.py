"""What pages of samples take in."""

from typing import Any

from django import forms

from samples.models import Category, ReviewDecision, Sample
from samples.plan import MAX_SEED
from samples.selectors import SAMPLING_PLANS, SORTS
from samples.services.reviews import REASONS


class FilterForm(forms.Form):
    """The filters of lists and queues; anything invalid in the address is simply left out."""

    category = forms.ChoiceField(choices=Category.choices, required=False)
    task = forms.CharField(max_length=60, required=False)
    split = forms.ChoiceField(choices=Sample.Split.choices, required=False)
    review = forms.ChoiceField(choices=Sample.Review.choices, required=False)
    sampling = forms.ChoiceField(choices=[(str(n), f"{n} %") for n in SAMPLING_PLANS], required=False)
    sort = forms.ChoiceField(choices=[(name, name) for name in SORTS], required=False)
    q = forms.CharField(max_length=100, required=False)

    def filters(self) -> dict[str, str]:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class GenerateForm(forms.Form):
    scale = forms.FloatField(min_value=0.001, max_value=100, initial=1.0)
    seed = forms.IntegerField(min_value=0, max_value=MAX_SEED, initial=0)

    def params(self) -> dict[str, Any]:
        return {"scale": self.cleaned_data["scale"], "seed": self.cleaned_data["seed"], "plan": ""}


class RejectForm(forms.Form):
    reason = forms.CharField(max_length=300)

    def clean_reason(self) -> str:
        """The number of a listed reason stands for it."""
        reason: str = self.cleaned_data["reason"].strip()
        if reason.isdigit() and 1 <= int(reason) <= len(REASONS):
            return REASONS[int(reason) - 1]
        return reason


class AlikeForm(forms.Form):
    """What other samples must share with the rejected one, and, to reject them, why and how many were shown."""

    task = forms.BooleanField(required=False)
    document = forms.BooleanField(required=False)
    phrase = forms.CharField(max_length=300, required=False, strip=False)
    reason = forms.CharField(max_length=300, required=False)
    expected = forms.IntegerField(min_value=1, required=False)


class EditForm(forms.ModelForm[Sample]):
    class Meta:
        model = Sample
        fields = ("instruction", "input", "output")
        widgets = {
            "instruction": forms.Textarea(attrs={"rows": 3}),
            "input": forms.Textarea(attrs={"rows": 6}),
            "output": forms.Textarea(attrs={"rows": 18}),
        }


class BulkForm(forms.Form):
    action = forms.ChoiceField(choices=[(a, a) for a in (ReviewDecision.Action.APPROVE, ReviewDecision.Action.REJECT)])
    reason = forms.CharField(max_length=300, required=False)
    expected = forms.IntegerField(min_value=1)
