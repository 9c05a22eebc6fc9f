"""What people say of an answer."""

from typing import Any

from monitoring.models import Feedback, Query


def feedback_give(*, query: Query, user: Any, thumb: int, comment: str = "", corrected_answer: str = "") -> Feedback:
    """Store a person's judgement; a second one replaces the first."""
    feedback, _ = Feedback.objects.update_or_create(
        query=query,
        user=user,
        defaults={"thumb": thumb, "comment": comment, "corrected_answer": corrected_answer},
    )
    return feedback
