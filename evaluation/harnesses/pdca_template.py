"""Does every section say something, with TRON in Plan, verification in Check, a learning in Act, sound links?"""

from evaluation.harnesses.base import Gate, Harness

HARNESS = Harness("pdca_template", "PDCA template", Gate.SHIP, threshold=0.95, max_tokens=450)
