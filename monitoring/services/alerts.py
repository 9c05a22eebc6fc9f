"""Alerts: kept as a row, sent to the webhook and by e-mail where these are set."""

import logging
from collections.abc import Callable

import httpx
from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from monitoring.models import Alert
from rag.corpus.scan import scan_text
from web4site.models import Run

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 5.0
# Slack cuts messages beyond 40,000 characters; people stop reading long before.
WEBHOOK_CHARACTERS = 3000
SENT = "sent"


def alert_raise(*, title: str, body: str, run: Run | None = None) -> Alert:
    """Store an alert and deliver it; a channel that fails is written down in `delivery`, never raised.

    Secrets that an error text may quote are redacted first.
    """
    alert = Alert.objects.create(title=_clean(title)[:200], body=_clean(body), run=run)
    channels: dict[str, tuple[str, Callable[[Alert], None]]] = {
        "webhook": (settings.ALERT_WEBHOOK, _send_webhook),
        "email": (settings.ALERT_EMAIL, _send_email),
    }
    for name, (address, send) in channels.items():
        if address:
            alert.delivery[name] = _delivered(alert, name, send)
    alert.save(update_fields=["delivery"])
    return alert


def slack_message(alert: Alert) -> dict[str, str]:
    """The payload of Slack's incoming webhooks; `&`, `<` and `>` are markup there and therefore escaped."""
    text = f"*{_escaped(alert.title)}*\n{_escaped(alert.body)}"
    if len(text) > WEBHOOK_CHARACTERS:
        text = f"{text[:WEBHOOK_CHARACTERS]} …"
    return {"text": text}


def _delivered(alert: Alert, channel: str, send: Callable[[Alert], None]) -> str:
    try:
        send(alert)
    except httpx.HTTPStatusError as error:
        # Neither the error's own text, which holds the webhook's address and so its token, nor the answer's body.
        outcome = f"the webhook answered {error.response.status_code}"
    except httpx.TimeoutException:
        outcome = f"no answer within {TIMEOUT_SECONDS:.0f} s"
    except Exception as error:
        outcome = f"{type(error).__name__}: {error}".replace(settings.ALERT_WEBHOOK or "\0", "the webhook")[:300]
    else:
        return SENT
    logger.warning("Alert %s was not delivered by %s: %s", alert.pk, channel, outcome)
    return outcome


def _send_webhook(alert: Alert) -> None:
    httpx.post(settings.ALERT_WEBHOOK, json=slack_message(alert), timeout=TIMEOUT_SECONDS).raise_for_status()


def _send_email(alert: Alert) -> None:
    connection = get_connection(timeout=TIMEOUT_SECONDS)
    subject = f"[Web4 Agent] {' '.join(alert.title.split())}"
    addresses = [address.strip() for address in settings.ALERT_EMAIL.split(",") if address.strip()]
    EmailMessage(subject, alert.body, to=addresses, connection=connection).send()


def _clean(text: str) -> str:
    return scan_text(text).redacted


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
