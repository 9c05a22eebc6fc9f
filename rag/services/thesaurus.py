"""The thesaurus of the index, brought in line with the chunks' words."""

from collections import Counter

import numpy as np

from rag.corpus.types import DocumentKind
from rag.embedding import get_embedder
from rag.models import Chunk
from rag.services.staging import embedder_version
from rag.stores.thesaurus import Thesaurus, get_thesaurus, thesaurus_file, words_of

# A word of one chunk alone is a name or a slip, and a vocabulary has no end: the most frequent ones are enough.
FEWEST_CHUNKS = 2
MAX_WORDS = 20_000


def thesaurus_update() -> int:
    """Embed the words that are new, forget those that are gone; returns how many words there are."""
    words = _words()
    old, version = get_thesaurus(), embedder_version()
    if old.embedder != version:
        old = Thesaurus()
    if words == list(old.places) and thesaurus_file().exists():
        return len(words)
    new = [word for word in words if word not in old.places]
    places = {word: place for place, word in enumerate((*old.places, *new))}
    vectors = np.concatenate([old.vectors, get_embedder().embed_documents(new)]) if new else old.vectors
    Thesaurus(words, vectors[[places[word] for word in words]], version).save(thesaurus_file())
    return len(words)


def _words() -> list[str]:
    """The words of the index in alphabetical order."""
    counts: Counter[str] = Counter()
    # Examples of tool calls are not searched unless a question is about tools, and repeat themselves.
    chunks = Chunk.objects.exclude(document__kind=DocumentKind.TOOL_EXAMPLES).order_by()
    for text, headings in chunks.values_list("text", "heading_path").iterator():
        counts.update(words_of(" ".join((text, *headings))))
    frequent = [(-count, word) for word, count in counts.items() if count >= FEWEST_CHUNKS]
    return sorted(word for _, word in sorted(frequent)[:MAX_WORDS])
