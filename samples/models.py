"""Training samples, the people who judged them, and the datasets they are frozen into."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone


class Category(models.TextChoices):
    STYLE_CORE = "style_core"
    DOMAIN_PATTERNS = "domain_patterns"
    PROCESS_FRAMEWORK = "process_framework"
    DOMAIN_REPRESENTATIVES = "domain_representatives"
    STYLE_REFACTOR = "style_refactor"
    GUARDRAILS = "guardrails"
    TOOL_AWARENESS = "tool_awareness"
    REPORTING_PROTOCOL = "reporting_protocol"


class Dataset(models.Model):
    """A set of samples: unfinished while it is made, a draft that is reviewed, then frozen for good under its hash."""

    class Status(models.TextChoices):
        UNFINISHED = "unfinished"
        DRAFT = "draft"
        FROZEN = "frozen"

    name = models.CharField(max_length=200, unique=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    plan = models.JSONField(default=dict, blank=True)
    seed = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    folder = models.CharField(max_length=1000, blank=True, help_text="the frozen JSONL files and their manifest")
    counts = models.JSONField(default=dict, blank=True, help_text="{category: n}, with 'eval'")
    tokens = models.JSONField(default=dict, blank=True, help_text="{total, mean, histogram}")
    near_duplicates = models.PositiveIntegerField(default=0, help_text="removed as too alike")
    contaminated = models.PositiveIntegerField(default=0, help_text="eval samples removed as too near to training")
    lineage = models.JSONField(default=dict, blank=True, help_text="{corpus_sha256, documents, generator, ...}")
    checkpoint = models.JSONField(default=dict, blank=True, help_text="what an interrupted generation goes on from")
    checks = models.JSONField(default=dict, blank=True, help_text="the last validation: {at, passed, checks[]}")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="children")
    run = models.ForeignKey("web4site.Run", null=True, blank=True, on_delete=models.SET_NULL, related_name="datasets")
    created_at = models.DateTimeField(default=timezone.now)
    frozen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("samples:dataset_detail", args=[self.pk])

    @property
    def size(self) -> int:
        """All samples, the hold-out included."""
        return sum(self.counts.values())


class Sample(models.Model):
    """One instruction, optional input, and the output a model shall learn."""

    class Split(models.TextChoices):
        TRAIN = "train"
        EVAL = "eval"

    class Review(models.TextChoices):
        PENDING = "pending"
        APPROVED = "approved"
        REJECTED = "rejected"

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="samples")
    sample_id = models.CharField(max_length=80)
    category = models.CharField(max_length=24, choices=Category, db_index=True)
    task_type = models.CharField(max_length=60, help_text="sub-category")
    split = models.CharField(max_length=5, choices=Split, default=Split.TRAIN)
    instruction = models.TextField()
    input = models.TextField(blank=True)
    output = models.TextField()
    tokens = models.PositiveIntegerField(default=0)
    quality = models.FloatField(default=0, help_text="0-1")
    quality_parts = models.JSONField(default=dict, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    chunks = models.ManyToManyField("rag.Chunk", blank=True, related_name="samples")
    document = models.ForeignKey(
        "rag.Document", null=True, blank=True, on_delete=models.SET_NULL, related_name="samples"
    )
    review = models.CharField(max_length=8, choices=Review, default=Review.PENDING, db_index=True)
    edited = models.BooleanField(default=False)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="claimed_samples"
    )
    claimed_at = models.DateTimeField(null=True, blank=True, help_text="a claim lapses after ten minutes")

    class Meta:
        ordering = ["dataset", "category", "pk"]
        constraints = [models.UniqueConstraint(fields=["dataset", "sample_id"], name="sample_identity")]
        # Each list and count of the pages is answered from one of these, never from the long texts of the rows.
        indexes = [
            models.Index(fields=["dataset", "category", "task_type", "split", "review"], name="sample_groups"),
            # With the document, so that lineage counts without reading the texts that stand before it in a row.
            models.Index(fields=["dataset", "split", "review", "document"], name="sample_splits"),
            models.Index(fields=["dataset", "review"], name="sample_queue"),
            models.Index(fields=["dataset", "tokens"], name="sample_tokens"),
            models.Index(fields=["dataset", "quality"], name="sample_quality"),
        ]

    def __str__(self) -> str:
        return self.sample_id

    def get_absolute_url(self) -> str:
        return reverse("samples:sample_detail", args=[self.pk])


class Finding(models.Model):
    """One sample, or one other thing, that a check of a dataset found: what stands behind the number of the check."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="findings")
    check_name = models.CharField(max_length=40)
    sample = models.ForeignKey(Sample, null=True, blank=True, on_delete=models.CASCADE, related_name="findings")
    detail = models.CharField(max_length=400, blank=True, help_text="what is wrong, or the thing itself")

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["dataset", "check_name"], name="finding_check")]

    def __str__(self) -> str:
        return f"{self.check_name}: {self.detail or self.sample_id}"


class ReviewDecision(models.Model):
    """Who did what to a sample, and when; never changed, an undo is a decision of its own."""

    class Action(models.TextChoices):
        APPROVE = "approve"
        REJECT = "reject"
        EDIT = "edit"
        AGREE = "agree", "second opinion: agrees"
        DISAGREE = "disagree", "second opinion: disagrees"
        UNDO = "undo"

    sample = models.ForeignKey(Sample, on_delete=models.CASCADE, related_name="decisions")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    action = models.CharField(max_length=8, choices=Action)
    reason = models.CharField(max_length=300, blank=True)
    before = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.action} {self.sample_id} by {self.actor_id}"
