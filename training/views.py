"""Pages of training: runs with live curves, adapters, builds."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from zipfile import ZipFile

import psutil
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from training import selectors
from training.forms import BuildForm, TrainingForm
from training.ml.config import preset_names
from training.ml.quantize import QUANTIZATIONS
from training.ml.watch import RULES
from training.models import Adapter, Build, Training
from training.services import deletion
from training.services.builds import build_start as build_enqueue
from training.services.trainings import training_resume, training_start
from web4site.errors import UserError
from web4site.exports import export
from web4site.models import Run
from web4site.roles import APPROVER, REVIEWER, role_required

STOP_POLLING = 286
PAGE_SIZE = 50
RUN_COLUMNS = (
    "run_id", "run__status", "run__created_at", "preset", "dataset__name", "base_model", "adapter__name",
    "adapter__loss_first", "adapter__loss_last", "folder",
)  # fmt: skip
BUILD_COLUMNS = ("id", "name", "adapter__name", "base_model", "quantization", "bytes", "sha256", "gguf", "created_at")
ADAPTER_COLUMNS = (
    "id", "name", "parent__name", "base_model", "loss_first", "loss_last", "bytes", "sha256", "created_at",
)  # fmt: skip


def run_list(request: HttpRequest) -> HttpResponseBase:
    found = selectors.training_list(status=request.GET.get("status", ""), preset=request.GET.get("preset", ""))
    if file_format := request.GET.get("export"):
        return export(found.values(*RUN_COLUMNS).iterator(), RUN_COLUMNS, file_format, "trainings")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "statuses": Run.Status.values, "presets": preset_names()}
    return render(request, "training/run_list.html", context)


@role_required(REVIEWER)
def run_start(request: HttpRequest) -> HttpResponse:
    form = TrainingForm(request.POST or None, initial={"dataset": request.GET.get("dataset")})
    if request.method == "POST" and form.is_valid():
        try:
            run = training_start(**form.cleaned_data, actor=request.user)
        except UserError as error:
            form.add_error(None, str(error))
        else:
            return redirect("training:run_detail", run.pk)
    context = {"form": form, "memory": selectors.preset_memory(), "installed": psutil.virtual_memory().total}
    return render(request, "training/run_start.html", context)


def run_detail(request: HttpRequest, pk: int) -> HttpResponse:
    training = _training(pk)
    context = {
        "training": training,
        "run": training.run,
        "stop_rules": [RULES[rule] for rule in training.settings.get("stop_on", ()) if rule in RULES],
        **selectors.training_numbers(training),
    }
    return render(request, "training/run_detail.html", context)


def run_compare(request: HttpRequest) -> HttpResponse:
    trainings = selectors.compared_trainings(request.GET.getlist("runs"))
    context = {"trainings": trainings, "rows": selectors.comparison_rows(trainings) if trainings else []}
    return render(request, "training/run_compare.html", context)


def run_compare_plot(request: HttpRequest) -> JsonResponse:
    return JsonResponse(selectors.comparison_figure(selectors.compared_trainings(request.GET.getlist("runs"))))


def run_batch(request: HttpRequest, pk: int) -> HttpResponse:
    """Fragment: the first batch token by token, loaded when it is opened."""
    return render(request, "training/_run_batch.html", {"batch": selectors.first_batch(_training(pk))})


def run_numbers(request: HttpRequest, pk: int) -> HttpResponse:
    """Fragment polled while the training is active; 286 tells htmx to stop."""
    training = _training(pk)
    context = {"training": training, "run": training.run, "oob": True, **selectors.training_numbers(training)}
    status = 200 if training.run.is_active else STOP_POLLING
    return render(request, "training/_run_numbers.html", context, status=status)


def run_plot(request: HttpRequest, pk: int, curve: str) -> JsonResponse:
    """One curve as a Plotly figure; 286 once it no longer grows."""
    training = _training(pk)
    if curve not in selectors.AXES:
        raise Http404(f"There is no curve {curve}.")
    status = 200 if training.run.is_active else STOP_POLLING
    return JsonResponse(selectors.training_figure(training, curve), status=status)


@require_POST
@role_required(REVIEWER)
def run_resume(request: HttpRequest, pk: int) -> HttpResponse:
    training, without = _training(pk), request.POST.get("without", "")
    kept = [rule for rule in training.settings.get("stop_on", ()) if rule != without]
    overrides = {"stop_on": ",".join(kept)} if without else None
    resume = partial(training_resume, run=training.run, overrides=overrides, enqueue=True, actor=request.user)
    run = _attempt(request, resume)
    return redirect("training:run_detail", run.pk) if run else redirect(training)


def adapter_list(request: HttpRequest) -> HttpResponseBase:
    found = selectors.adapter_list()
    if file_format := request.GET.get("export"):
        return export(found.values(*ADAPTER_COLUMNS).iterator(), ADAPTER_COLUMNS, file_format, "adapters")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "training/adapter_list.html", {"page": page})


def adapter_detail(request: HttpRequest, pk: int) -> HttpResponse:
    adapter = get_object_or_404(Adapter.objects.select_related("training__dataset", "training__run", "parent"), pk=pk)
    context = {
        "adapter": adapter,
        "lineage": selectors.adapter_lineage(adapter),
        "builds": adapter.builds.prefetch_related("deployments"),
        "children": adapter.children.select_related("training__dataset"),
        "quantizations": QUANTIZATIONS,
    }
    return render(request, "training/adapter_detail.html", context)


@role_required(REVIEWER)
def adapter_download(request: HttpRequest, pk: int) -> FileResponse:
    """The adapter's folder as a zip; weights do not compress, so nothing is tried."""
    adapter = get_object_or_404(Adapter, pk=pk)
    folder = Path(adapter.folder)
    if not folder.is_dir():
        raise Http404(f"The files of {adapter.name} are gone.")
    archive = TemporaryFile()  # noqa: SIM115 - the response closes it when it is sent
    with ZipFile(archive, "w") as zipped:
        for file in sorted(folder.iterdir()):
            zipped.write(file, f"{adapter.name}/{file.name}")
    archive.seek(0)
    return FileResponse(archive, as_attachment=True, filename=f"{adapter.name}.zip")


