"""Tier 3: the temporal and relational record of everything indexed; tiers 1 and 2 can be rebuilt from it."""

from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from web4site.models import Run


class Collection(models.TextChoices):
    """The vector collections of tier 1."""

    PDCA_HISTORICAL = "pdca_historical"
    COMPONENTS = "components"
    PROCESS_DOCS = "process_docs"
    TOOL_EXAMPLES = "tool_examples"
    PROCESS_FRAMEWORK = "process_framework"
    DAILY_BUFFER = "daily_buffer"


class Corpus(models.Model):
    """One indexed root folder."""

    name = models.CharField(max_length=200)
    root = models.CharField(max_length=1000, unique=True)
    run = models.ForeignKey(
        Run, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="the run that may write it"
    )
    set_aside = models.JSONField(default=dict, blank=True, help_text="{path: [hash, reader, reason]} of skipped files")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "corpora"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def claim(self, run: Run) -> bool:
        """Let one run at a time write this corpus; False while another one beats."""
        alive = Run.objects.filter(status=Run.Status.RUNNING).exclude(pk__in=Run.stale()).exclude(pk=run.pk)
        free = Corpus.objects.filter(pk=self.pk).exclude(run__in=alive)
        return bool(free.update(run=run))


class Document(models.Model):
    """One indexed file; its identity is the path relative to the corpus root."""

    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="documents")
    path = models.CharField(max_length=1000)
    kind = models.CharField(max_length=20, db_index=True, help_text="rag.corpus.types.DocumentKind")
    collection = models.CharField(max_length=20, choices=Collection, db_index=True)
    title = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True, help_text="redacted: secrets never reach this column")
    sha256 = models.CharField(max_length=64, db_index=True)
    duplicate_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="copies")

    # The fields people filter by; all others stand in `metadata`, each with its origin.
    date = models.DateField(null=True, blank=True, db_index=True)
    timestamp = models.DateTimeField(null=True, blank=True, db_index=True)
    agent_name = models.CharField(max_length=100, blank=True, db_index=True)
    agent_role = models.CharField(max_length=100, blank=True, db_index=True)
    session = models.CharField(max_length=200, blank=True)
    sprint = models.CharField(max_length=100, blank=True)
    task_type = models.CharField(max_length=40, blank=True)
    objective = models.TextField(blank=True)
    cmm_level = models.PositiveSmallIntegerField(default=1)
    quality_score = models.PositiveSmallIntegerField(default=0, db_index=True)
    layer = models.PositiveSmallIntegerField(null=True, blank=True)
    patterns = models.JSONField(default=list, blank=True)
    metadata = models.JSONField(default=dict, blank=True, help_text="{field: {value, origin}}")
    sections = models.JSONField(default=list, blank=True, help_text="[{name, heading, level, start, end}]")
    faults = models.JSONField(default=list, blank=True, help_text="[{severity, message, line}]")
    links = models.JSONField(default=list, blank=True, help_text="as written: [{relation, target, github, label, how}]")

    # Training markers
    trained_in_adapter = models.CharField(max_length=200, blank=True, db_index=True)
    training_batch = models.CharField(max_length=100, blank=True)
    training_date = models.DateTimeField(null=True, blank=True)
    # Governance
    ok_to_train = models.BooleanField(default=True)
    ok_to_retrieve = models.BooleanField(default=True)
    license = models.CharField(max_length=60, blank=True)
    pii_flags = models.JSONField(default=list, blank=True)
    security_level = models.CharField(max_length=20, default="internal")

    indexed_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ["-timestamp", "path"]
        constraints = [models.UniqueConstraint(fields=["corpus", "path"], name="document_identity")]

    def __str__(self) -> str:
        return self.path

    def get_absolute_url(self) -> str:
        return reverse("rag:document_detail", args=[self.pk])

    def field(self, name: str) -> str:
        """Value of a parsed header field, '' when the document has none."""
        entry: dict[str, Any] = self.metadata.get(name) or {}
        return str(entry.get("value", ""))


