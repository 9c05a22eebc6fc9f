"""What does the team's own past say? Asked of journal entries, with what the live retrieval finds."""

from evaluation.harnesses.base import Gate, Harness, Prompt


class History(Harness):
    def prompts(self) -> tuple[Prompt, ...]:
        """None are committed: they are made of the entries that are indexed when the evaluation runs."""
        return ()


HARNESS = History("history", "Historical retrieval", Gate.QUALITY, threshold=0.80, max_tokens=120)