@require_POST
@role_required(APPROVER)
def adapter_delete(request: HttpRequest, pk: int) -> HttpResponse:
    adapter = get_object_or_404(Adapter, pk=pk)
    return _delete(request, adapter, partial(deletion.adapter_delete, adapter=adapter), "training:adapter_list")


def build_list(request: HttpRequest) -> HttpResponseBase:
    found = selectors.build_list(quantization=request.GET.get("quantization", ""))
    if file_format := request.GET.get("export"):
        return export(found.values(*BUILD_COLUMNS).iterator(), BUILD_COLUMNS, file_format, "builds")
    context = {
        "page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "quantizations": QUANTIZATIONS,
        "active": Run.objects.filter(kind=Run.Kind.BUILD, status__in=Run.ACTIVE),
        "adapters": Adapter.objects.all()[:PAGE_SIZE],
    }
    return render(request, "training/build_list.html", context)


def build_detail(request: HttpRequest, pk: int) -> HttpResponse:
    build = get_object_or_404(Build.objects.select_related("adapter", "run"), pk=pk)
    return render(request, "training/build_detail.html", {"build": build})


@role_required(REVIEWER)
def build_download(request: HttpRequest, pk: int) -> FileResponse:
    build = get_object_or_404(Build, pk=pk)
    gguf = Path(build.gguf)
    if not gguf.is_file():
        raise Http404(f"The file of {build.name} is gone.")
    return FileResponse(gguf.open("rb"), as_attachment=True, filename=gguf.name)


@require_POST
@role_required(APPROVER)
def build_delete(request: HttpRequest, pk: int) -> HttpResponse:
    build = get_object_or_404(Build, pk=pk)
    return _delete(request, build, partial(deletion.build_delete, build=build), "training:build_list")


@require_POST
@role_required(REVIEWER)
def build_start(request: HttpRequest) -> HttpResponse:
    form = BuildForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect("training:build_list")
    run = _attempt(request, partial(build_enqueue, **form.cleaned_data, actor=request.user))
    return redirect(run) if run else redirect("training:build_list")


def _attempt(request: HttpRequest, action: Callable[[], Run]) -> Run | None:
    """The run that was started; None, and a message, when it cannot be."""
    try:
        return action()
    except UserError as error:
        messages.error(request, str(error))
        return None


def _delete(request: HttpRequest, row: Adapter | Build, delete: Callable[[], None], home: str) -> HttpResponse:
    """Delete and go to the list; or stay, and say what needs it."""
    name, page = row.name, row.get_absolute_url()
    try:
        delete()
    except UserError as error:
        messages.error(request, str(error))
        return redirect(page)
    messages.success(request, f"{name} is deleted.")
    return redirect(home)


def _training(run_pk: int) -> Training:
    """The training of a run; a queued retry gets its row when its worker starts, until then there is none."""
    found = Training.objects.select_related("run", "dataset", "parent", "adapter")
    # Not `run_id=run_pk`: a number that no key can be raises an error of the database there.
    return get_object_or_404(found, run__in=Run.objects.filter(pk=run_pk))