class Chunk(models.Model):
    """One retrievable piece of a document; `uid` is its key in the vector and word tiers."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="chunks")
    uid = models.CharField(max_length=64, unique=True)
    index = models.PositiveIntegerField()
    chunk_type = models.CharField(max_length=60)
    heading_path = models.JSONField(default=list)
    text = models.TextField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    tokens = models.PositiveIntegerField()
    fields = models.JSONField(default=dict, blank=True, help_text="true of this piece alone: its tool, topic, ...")

    class Meta:
        ordering = ["document", "index"]
        constraints = [models.UniqueConstraint(fields=["document", "index"], name="chunk_order")]

    def __str__(self) -> str:
        return f"{self.document_id}#{self.index} {self.chunk_type}"


class Link(models.Model):
    """A directed edge between documents, as written by their authors; kept here so the graph can be rebuilt."""

    class Relation(models.TextChoices):
        PRECEDES = "PRECEDES"
        PARENT = "PARENT"
        TRACKING = "TRACKING"
        TOUCHES = "TOUCHES"

    source = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="links_out")
    target = models.ForeignKey(Document, null=True, blank=True, on_delete=models.SET_NULL, related_name="links_in")
    relation = models.CharField(max_length=12, choices=Relation)
    written = models.CharField(max_length=1000, help_text="the target as the author wrote it")
    how = models.CharField(max_length=40, help_text="how it was resolved; 'unresolved' when target is empty")

    class Meta:
        indexes = [models.Index(fields=["relation", "how"])]

    def __str__(self) -> str:
        return f"{self.source_id} {self.relation} {self.target_id or self.written}"


class IndexedFile(models.Model):
    """What one index run did with one file."""

    class Status(models.TextChoices):
        INDEXED = "indexed"
        SKIPPED = "skipped"
        FAILED = "failed"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="indexed_files")
    path = models.CharField(max_length=1000)
    status = models.CharField(max_length=8, choices=Status)
    reason = models.CharField(max_length=300, blank=True, help_text="'unchanged' for a file already indexed as it is")

    class Meta:
        indexes = [models.Index(fields=["run", "status"])]

    def __str__(self) -> str:
        return f"{self.path}: {self.status} {self.reason}"


class IndexPart(models.Model):
    """A share of the files of a running index run, for whichever worker claims it.

    Life: waiting -> claimed -> staged -> switched. A claim is a compare-and-swap and is kept alive by a heartbeat; a
    part whose worker fell silent is claimed again.
    """

    class Status(models.TextChoices):
        WAITING = "waiting"
        CLAIMED = "claimed"
        STAGED = "staged"
        SWITCHED = "switched"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="index_parts")
    number = models.PositiveIntegerField()
    paths = models.JSONField()
    version = models.CharField(max_length=64, help_text="of reader and embedder: who has another one cannot help")
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
    worker = models.CharField(max_length=200, blank=True, help_text="host:process:nonce of the claimant")
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    claims = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["run", "number"]
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="part_order")]

    def __str__(self) -> str:
        return f"part {self.number} of run {self.run_id}: {self.status}"


class StagedFile(models.Model):
    """A file that was read and embedded, and waits for the switch that makes it searchable; or one that is gone.

    Once switched, the row lists what the other tiers still have to forget; it goes when they have.
    """

    class Outcome(models.TextChoices):
        INDEXED = "indexed"
        SKIPPED = "skipped"
        FAILED = "failed"
        GONE = "gone"

    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="staged_files")
    path = models.CharField(max_length=1000)
    outcome = models.CharField(max_length=8, choices=Outcome)
    reason = models.CharField(max_length=300, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    version = models.CharField(max_length=64, blank=True)
    content = models.BinaryField(default=bytes, help_text="the prepared file: JSON, zlib")
    vectors = models.BinaryField(default=bytes, help_text="float32 [new chunks, 384]")
    switched = models.BooleanField(default=False)
    stale = models.JSONField(default=dict, blank=True, help_text="{vectors: {collection: uids}, words, nodes}")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["corpus", "path"], name="staged_identity")]

    def __str__(self) -> str:
        return f"{self.path}: {self.outcome}"


class QuarantineEntry(models.Model):
    """A secret or personal datum found before indexing; the document is redacted and waits for a look."""

    class Decision(models.TextChoices):
        OPEN = "open"
        CONFIRMED = "confirmed"
        FALSE_ALARM = "false_alarm"

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="quarantine_entries")
    kind = models.CharField(max_length=40)
    line = models.PositiveIntegerField()
    excerpt = models.CharField(max_length=300, help_text="redacted")
    decision = models.CharField(max_length=12, choices=Decision, default=Decision.OPEN)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    decided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at"]
        verbose_name_plural = "quarantine entries"

    def __str__(self) -> str:
        return f"{self.kind} in {self.document_id} line {self.line}"

    def decide(self, decision: "QuarantineEntry.Decision", *, by: Any) -> None:
        """Record a person's verdict; the last one counts."""
        self.decision, self.decided_by, self.decided_at = decision, by, timezone.now()
        self.save(update_fields=["decision", "decided_by", "decided_at"])
