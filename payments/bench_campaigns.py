"""Speed of a campaign from its start to its files, beside notices printed the plain way of naive.py, in the same run.

Everything counts: reading the positions, printing, writing, recording. All is rolled back and thrown away.
"""

import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import cycle, islice
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.test import override_settings
from django_scopes import scope

from payments.campaign_selectors import with_progress
from payments.demo import CREDITORS
from payments.domain.campaigns import Action, Output, Selection, State
from payments.domain.drafts import InstalmentDraft, OptionDraft, ShareDraft
from payments.models import Campaign
from payments.notices.bench import NAMES, SUBJECTS, contents
from payments.notices.naive import naive_notice_pdf
from payments.seeds import seed
from payments.services.bulk import PositionDraft, positions_write_in_bulk
from payments.services.campaign_work import campaigns_work
from payments.services.campaigns import campaign_create, campaign_move
from payments.services.numbers import debt_kind, issuing_link, numbers_reserve
from portal.audit.actor import Actor
from portal.billing.services import request_charges_in_bulk
from portal.billing.socket import ChargeDraft, ChargeLineDraft, Payer
from portal.entities.models import Entity
from portal.operations.bench import median_ms, row

NOTICES: Final = 2000
KIND: Final = "TE_BOLLO"
ACTOR: Final = Actor.system("bench")
LONG: Final = timedelta(hours=6)


def campaigns() -> list[dict[str, Any]]:
    """A book for the printer and an archive, each of thousands of notices."""
    plain = 1000 / median_ms(lambda: naive_notice_pdf(next(contents())), runs=5, warm=1)
    with tempfile.TemporaryDirectory() as folder, throwaway_files(folder), transaction.atomic():
        entity = positions(NOTICES)
        measured(entity, Output.BOOK)  # the forms of the pages are made once for all
        found = [measured(entity, output) | {"baseline": plain} for output in (Output.BOOK, Output.ZIP)]
        transaction.set_rollback(True)
    return [line(each) for each in found]


def line(found: dict[str, Any]) -> dict[str, Any]:
    """A line of results."""
    shown = row(f"bulk_campaign_{found['output']}", value=found["cpu"], unit="pages/s CPU", baseline=found["baseline"])
    return shown | {"pages_per_second": round(found["clock"], 1), "memory_mb": found["memory"]}


def measured(entity: Entity, output: Output) -> dict[str, Any]:
    """Pages a second of a campaign of all positions of the bench, by the core's time and by the clock."""
    start, began = time.process_time(), time.perf_counter()
    with scope(entity=entity):
        made = campaign_create(
            entity=entity, name="Prova", output=output, selection=Selection(source="bench:"), actor=ACTOR
        )
        campaign_move(campaign_id=made.pk, action=Action.QUEUE, actor=ACTOR)
        campaigns_work(turn=LONG)
        ended = with_progress(Campaign.objects.filter(pk=made.pk)).get()
    spent, lasted = time.process_time() - start, time.perf_counter() - began
    pages: int = ended.pages_sum  # type: ignore[attr-defined]
    if ended.state != State.DONE or ended.printed_sum != ended.total:  # type: ignore[attr-defined]
        raise RuntimeError(f"the campaign is {ended.state}: {ended.trouble}")
    memory = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return {"output": output, "cpu": pages / spent, "clock": pages / lasted, "memory": memory, "seconds": lasted}


@contextmanager
def throwaway_files(folder: str) -> Iterator[None]:
    """Files of the bench stay in a folder of their own, private like the real one."""
    kept = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": folder, "base_url": None}}
    with override_settings(STORAGES={**settings.STORAGES, "default": kept}, DATA_DIR=folder):
        yield


def positions(count: int) -> Entity:
    """Positions of a body that can be printed; returns the body."""
    creditor = CREDITORS[0]
    entity, _ = Entity.objects.get_or_create(
        fiscal_code=creditor.fiscal_code, defaults={"code": "PI", "ipa_code": "bench", "name": "Provincia di Pisa"}
    )
    seed()
    names, subjects = cycle(NAMES), cycle(SUBJECTS)
    with scope(entity=entity):
        kind = debt_kind(entity_id=entity.pk, code=KIND)
        link = issuing_link(entity_id=entity.pk, kind=kind)
        numbers = iter(numbers_reserve(link=link, count=count))
        payers = [Payer("F", "RSSMRA60D20F205R", name) for name in islice(names, count)]
        words = list(islice(subjects, count))

        def open_many(charges: Sequence[int]) -> list[str]:
            drafts = [
                PositionDraft(key, words[index], payers[index], (_option(10_000 + index),))
                for index, key in enumerate(charges)
            ]
            written = positions_write_in_bulk(link=link, kinds={KIND: kind}, drafts=drafts, numbers=numbers)
            return [each.navs[0] for each in written]

        request_charges_in_bulk(
            entity=entity,
            drafts=[
                ChargeDraft(
                    source=f"bench:{index}",
                    payer=payers[index],
                    description=words[index],
                    lines=(ChargeLineDraft("bench", words[index], 10_000 + index, KIND),),
                    due_on=None,
                    handler="bench",
                )
                for index in range(count)
            ],
            open_many=open_many,
        )
    return entity


def _option(cents: int) -> OptionDraft:
    return OptionDraft((InstalmentDraft((ShareDraft(KIND, cents),), date(2026, 12, 31)),))
