"""Which CMM level has a way of working reached?"""

from evaluation.harnesses.base import Gate, Harness

HARNESS = Harness("cmm_level", "CMM levels", Gate.QUALITY, threshold=0.80, max_tokens=80)
