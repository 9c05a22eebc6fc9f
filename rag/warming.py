"""The web server's hook that prepares search in the background: `gunicorn --config rag/warming.py`.

The first search of a process loads the embedder, opens the stores and reads the words of the index, which takes
seconds; a person should not wait for that. Nothing is imported before the hook runs.
"""

import logging
import threading
from typing import Any

logger = logging.getLogger(__name__)
# Words with content, one of them unknown to any index: that way the lists for corrections are read as well.
QUESTION = "which journal entry mentions zzyzxq"


def post_worker_init(worker: Any) -> None:
    """Called by gunicorn in each of its processes, once Django is loaded."""
    threading.Thread(target=warm_up, name="warm-up", daemon=True).start()


def warm_up() -> None:
    """Ask the index one question. What is not there yet (a store, the embedder) is no failure."""
    from django.conf import settings
    from django.db import connections

    from rag.retrieval import retrieve

    if settings.EMBEDDER != "hash" and not (settings.EMBEDDER_DIR / "int8.onnx").exists():
        return
    try:
        retrieve(QUESTION, k=1)
    except Exception as error:  # whatever is wrong, the first search will say it to somebody who can act
        logger.info("search is not warm: %s", error)
    finally:
        connections.close_all()
