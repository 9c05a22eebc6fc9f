"""What people type; each form returns domain types."""

from django import forms

from monitoring.models import Feedback


class QuestionForm(forms.Form):
    """A question for the agent."""

    question = forms.CharField(max_length=8000, strip=True)
    sources = forms.ChoiceField(choices=[("auto", "auto"), ("always", "always"), ("never", "never")], required=False)
    conversation = forms.IntegerField(required=False)

    def clean_sources(self) -> str:
        return self.cleaned_data["sources"] or "auto"


class FeedbackForm(forms.ModelForm):
    """Thumb, comment, corrected answer."""

    class Meta:
        model = Feedback
        fields = ("thumb", "comment", "corrected_answer")
