"""Trigger, Response, Outcome and Next, with content, in this order, inside Plan."""

from evaluation.harnesses.base import Gate, Harness

HARNESS = Harness("tron_format", "TRON format", Gate.QUALITY, threshold=0.90, max_tokens=220)
