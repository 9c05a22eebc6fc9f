"""What can be taken from an evaluation: its plot, a printable report, a PDCA draft of what failed."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render

from evaluation import selectors
from evaluation.figures import gates_figure
from evaluation.models import Case, Evaluation
from evaluation.services.incidents import incident_name, incident_text


def evaluation_plot(request: HttpRequest, pk: int) -> JsonResponse:
    evaluation = get_object_or_404(Evaluation, pk=pk)
    return JsonResponse(gates_figure(selectors.gate_rows(evaluation)))


def evaluation_print(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything on one page: gates, substance, canaries, and each case that did not pass with its answer."""
    evaluation = get_object_or_404(Evaluation.objects.select_related("build", "run"), pk=pk)
    context = {
        "evaluation": evaluation,
        "gates": selectors.gate_rows(evaluation),
        "canaries": selectors.canary_rows(evaluation),
        "missed": evaluation.cases.exclude(outcome=Case.Outcome.PASSED).order_by("harness", "case_id"),
    }
    return render(request, "evaluation/evaluation_print.html", context)


def evaluation_incident(request: HttpRequest, pk: int) -> HttpResponse:
    evaluation = get_object_or_404(Evaluation.objects.select_related("build", "run"), pk=pk)
    text = incident_text(evaluation) if evaluation.report else ""
    if not text:
        raise Http404("This evaluation missed no gate: there is nothing to draft.")
    response = HttpResponse(text, content_type="text/markdown; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{incident_name(evaluation)}"'
    return response
