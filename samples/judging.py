"""The verdict of the judges on a draft, in the words of a refusal."""

from __future__ import annotations

from samples.generators.base import SampleDraft
from samples.judges import judge


def judge_faults(draft: SampleDraft) -> tuple[str, ...]:
    """() when the draft needs no judge or the judge agrees with what the draft expects."""
    if not draft.judge:
        return ()
    verdict = judge(draft.judge, draft.output, quick=True, **dict(draft.case))
    if verdict.passed == draft.expected:
        return ()
    return (f"judge {draft.judge}: {verdict.why}",)
