"""LoRA trainings, the adapters they leave, and the GGUF builds made of them."""

from django.db import models
from django.urls import reverse
from django.utils import timezone


class Training(models.Model):
    """What a training run trains, on what, from where."""

    run = models.OneToOneField("web4site.Run", on_delete=models.CASCADE, related_name="training")
    dataset = models.ForeignKey("samples.Dataset", on_delete=models.PROTECT, related_name="trainings")
    preset = models.CharField(max_length=40)
    settings = models.JSONField(default=dict)
    base_model = models.CharField(max_length=200)
    parent = models.ForeignKey("Adapter", null=True, blank=True, on_delete=models.PROTECT, related_name="continued_by")
    folder = models.CharField(max_length=1000)
    warnings = models.JSONField(default=list, blank=True)
    seen = models.JSONField(default=dict, blank=True, help_text="samples trained so far by category")

    class Meta:
        ordering = ["-run__created_at"]

    def __str__(self) -> str:
        return f"Training {self.pk} on {self.dataset_id}"

    def get_absolute_url(self) -> str:
        return reverse("training:run_detail", args=[self.run_id])


class TrainingPoint(models.Model):
    """Metrics of one logged optimizer step, and the hold-out loss where it was measured (step 0: before training)."""

    training = models.ForeignKey(Training, on_delete=models.CASCADE, related_name="points")
    step = models.PositiveIntegerField()
    epoch = models.FloatField(default=0)
    loss = models.FloatField(null=True)
    holdout_loss = models.FloatField(null=True)
    learning_rate = models.FloatField(null=True)
    grad_norm = models.FloatField(null=True)
    tokens_per_second = models.FloatField(null=True)
    memory_bytes = models.PositiveBigIntegerField(null=True)

    class Meta:
        ordering = ["step"]
        constraints = [models.UniqueConstraint(fields=["training", "step"], name="point_per_step")]

    def __str__(self) -> str:
        return f"{self.training_id} step {self.step}"


class Adapter(models.Model):
    """Trained LoRA weights in a folder, with the manifest that explains them."""

    name = models.CharField(max_length=200, unique=True)
    training = models.OneToOneField(Training, null=True, on_delete=models.PROTECT, related_name="adapter")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    base_model = models.CharField(max_length=200)
    folder = models.CharField(max_length=1000)
    sha256 = models.CharField(max_length=64)
    bytes = models.PositiveBigIntegerField()
    manifest = models.JSONField(default=dict)
    loss_first = models.FloatField(null=True)
    loss_last = models.FloatField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("training:adapter_detail", args=[self.pk])


class BuildQuerySet(models.QuerySet["Build"]):
    def faithful(self) -> "BuildQuerySet":
        """Builds that may be evaluated: none of those that failed their parity check."""
        return self.filter(models.Q(parity__passed=True) | models.Q(parity__passed__isnull=True))


class Build(models.Model):
    """One GGUF file, to be evaluated and served once it is faithful; without adapter it is the untrained base."""

    name = models.CharField(max_length=200, unique=True)
    adapter = models.ForeignKey(Adapter, null=True, blank=True, on_delete=models.PROTECT, related_name="builds")
    run = models.ForeignKey("web4site.Run", null=True, blank=True, on_delete=models.SET_NULL, related_name="builds")
    base_model = models.CharField(max_length=200)
    gguf = models.CharField(max_length=1000)
    quantization = models.CharField(max_length=20)
    sha256 = models.CharField(max_length=64)
    bytes = models.PositiveBigIntegerField()
    parity = models.JSONField(default=dict, blank=True)
    manifest = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = BuildQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("training:build_detail", args=[self.pk])

    @property
    def is_faithful(self) -> bool:
        """Whether the file says what the trained model says; a file that was not made here is taken at its word."""
        return self.parity.get("passed") is not False

    @property
    def is_baseline(self) -> bool:
        return self.adapter_id is None
