"""The run row: what the platform does, did, and failed to do."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from web4site.progress import Progress

HEARTBEAT_SECONDS = 5
STALE_AFTER = timedelta(seconds=30)


class Run(models.Model):
    """One piece of background work; this row, not the queue's result, is the truth about it.

    Life: queued -> running -> succeeded | failed | cancelled. Created before the job is enqueued; claimed by
    compare-and-swap, so a job delivered twice runs once; kept alive by a heartbeat that the sweeper watches.
    """

    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        CANCELLED = "cancelled"

    class Kind(models.TextChoices):
        INDEX = "index"
        GENERATE = "generate"
        TRAIN = "train"
        BUILD = "build"
        EVALUATE = "evaluate"
        DEPLOY = "deploy"
        EVENING = "evening"
        CYCLE = "cycle"
        VALIDATE = "validate"
        OTHER = "other"

    ACTIVE = (Status.QUEUED, Status.RUNNING)

    kind = models.CharField(max_length=16, choices=Kind)
    title = models.CharField(max_length=200)
    status = models.CharField(max_length=12, choices=Status, default=Status.QUEUED, db_index=True)
    queue = models.CharField(max_length=16, default="default")
    job = models.CharField(max_length=120, blank=True, help_text="dotted path; empty when no queue is involved")
    params = models.JSONField(default=dict, blank=True)
    result = models.JSONField(default=dict, blank=True)
    steps = models.JSONField(default=list, blank=True, help_text="[{name, status, seconds, detail}]")
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    message = models.CharField(max_length=300, blank=True)
    error = models.TextField(blank=True)
    cancel_requested = models.BooleanField(default=False)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="children")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["kind", "status"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} run {self.pk}: {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("run_detail", args=[self.pk])

    @property
    def is_active(self) -> bool:
        return self.status in self.ACTIVE

    @property
    def percent(self) -> int | None:
        """Share done, 0-100, or None while the total is unknown."""
        return min(100, round(100 * self.done / self.total)) if self.total else None

    @property
    def seconds(self) -> float | None:
        """Running time so far, or in all."""
        if not self.started_at:
            return None
        return ((self.finished_at or timezone.now()) - self.started_at).total_seconds()

    @property
    def eta_seconds(self) -> float | None:
        """Seconds left by the pace so far; None before there is a pace.

        What a resumed run had done before it began, `done_before` in its parameters, was not done at its pace.
        """
        done = self.done - self.params.get("done_before", 0)
        if self.status != self.Status.RUNNING or not (done > 0 and self.total and self.seconds):
            return None
        return self.seconds / done * max(0, self.total - self.done)

    def claim(self) -> bool:
        """Take a queued run; False when somebody else has it or it was cancelled."""
        now = timezone.now()
        won = Run.objects.filter(pk=self.pk, status=self.Status.QUEUED).update(
            status=self.Status.RUNNING, started_at=now, heartbeat_at=now
        )
        self.refresh_from_db()
        return bool(won)

    def beat(self) -> None:
        """Say that the process behind this run is alive."""
        self._while_running(heartbeat_at=timezone.now())

    def record(self, progress: Progress) -> None:
        self._while_running(
            done=progress.done, total=progress.total, message=progress.message[:300], heartbeat_at=timezone.now()
        )

    def record_steps(self, steps: list[dict[str, Any]]) -> None:
        self._while_running(steps=steps, heartbeat_at=timezone.now())

    def succeed(self, result: dict[str, Any]) -> None:
        self._finish(self.Status.SUCCEEDED, result=result)

    def fail(self, error: str, result: dict[str, Any] | None = None) -> None:
        self._finish(self.Status.FAILED, error=error[:4000], **({"result": result} if result else {}))

    def mark_cancelled(self) -> None:
        self._finish(self.Status.CANCELLED)

    def request_cancel(self) -> None:
        """Cancel a queued run at once; ask a running one to stop at its next safe point."""
        queued = Run.objects.filter(pk=self.pk, status=self.Status.QUEUED)
        if not queued.update(status=self.Status.CANCELLED, cancel_requested=True, finished_at=timezone.now()):
            self._while_running(cancel_requested=True)
        self.refresh_from_db()

    def _while_running(self, **values: Any) -> bool:
        return bool(Run.objects.filter(pk=self.pk, status=self.Status.RUNNING).update(**values))

    def _finish(self, status: "Run.Status", **values: Any) -> None:
        # Only a run that is still running can end: one the sweeper gave up on stays failed.
        self._while_running(status=status, finished_at=timezone.now(), **values)
        self.refresh_from_db()

    @classmethod
    def undelivered(cls) -> "models.QuerySet[Run]":
        """Runs that have waited long enough for one to ask whether the queue still knows them."""
        return cls._default_manager.filter(
            status=cls.Status.QUEUED, created_at__lt=timezone.now() - STALE_AFTER
        ).exclude(job="")

    @classmethod
    def stale(cls) -> "models.QuerySet[Run]":
        """Runs whose process no longer beats: it was killed, or its machine went away."""
        return cls._default_manager.filter(status=cls.Status.RUNNING, heartbeat_at__lt=timezone.now() - STALE_AFTER)
