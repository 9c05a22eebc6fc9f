"""What people choose when they start a training or a build."""

from typing import Any

from django import forms

from samples.models import Dataset
from training.ml.config import LoraSettings, load_preset, preset_names
from training.ml.quantize import QUANTIZATIONS
from training.ml.watch import RULES
from training.models import Adapter
from web4site.errors import UserError


class TrainingForm(forms.Form):
    """Dataset, preset, optional parent, and overrides as `name = value` lines."""

    dataset = forms.ModelChoiceField(
        Dataset.objects.filter(status=Dataset.Status.FROZEN), empty_label=None, help_text="Only frozen datasets train."
    )
    preset = forms.ChoiceField(
        choices=lambda: [(name, name) for name in preset_names()],
        initial="demo",
        help_text="demo: minutes on a small CPU · embedded: an evening · balanced: the full plan · incremental: a day",
    )
    parent = forms.ModelChoiceField(
        Adapter.objects.all(),
        required=False,
        empty_label="none: start from the base model",
        label="Continue from",
        help_text="An adapter to train further.",
    )
    stop_on = forms.MultipleChoiceField(
        choices=list(RULES.items()),
        required=False,
        initial=LoraSettings().stop_on,
        widget=forms.CheckboxSelectMultiple,
        label="Stop with a checkpoint at",
        help_text="Every warning shows on the page; these also stop the training. It can be resumed without the rule.",
    )
    overrides = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "max_steps = 20", "spellcheck": "false"}),
        help_text="One setting a line, for example max_steps = 20.",
    )

    def clean_overrides(self) -> dict[str, str]:
        pairs: dict[str, str] = {}
        for line in filter(None, map(str.strip, self.cleaned_data["overrides"].splitlines())):
            name, equals, value = line.partition("=")
            if not equals:
                raise forms.ValidationError(f"{line}: write it as name = value.")
            pairs[name.strip()] = value.strip()
        return pairs

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        stop_on = ",".join(values.pop("stop_on", ()))
        if "overrides" in values:
            values["overrides"].setdefault("stop_on", stop_on)
        if "preset" in values and "overrides" in values:
            try:
                load_preset(values["preset"], overrides=values["overrides"])
            except UserError as error:
                self.add_error("overrides", str(error))
        return values


class BuildForm(forms.Form):
    """An adapter (none: the untrained base) and a quantization."""

    adapter = forms.ModelChoiceField(Adapter.objects.all(), required=False, empty_label="none: the untrained base")
    quantization = forms.ChoiceField(choices=[(name, name) for name in QUANTIZATIONS])
