"""Forms of evaluation."""

from django import forms

from evaluation.models import Evaluation
from training.models import Build


class EvaluationForm(forms.Form):
    """Which build to evaluate, and how thoroughly."""

    build = forms.ModelChoiceField(Build.objects.faithful(), empty_label=None)
    profile = forms.ChoiceField(choices=Evaluation.Profile.choices, initial=Evaluation.Profile.QUICK)


class ApprovalForm(forms.Form):
    comment = forms.CharField(max_length=4000)
    justification = forms.CharField(max_length=4000, required=False)


class ReasonForm(forms.Form):
    comment = forms.CharField(max_length=4000)
