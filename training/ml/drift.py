"""How far quantization moves a model's predictions: Kullback-Leibler divergence and perplexity over fixed texts."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training.ml.isolated import answer_parent, call_isolated, read_parent

if TYPE_CHECKING:
    import numpy

CONTEXT = 512


@dataclass(frozen=True, slots=True)
class Drift:
    """Means over all predicted tokens of the texts.

    `kl_divergence` is KL(FP16 || quantized) in nats; the perplexities are those of the texts under each file;
    `top_token_equal` is the share of places where both find the same token the most likely one.
    """

    tokens: int
    kl_divergence: float
    perplexity_fp16: float
    perplexity_quantized: float
    top_token_equal: float

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready values."""
        return asdict(self)


def measure_drift(fp16: Path, quantized: Path, texts: Sequence[str]) -> Drift:
    """Compare two GGUF files of one model on `texts`, each cut to 512 tokens.

    Raises UserError when one does not load.
    """
    request = {"fp16": str(fp16), "quantized": str(quantized), "texts": list(texts)}
    return Drift(**call_isolated("training.ml.drift", request, doing=f"comparing {quantized.name} with FP16"))


def _measure(request: dict[str, Any]) -> dict[str, Any]:
    import numpy

    kl: list[float] = []
    equal: list[bool] = []
    surprise: dict[str, list[float]] = {"fp16": [], "quantized": []}
    pairs = zip(*(_predictions(request[name], request["texts"]) for name in surprise), strict=True)
    for (following, exact), (_, rounded) in pairs:
        rows = numpy.arange(len(following))
        kl += (numpy.exp(exact) * (exact - rounded)).sum(axis=1).tolist()
        equal += (exact.argmax(axis=1) == rounded.argmax(axis=1)).tolist()
        surprise["fp16"] += (-exact[rows, following]).tolist()
        surprise["quantized"] += (-rounded[rows, following]).tolist()
    return Drift(
        tokens=len(kl),
        kl_divergence=float(numpy.mean(kl)),
        perplexity_fp16=float(numpy.exp(numpy.mean(surprise["fp16"]))),
        perplexity_quantized=float(numpy.exp(numpy.mean(surprise["quantized"]))),
        top_token_equal=float(numpy.mean(equal)),
    ).as_dict()


def _predictions(gguf: str, texts: Sequence[str]) -> Iterator[tuple["numpy.ndarray", "numpy.ndarray"]]:
    """Per text, the ids that follow each place [n] and the log-probabilities predicted there [n, vocabulary]."""
    import numpy
    from llama_cpp import Llama

    model: Any = Llama(gguf, n_ctx=CONTEXT, n_batch=CONTEXT, n_threads=os.cpu_count(), logits_all=True, verbose=False)
    for text in texts:
        ids = model.tokenize(text.strip().encode(), add_bos=False)[:CONTEXT]
        model.reset()
        model.eval(ids)
        logits = model.scores[: len(ids) - 1].astype(numpy.float64)
        logits -= logits.max(axis=1, keepdims=True)
        yield numpy.array(ids[1:]), logits - numpy.log(numpy.exp(logits).sum(axis=1, keepdims=True))


if __name__ == "__main__":
    answer_parent(_measure(read_parent()))
