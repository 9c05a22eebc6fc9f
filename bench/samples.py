"""How fast samples are made, judged and stored, and in how much memory."""

import time

from bench.measuring import Measurement, index_ensure, peak_memory_mb

SCALE = 0.02


def run() -> list[Measurement]:
    from samples.services.generation import samples_generate

    index_ensure()
    before = peak_memory_mb()
    began = time.perf_counter()
    made = samples_generate(scale=SCALE)
    seconds = time.perf_counter() - began
    count = sum(made["counts"].values())
    note = f"{count} samples, {made['tokens']['total']:,} tokens, scale {SCALE}"
    return [
        Measurement("samples, judged and stored", count / seconds, "1/s", note),
        Measurement("seconds", seconds, "s", note),
        Measurement("peak memory", peak_memory_mb(), "MB", f"{before:.0f} MB before generating"),
    ]
