"""Are all five sections and both breadcrumb lines there?"""

from evaluation.harnesses.base import Gate, Harness

HARNESS = Harness("pdca_schema", "PDCA schema", Gate.SHIP, threshold=0.95, max_tokens=450)
