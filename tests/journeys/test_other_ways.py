"""The same way on a phone, without scripts, and where it must stop."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from portal import clock
from tests.journeys import citizen, office
from tests.journeys.citizen import ELENA, GIULIA, MARCO, Citizen, Load
from tests.journeys.pages import PHONE, Inspector, Window

pytestmark = pytest.mark.journey

PISA = "80000410508"
CENTS, AMOUNT = 6200, "62,00"
Open = Callable[..., Window]


def apply_with_a_truck(window: Window, who: Citizen, plate: str) -> str:
    """Steps 1 to 3 of somebody who applies for themselves, with a truck typed by hand."""
    start = clock.today() + timedelta(days=20)
    citizen.find_the_service(window)
    citizen.log_in(window, who)
    citizen.confirm_the_email(window, who)
    citizen.choose_kind(window)
    citizen.type_a_truck(window, plate)
    citizen.describe_the_load(window, Load(mass="6000", length="9,00"))
    citizen.draw_the_route(window)
    citizen.choose_the_days(window, start, start + timedelta(days=40))
    citizen.attach_files(window)
    return citizen.send(window)


def grant(officer: Window, code: str) -> None:
    office.enter(officer, office.OFFICER)
    office.take(officer, code)
    office.approve(officer)


def test_on_a_phone(window: Open, inspector: Inspector) -> None:
    phone, officer = window(size=PHONE), window()
    code = apply_with_a_truck(phone, MARCO, "FG111HK")
    grant(officer, code)
    citizen.read_the_notice(phone, PISA, CENTS)
    citizen.pay_on_line(phone, AMOUNT)
    citizen.see_it_paid(phone, code, AMOUNT)
    office.issue(officer, code)
    address = citizen.download_the_permit(phone, code)
    citizen.check_the_permit(phone, address, "Autorizzazione non ancora valida")
    inspector.approves()


def test_without_scripts(window: Open, inspector: Inspector) -> None:
    plain, officer = window(javascript=False), window(javascript=False)
    code = apply_with_a_truck(plain, ELENA, "FG222HK")
    grant(officer, code)
    qr = citizen.read_the_notice(plain, PISA, CENTS)
    citizen.pay_at_the_counter(plain, qr, AMOUNT)
    citizen.see_it_paid(plain, code, AMOUNT)
    inspector.approves()


def test_a_convoy_over_the_mass_limits_stops_without_a_wear_table(window: Open, inspector: Inspector) -> None:
    haulier, officer = window(), window(expected="status of 422")
    who = replace(GIULIA, company="Edil Tirreno")
    start = clock.today() + timedelta(days=20)
    citizen.find_the_service(haulier)
    citizen.log_in(haulier, who)
    citizen.choose_kind(haulier)
    citizen.use_saved_vehicles(haulier, "EF789GH", "XB321KL")
    citizen.describe_the_load(haulier, Load(mass="42000", length="23,00"))
    citizen.draw_the_route(haulier)
    citizen.choose_the_days(haulier, start, start + timedelta(days=40))
    citizen.attach_files(haulier)
    code = citizen.send(haulier)
    office.enter(officer, office.OFFICER)
    office.take(officer, code)
    office.approve_in_vain(officer)
    inspector.approves()
