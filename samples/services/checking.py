"""The checks of a dataset that look at every sample, one pass over all of them."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from samples.dedup import JACCARD, HoldOut, SignatureIndex
from samples.fingerprint import Signature, fingerprint, jaccard, shingles, word_hashes, words
from samples.language import language_fault
from samples.models import Dataset, Sample
from samples.quality import parse_faults, schema_faults, secrets, terms
from web4site.progress import Progress, Report

# Pairs estimated a little below the limit are compared exactly as well.
LOOK_FROM = JACCARD - 0.15


@dataclass
class Walk:
    """What one pass found: (sample pk, detail) by check, and the counts the shares are taken of."""

    bands: dict[tuple[str, str], tuple[int, int]]
    total: int = 0
    terms: int = 0
    grounded: float = 0
    found: dict[str, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))
    hold_out: HoldOut = field(default_factory=HoldOut)
    _pks: dict[str, int] = field(default_factory=dict)
    _met: Counter[str] = field(default_factory=Counter)
    _contents: dict[bytes, str] = field(default_factory=dict)
    _alike: Alike = field(default_factory=lambda: Alike())

    def look(self, sample: Sample) -> None:
        self.total += 1
        self._pks[sample.sample_id] = sample.pk
        record = {name: getattr(sample, name) for name in ("instruction", "input", "output", "metadata")}
        self._note("schema", sample, "; ".join(schema_faults(record)))
        self._note("secrets", sample, ", ".join(secrets(record)))
        self._note("parses", sample, "; ".join(parse_faults(sample.output, sample.metadata.get("parses", ""))))
        self._note("language", sample, language_fault(sample.output))
        self._note("provenance", sample, "" if sample.metadata.get("document") else "names no document")
        self._note("token band", sample, self._band_fault(sample))
        self._look_at_grounding(sample)
        self._look_at_copies(sample)

    def contaminated(self) -> Iterator[tuple[int, str]]:
        for sample_id, count in sorted(self._met.items()):
            yield self._pks[sample_id], f"13 words in a row of its answer stand in {count} training samples"

    def _note(self, check: str, sample: Sample, fault: str) -> None:
        if fault:
            self.found[check].append((sample.pk, fault))

    def _band_fault(self, sample: Sample) -> str:
        low, high = self.bands.get((sample.category, sample.task_type), (0, sample.tokens))
        return "" if low <= sample.tokens <= high else f"{sample.tokens} tokens, outside {low}-{high}"

    def _look_at_grounding(self, sample: Sample) -> None:
        share = sample.quality_parts.get("grounding")
        if share is None:
            return
        count = len(terms(sample.output))
        self.terms += count
        self.grounded += share * count
        self._note("grounding", sample, f"{1 - share:.0%} of {count} terms not in its sources" if share < 1 else "")

    def _look_at_copies(self, sample: Sample) -> None:
        texts = (sample.instruction, sample.input, sample.output)
        content = hashlib.sha256("\0".join(texts).encode()).digest()[:16]
        if twin := self._contents.get(content):
            self._note("exact duplicates", sample, f"the same as {twin}")
        self._contents.setdefault(content, sample.sample_id)
        print_ = fingerprint(*texts)
        self._note("near-duplicates", sample, self._alike.fault(sample, print_.whole, print_.output))
        if sample.split == Sample.Split.EVAL:
            self.hold_out.add(sample.sample_id, print_)
        else:
            self._met.update(self.hold_out.meets(print_))


class Alike:
    """Finds near-duplicates by signature and proves them by their exact Jaccard similarity."""

    def __init__(self) -> None:
        self._whole = SignatureIndex()
        self._outputs: dict[str, SignatureIndex] = defaultdict(SignatureIndex)
        self._pks: dict[str, list[int]] = defaultdict(list)

    def fault(self, sample: Sample, whole: Signature, output: Signature | None) -> str:
        """'' when the sample is like none before it; it is remembered either way."""
        fault = self._compare("whole", self._whole, sample, whole, ("instruction", "input", "output"))
        if output is not None:
            index = self._outputs[sample.category]
            fault = self._compare(sample.category, index, sample, output, ("output",)) or fault
        return fault

    def _compare(
        self, name: str, index: SignatureIndex, sample: Sample, signature: Signature, fields: tuple[str, ...]
    ) -> str:
        pks = self._pks[name]
        fault = ""
        rows = index.alike(signature, LOOK_FROM)
        if rows:
            own = _shingles([getattr(sample, field) for field in fields])
            others = Sample.objects.filter(pk__in=[pks[row] for row in rows]).values_list("sample_id", *fields)
            for sample_id, *texts in others.iterator():
                if (exact := jaccard(own, _shingles(texts))) >= JACCARD:
                    fault = f"{exact:.2f} alike to {sample_id} ({name})"
        index.add(signature)
        pks.append(sample.pk)
        return fault


def _shingles(texts: list[str]) -> Any:
    return shingles(word_hashes([word for text in texts for word in words(text)]))


def walk_dataset(dataset: Dataset, included: Any, report: Report) -> Walk:
    """Look at all samples; the hold-out first, because training is held against it as it comes by."""
    bands = {
        (part["category"], part["sub_category"]): (part["band"][0], part["band"][1])
        for part in dataset.plan.get("parts", ())
    }
    walk = Walk(bands)
    total = included.count()
    for split in (Sample.Split.EVAL, Sample.Split.TRAIN):
        for sample in included.filter(split=split).order_by("sample_id").iterator(chunk_size=500):
            walk.look(sample)
            if walk.total % 200 == 0:
                report(Progress(walk.total, total, "Checking samples"))
    return walk
