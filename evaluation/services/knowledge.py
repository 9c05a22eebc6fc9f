"""Which documents the live model has learned, after a model that learned some of them was rolled back.

A document counts as trained once the model that learned it is live. When that model is taken back, its documents are
untrained again and wait in the daily buffer for the next evening.
"""

import logging

from django.db import Error

from evaluation.models import Deployment
from rag.models import Document
from rag.services.documents import documents_return_to_buffer
from training.models import Adapter
from training.selectors import adapter_line, adapter_parents
from web4site.errors import UserError

logger = logging.getLogger(__name__)
Status = Deployment.Status


def documents_give_back() -> int:
    """Make untrained again what only rolled-back models learned; returns how many documents.

    Safe to repeat. A store that is away raises UserError and leaves the rest for the next time.
    """
    if names := adapters_withdrawn():
        return documents_return_to_buffer(documents=Document.objects.filter(trained_in_adapter__in=names))
    return 0


def documents_try_to_give_back() -> None:
    """The same beside a roll-back, which must not fail for it: the evening loop tries again."""
    try:
        documents_give_back()
    except (UserError, Error, OSError):
        logger.warning("Documents of the rolled-back model still count as trained", exc_info=True)


def adapters_withdrawn() -> set[str]:
    """Names of adapters that were live only in deployments that were rolled back, their ancestors included."""
    was_live = Deployment.objects.filter(live_at__isnull=False, build__adapter__isnull=False)
    taken_back = was_live.filter(status=Status.ROLLED_BACK).values_list("build__adapter", flat=True)
    good = was_live.filter(status__in=(Status.LIVE, Status.RETIRED)).values_list("build__adapter", flat=True)
    parents = adapter_parents()
    lost = {key for adapter in taken_back for key in adapter_line(adapter, parents)}
    kept = {key for adapter in good for key in adapter_line(adapter, parents)}
    return set(Adapter.objects.filter(pk__in=lost - kept).values_list("name", flat=True))
