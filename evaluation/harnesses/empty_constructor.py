"""Web4 classes set themselves up in init(); judged on the syntax tree."""

from evaluation.harnesses.base import Gate, Harness

HARNESS = Harness("empty_constructor", "Empty constructor", Gate.SHIP, threshold=0.95, max_tokens=300)
