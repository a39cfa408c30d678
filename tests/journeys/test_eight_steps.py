"""The main job, end to end, at a desk: eight steps, five people, one case."""

import sys
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from portal import clock
from tests.journeys import citizen, office, treasury
from tests.journeys.citizen import GIULIA, MARCO, Load
from tests.journeys.pages import Inspector, Window

pytestmark = pytest.mark.journey

PISA = "80000410508"
CENTS, AMOUNT = 6200, "62,00"
QUESTION = "Manca il certificato del rimorchio."
Open = Callable[..., Window]


def say(line: str) -> None:
    """A line for who runs `make journey`."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def fill_in(haulier: Window) -> None:
    """Step 3 up to the summary, leaving once on the way."""
    today = clock.today()
    citizen.choose_kind(haulier)
    citizen.use_saved_vehicles(haulier, "AB123CD", "XA456YZ")
    citizen.leave_and_come_back(haulier)
    citizen.describe_the_load(haulier, Load(mass="24000", length="16,50"))
    citizen.draw_the_route(haulier)
    citizen.choose_the_days(haulier, today, today + timedelta(days=30), urgent="Il cantiere è fermo.")
    citizen.attach_files(haulier)


def examine(officer: Window, haulier: Window, code: str) -> None:
    """Step 4: the clock stops for a question, runs again after the answer; then yes."""
    office.enter(officer, office.OFFICER)
    office.take(officer, code)
    office.ask_integration(officer, code, QUESTION)
    citizen.answer_the_office(haulier, code, QUESTION)
    office.read_the_answer(officer, code)
    office.approve(officer)


def keep_strangers_out(open_window: Open, code: str) -> None:
    """Neither another citizen nor another body's officer learns that the case exists."""
    stranger = open_window(expected="status of 404")
    citizen.find_the_service(stranger)
    citizen.log_in(stranger, MARCO)
    assert stranger.open(f"/area/pratiche/{code}/") == 404
    stranger.look("non trovata")
    colleague = open_window(expected="status of 404")
    office.enter(colleague, office.ANOTHER_BODY)
    assert colleague.open(f"/admin/portal_cases/case/pratica/{code}/") == 404
    colleague.look("non trovata, ufficio")


def follow_the_permit(officer: Window, passer_by: Window, code: str, address: str) -> None:
    """Step 7: whoever scans the code knows at once what the office has just decided."""
    citizen.check_the_permit(passer_by, address, "Autorizzazione valida")
    office.change_permit(officer, code, "suspend", "sospesa")
    citizen.check_the_permit(passer_by, address, "Autorizzazione sospesa")
    office.change_permit(officer, code, "resume", "valida")
    citizen.check_the_permit(passer_by, address, "Autorizzazione valida")


def revoke(officer: Window, passer_by: Window, code: str, address: str) -> None:
    office.change_permit(officer, code, "revoke", "revocata")
    citizen.check_the_permit(passer_by, address, "Autorizzazione revocata")


def test_the_eight_steps(window: Open, inspector: Inspector) -> None:
    started = time.monotonic()

    def done(step: int, what: str) -> None:
        inspector.approves()
        say(f"{step}. {what} ({time.monotonic() - started:.0f} s)")

    haulier, officer = window(), window()
    citizen.find_the_service(haulier)
    done(1, "the service is found")
    citizen.log_in(haulier, GIULIA)
    citizen.confirm_the_email(haulier, GIULIA)
    done(2, "logged in with SPID")
    fill_in(haulier)
    code = citizen.send_twice(haulier)
    citizen.read_what_was_sent(haulier, GIULIA, code)
    keep_strangers_out(window, code)
    done(3, "the application is sent, once")
    examine(officer, haulier, code)
    done(4, "the office approves")
    qr = citizen.read_the_notice(haulier, PISA, CENTS)
    done(5, "the notice can be read from paper")
    citizen.pay_on_line(haulier, AMOUNT)
    citizen.see_it_paid(haulier, code, AMOUNT)
    done(6, "paid, and the case has moved")
    office.issue(officer, code)
    address = citizen.download_the_permit(haulier, code)
    follow_the_permit(officer, window(), code, address)
    done(7, "the permit is out")
    number = qr.split("|")[2]
    treasury.close_the_day(window(), number)
    accountant = window()
    office.enter(accountant, treasury.ACCOUNTANT)
    treasury.see_it_reconciled(accountant, number)
    revoke(officer, window(), code, address)
    done(8, "the books agree")
    say("journey: 8 steps ok")
