"""Proof and deployment: evaluations with their cases, and deployments with every decision about them."""

from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from web4site.errors import UserError


class Evaluation(models.Model):
    """Six harnesses and the canaries on one build; `report` is the JSON report with every gate."""

    class Profile(models.TextChoices):
        CANARIES = "canaries"
        DEMO = "demo"
        QUICK = "quick"
        FULL = "full"

    build = models.ForeignKey("training.Build", on_delete=models.CASCADE, related_name="evaluations")
    run = models.OneToOneField("web4site.Run", on_delete=models.CASCADE, related_name="evaluation")
    profile = models.CharField(max_length=8, choices=Profile)
    overall = models.FloatField(null=True, help_text="weighted mean rate, 0-1")
    cleared = models.BooleanField(default=False)
    canaries_passed = models.PositiveSmallIntegerField(default=0)
    canaries_total = models.PositiveSmallIntegerField(default=0)
    canary_set = models.ForeignKey(
        "CanarySet", null=True, blank=True, on_delete=models.PROTECT, related_name="evaluations"
    )
    report = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"Evaluation {self.pk} of {self.build_id} ({self.profile})"

    def get_absolute_url(self) -> str:
        return reverse("evaluation:evaluation_detail", args=[self.pk])


class CanarySet(models.Model):
    """All canaries as they were from one edit to the next; rows are only ever added, its number is its key.

    `records` are as in canaries.toml; `trial` says what the edited canary makes of the live model's last answer.
    """

    records = models.JSONField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT)
    reason = models.TextField()
    canary = models.CharField(max_length=80, blank=True, help_text="the one that was edited; empty for the whole set")
    trial = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"Canaries, version {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("evaluation:canary_set_detail", args=[self.pk])


class Case(models.Model):
    """One prompt, what the model answered, and the judge's verdict with its reason."""

    class Outcome(models.TextChoices):
        PASSED = "passed"
        FAILED = "failed"
        INVALID = "invalid"

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="cases")
    harness = models.CharField(max_length=30, help_text="a harness name, or 'canaries'")
    case_id = models.CharField(max_length=80)
    prompt = models.TextField()
    output = models.TextField(blank=True)
    outcome = models.CharField(max_length=8, choices=Outcome)
    why = models.TextField(blank=True)
    seconds = models.FloatField(default=0)
    tokens = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["harness", "case_id"]
        constraints = [models.UniqueConstraint(fields=["evaluation", "harness", "case_id"], name="case_identity")]

    def __str__(self) -> str:
        return f"{self.harness}/{self.case_id}: {self.outcome}"


class Deployment(models.Model):
    """A build on its way to production, or in it; changes only through the guarded methods below."""

    class Kind(models.TextChoices):
        BASELINE = "baseline", "baseline (not gated)"
        CANDIDATE = "candidate"

    class Status(models.TextChoices):
        CANDIDATE = "candidate"
        CLEARED = "cleared"
        APPROVED = "approved"
        LIVE = "live"
        RETIRED = "retired"
        REJECTED = "rejected"
        ROLLED_BACK = "rolled_back", "rolled back"

    kind = models.CharField(max_length=10, choices=Kind, default=Kind.CANDIDATE)
    status = models.CharField(max_length=12, choices=Status, default=Status.CANDIDATE, db_index=True)
    build = models.ForeignKey("training.Build", on_delete=models.PROTECT, related_name="deployments")
    evaluation = models.ForeignKey(
        Evaluation, null=True, blank=True, on_delete=models.PROTECT, related_name="deployments"
    )
    runtime = models.CharField(max_length=12, default="llama.cpp")
    alias = models.CharField(max_length=100, default=settings.MODEL_ALIAS)
    smoke = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    live_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["alias"], condition=models.Q(status="live"), name="one_live_deployment_per_alias"
            )
        ]

    def __str__(self) -> str:
        return f"Deployment {self.pk} of {self.build}"

    def get_absolute_url(self) -> str:
        return reverse("evaluation:deployment_detail", args=[self.pk])

    @property
    def is_gated(self) -> bool:
        return self.kind != self.Kind.BASELINE

    def move(
        self, to: "Deployment.Status", *, allowed_from: tuple[str, ...], actor: Any = None, comment: str = ""
    ) -> None:
        """The one transition: compare-and-swap on the status, with an event that says who, when and why.

        Raises UserError when the deployment is not, or no longer, in one of `allowed_from`.
        """
        stamps: dict[str, Any] = {}
        if to == self.Status.LIVE:
            stamps |= {"live_at": timezone.now(), "ended_at": None}
        if to in (self.Status.RETIRED, self.Status.REJECTED, self.Status.ROLLED_BACK):
            stamps["ended_at"] = timezone.now()
        with transaction.atomic():
            before = self.status
            won = Deployment.objects.filter(pk=self.pk, status__in=allowed_from).update(status=to, **stamps)
            self.refresh_from_db()
            if not won:
                wanted = " or ".join(allowed_from)
                raise UserError(f"{self} is {self.get_status_display().lower()}, not {wanted}: it cannot become {to}.")
            DeploymentEvent.objects.create(deployment=self, before=before, after=to, actor=actor, comment=comment)


class DeploymentEvent(models.Model):
    """Audit log of deployments; rows are only ever added."""

    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="events")
    before = models.CharField(max_length=12, blank=True)
    after = models.CharField(max_length=12)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT)
    comment = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return f"{self.deployment_id}: {self.before} -> {self.after}"


class Approval(models.Model):
    """One approver's word for a cleared deployment; with four eyes it takes two people's."""

    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="approvals")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    comment = models.TextField()
    justification = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["deployment", "actor"], name="one_approval_per_person")]

    def __str__(self) -> str:
        return f"{self.actor} on {self.deployment_id}"
