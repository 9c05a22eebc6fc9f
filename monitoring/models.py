"""What production did: conversations, every query, feedback, alerts."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone


class Conversation(models.Model):
    """A chat of one person with the agent."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="conversations")
    title = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.title or f"Conversation {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("monitoring:chat_detail", args=[self.pk])


class Query(models.Model):
    """One question to the agent and all that is known about answering it."""

    class Type(models.TextChoices):
        TRAINED = "trained", "trained knowledge"
        HISTORY = "history"
        TOOLS = "tools"
        PROCESS = "process"

    class Status(models.TextChoices):
        ASKED = "asked"
        ANSWERING = "answering"
        ANSWERED = "answered"
        FAILED = "failed"
        STOPPED = "stopped"

    conversation = models.ForeignKey(
        Conversation, null=True, blank=True, on_delete=models.SET_NULL, related_name="queries"
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    channel = models.CharField(max_length=12, default="chat", help_text="chat, command, api, ...")
    question = models.TextField()
    answer = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.ASKED)
    query_type = models.CharField(max_length=10, choices=Type, default=Type.TRAINED, db_index=True)
    citations = models.JSONField(default=list, blank=True, help_text="[{document, path, title, chunk, score, why}]")
    latency_ms = models.JSONField(default=dict, blank=True, help_text="{route, retrieve, first_token, generate, total}")
    total_ms = models.FloatField(null=True)
    used_history = models.BooleanField(default=False)
    used_tools = models.BooleanField(default=False)
    used_process = models.BooleanField(default=False)
    prompt_tokens = models.PositiveIntegerField(default=0)
    answer_tokens = models.PositiveIntegerField(default=0)
    deployment = models.ForeignKey(
        "evaluation.Deployment", null=True, blank=True, on_delete=models.SET_NULL, related_name="queries"
    )
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name_plural = "queries"

    def __str__(self) -> str:
        return self.question[:60]

    @property
    def seconds(self) -> float | None:
        return None if self.total_ms is None else self.total_ms / 1000

    def claim(self) -> bool:
        """Take the question to answer it; False when another connection already does."""
        won = Query.objects.filter(pk=self.pk, status=self.Status.ASKED).update(status=self.Status.ANSWERING)
        self.refresh_from_db()
        return bool(won)


class Feedback(models.Model):
    """A person's judgement of an answer."""

    class Thumb(models.IntegerChoices):
        UP = 1, "up"
        DOWN = -1, "down"

    query = models.ForeignKey(Query, on_delete=models.CASCADE, related_name="feedback")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    thumb = models.SmallIntegerField(choices=Thumb)
    comment = models.TextField(blank=True)
    corrected_answer = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "feedback"
        constraints = [models.UniqueConstraint(fields=["query", "user"], name="one_feedback_per_person")]

    def __str__(self) -> str:
        return f"{self.get_thumb_display()} on {self.query_id}"


class Alert(models.Model):
    """Something a human should know; delivered to webhook and e-mail where set, always kept here."""

    title = models.CharField(max_length=200)
    body = models.TextField()
    run = models.ForeignKey("web4site.Run", null=True, blank=True, on_delete=models.SET_NULL)
    acknowledged_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    delivery = models.JSONField(default=dict, blank=True, help_text="{channel: 'sent' or the error}")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.title
