"""Alerts reach people, and a channel that fails is written down."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from monitoring.models import Alert
from monitoring.services import alerts
from monitoring.services.alerts import alert_raise

pytestmark = pytest.mark.django_db


class Webhook:
    """A webhook on loopback that remembers what it was sent."""

    def __init__(self) -> None:
        self.bodies: list[dict] = []
        self.status = 200
        self.hold = threading.Event()
        self.hold.set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.hold.wait(5)
                outer.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(outer.status)
                self.end_headers()

            def log_message(self, *args) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/services/SECRETPART"


@pytest.fixture
def webhook(settings):
    hook = Webhook()
    settings.ALERT_WEBHOOK, settings.ALERT_EMAIL = hook.url, ""
    yield hook
    hook.hold.set()
    hook.server.shutdown()
    hook.server.server_close()


def test_an_alert_is_kept_without_any_channel(settings):
    settings.ALERT_WEBHOOK = settings.ALERT_EMAIL = ""
    alert = alert_raise(title="Evening loop failed", body="why")
    assert Alert.objects.get() == alert and alert.delivery == {}


def test_the_webhook_gets_slacks_format(webhook):
    alert = alert_raise(title="Evening <loop> failed", body="a & b")
    assert webhook.bodies == [{"text": "*Evening &lt;loop&gt; failed*\na &amp; b"}]
    assert alert.delivery == {"webhook": "sent"}


def test_a_webhook_that_refuses_is_written_down_without_its_address(webhook):
    webhook.status = 500
    alert = alert_raise(title="x", body="y")
    assert Alert.objects.get().delivery == alert.delivery == {"webhook": "the webhook answered 500"}


def test_a_webhook_that_is_not_there_is_written_down_without_its_address(settings):
    settings.ALERT_EMAIL = ""
    settings.ALERT_WEBHOOK = "http://127.0.0.1:1/services/SECRETPART"
    delivery = alert_raise(title="x", body="y").delivery["webhook"]
    assert "ConnectError" in delivery and "SECRETPART" not in delivery
    settings.ALERT_WEBHOOK = "no address SECRETPART"
    assert "SECRETPART" not in alert_raise(title="x", body="y").delivery["webhook"]


def test_a_webhook_that_hangs_is_given_up(webhook, monkeypatch):
    monkeypatch.setattr(alerts, "TIMEOUT_SECONDS", 0.2)
    webhook.hold.clear()
    assert "no answer within" in alert_raise(title="x", body="y").delivery["webhook"]


def test_mail_goes_to_everybody_named(settings, mailoutbox):
    settings.ALERT_WEBHOOK, settings.ALERT_EMAIL = "", "a@example.org, b@example.org"
    alert = alert_raise(title="Evening loop\nfailed", body="why")
    assert mailoutbox[0].to == ["a@example.org", "b@example.org"]
    assert mailoutbox[0].subject == "[Web4 Agent] Evening loop failed" and alert.delivery == {"email": "sent"}


def test_one_failing_channel_does_not_stop_the_other(webhook, settings, mailoutbox):
    webhook.status = 404
    settings.ALERT_EMAIL = "a@example.org"
    assert alert_raise(title="x", body="y").delivery == {"webhook": "the webhook answered 404", "email": "sent"}


def test_secrets_in_an_error_reach_neither_row_nor_channel(webhook):
    key = "AKIA" + "Q7RZJ2MNX4TLP6VW"
    alert = alert_raise(title=f"failed with {key}", body=f"login with aws key {key}")
    assert key not in alert.title + alert.body + webhook.bodies[0]["text"]


def test_long_texts_are_cut_for_the_webhook_only(webhook):
    alert = alert_raise(title="x" * 500, body="line\n" * 5000)
    assert len(webhook.bodies[0]["text"]) < 3100 and len(alert.title) == 200 and len(alert.body) == 25000
