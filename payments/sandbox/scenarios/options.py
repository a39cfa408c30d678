"""Scenario of the payment-options service, where the portal is a REST server."""

from datetime import timedelta

import requests
from django.conf import settings

from payments.sandbox.node import TIMEOUT_SECONDS, Exchange
from payments.sandbox.scenarios.stage import HOME, Stage
from portal import clock


def every_way(stage: Stage) -> None:
    """Every way to pay a number, in one answer; the probe and a number of nobody get their error."""
    soon = clock.today() + timedelta(days=30)
    single, first, _last = stage.notice(plan=[(2000, soon), (2800, soon + timedelta(days=30))])
    for nav in (single, first):
        stage.step("le due opzioni", lambda nav=nav: _asked(nav), nav=nav, outcome="2")  # type: ignore[misc]
    stage.step("sonda", lambda: _asked("0" * 18), status=404, outcome="", fault="ODP-107")


def _asked(nav: str) -> Exchange:
    """The outcome is how many options were offered."""
    path = f"pagopa/payment-options/organizations/{HOME.fiscal_code}/notices/{nav}"
    answer = requests.post(f"{settings.PORTAL_BASE_URL}/{path}", timeout=TIMEOUT_SECONDS)
    said = answer.json()
    offered = str(len(said["paymentOptions"])) if "paymentOptions" in said else ""
    return Exchange(path, "", answer.text, answer.status_code, offered, said.get("appErrorCode", ""))
