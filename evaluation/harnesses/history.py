"""What does the team's own past say? Asked of journal entries, with what the live retrieval finds."""

from evaluation.harnesses.base import Gate, Harness, Outcome, Prompt, Ruling


class History(Harness):
    def prompts(self) -> tuple[Prompt, ...]:
        """None are committed: they are made of the entries that are indexed when the evaluation runs."""
        return ()

    def verdict(self, prompt: Prompt, text: str) -> Ruling:
        if not prompt.case["told"]:
            return Ruling(Outcome.FAILED, f"retrieval did not find {prompt.case['source']}")
        return super().verdict(prompt, text)


HARNESS = History("history", "Historical retrieval", Gate.QUALITY, threshold=0.80, max_tokens=120)
