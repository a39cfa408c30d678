"""Workers of campaigns killed for real: another process, SIGKILL inside a part, its file, its record."""

import io
import os
import signal
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.core.files.storage import default_storage
from django.db import connection
from django_scopes import scope, scopes_disabled

from payments.campaign_selectors import results_of
from payments.domain import campaigns as rules
from payments.domain.campaigns import Action, Output, Selection, State
from payments.models import Campaign, CampaignItem, CampaignPart, Notice
from payments.services import campaign_work as work
from payments.services.campaigns import campaign_create, campaign_move, work_folder
from portal import clock
from portal.audit.actor import Actor
from portal.documents.models import Document, StoredFile

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
CLERK = Actor(label="Anna Neri")

# What the doomed worker runs: parts of three notices, and death where the test says.
DOOMED = """
import os, signal, sys, django
from django.conf import settings
settings.STORAGES = {**settings.STORAGES, "default": {
    "BACKEND": "django.core.files.storage.FileSystemStorage",
    "OPTIONS": {"location": sys.argv[1], "base_url": None}}}
django.setup()
from payments.domain import campaigns as rules
from payments.services import campaign_press, campaign_work
rules.PART = 3
def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)
def after(function, times=1):
    calls = []
    def run(*args, **kwargs):
        result = function(*args, **kwargs)
        calls.append(1)
        if len(calls) == times:
            die()
        return result
    return run
where = sys.argv[2]
if where == "between two notices":
    campaign_press._print_item = after(campaign_press._print_item, times=5)
elif where == "with the file written and nothing recorded":
    campaign_work._record = die
elif where == "inside the record":
    campaign_work._finish_if_over = after(campaign_work._finish_if_over, times=2)
elif where == "while the parts are laid out":
    campaign_work._lay_out = after(campaign_work._lay_out)
elif where == "while the archive is bound":
    campaign_press._index = die
campaign_work.campaigns_work()
"""


def work_in_a_process_that_dies(media: Path, where: str) -> int:
    parameters = connection.get_connection_params()
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DATABASE_URL": f"postgresql://{parameters['user']}@/{parameters['dbname']}?host={parameters['host']}",
    }
    return subprocess.run(
        [sys.executable, "-c", DOOMED, str(media), where],
        cwd=configured.BASE_DIR, env=environment, check=False, timeout=120,
    ).returncode  # fmt: skip


@pytest.fixture
def started(pisa, charged, monkeypatch):
    """A campaign of seven notices in three parts, to be begun."""
    monkeypatch.setattr(rules, "PART", 3)
    numbers = [charged(pisa, source=f"case:{number}").nav for number in range(7)]

    def start(output):
        with scope(entity=pisa):
            made = campaign_create(
                entity=pisa, name="Prova", output=output, selection=Selection(source="case:"), actor=CLERK
            )
            campaign_move(campaign_id=made.pk, action=Action.QUEUE, actor=CLERK)
        return made, numbers

    return start


def files_of(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    "where",
    [
        "between two notices",
        "with the file written and nothing recorded",
        "inside the record",
        "while the parts are laid out",
        "while the archive is bound",
    ],
)
def test_a_killed_worker_loses_no_notice_and_doubles_none(started, tmp_path, time_machine, where):
    media = Path(default_storage.location)
    campaign, numbers = started(Output.ZIP)
    assert work_in_a_process_that_dies(media, where) == -signal.SIGKILL
    with scopes_disabled():
        assert Campaign.objects.get().state in {State.QUEUED, State.RUNNING}

    time_machine.move_to(clock.now() + work.LEASE + timedelta(seconds=1), tick=True)
    work.campaigns_work()

    with scopes_disabled():
        assert Campaign.objects.get().state == State.DONE
        assert list(CampaignItem.objects.values_list("nav", "outcome")) == [(nav, "printed") for nav in numbers]
        (part,) = results_of(campaign)
        with part.file.file.open() as content:
            names = zipfile.ZipFile(io.BytesIO(content.read())).namelist()
        assert sorted(names) == sorted([*(f"avviso-{nav}.pdf" for nav in numbers), "index.csv"])
        assert StoredFile.objects.count() == 1
    assert len(files_of(media)) == 1, "what the dead worker left is gone"
    assert files_of(work_folder()) == []


def test_documents_made_by_a_killed_worker_are_found_by_the_next(started, time_machine):
    campaign, numbers = started(Output.FILES)
    assert work_in_a_process_that_dies(Path(default_storage.location), "between two notices") == -signal.SIGKILL
    with scopes_disabled():
        assert Notice.objects.count() == 5
        assert CampaignPart.objects.filter(done=True).count() == 1

    time_machine.move_to(clock.now() + work.LEASE + timedelta(seconds=1), tick=True)
    work.campaigns_work()

    with scopes_disabled():
        assert Campaign.objects.get(pk=campaign.pk).state == State.DONE
        assert Notice.objects.count() == Document.objects.count() == StoredFile.objects.count() == len(numbers)
        items = CampaignItem.objects.filter(campaign=campaign)
        assert set(items.values_list("document", flat=True)) == set(Notice.objects.values_list("document", flat=True))


def test_while_the_lease_of_the_dead_lasts_nobody_takes_its_part(started):
    campaign, _ = started(Output.ZIP)
    work_in_a_process_that_dies(Path(default_storage.location), "with the file written and nothing recorded")
    assert work.campaigns_work() == 2  # the other two parts
    with scopes_disabled():
        assert Campaign.objects.get(pk=campaign.pk).state == State.RUNNING
        assert CampaignPart.objects.filter(done=False).count() == 1
