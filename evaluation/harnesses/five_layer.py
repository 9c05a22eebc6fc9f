"""Which of the five layers does a piece of code belong to?"""

from evaluation.harnesses.base import Gate, Harness

HARNESS = Harness("five_layer", "Five layers", Gate.QUALITY, threshold=0.85, max_tokens=80)
