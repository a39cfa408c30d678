"""The treasury journals: rows of each day, chained balances, lost days and pages, collection orders. Pure."""

from collections import defaultdict
from datetime import date
from random import Random

from payments.reconciliation.synthesis.days import plus
from payments.reconciliation.synthesis.recipe import JOURNALS_IN_PAGES, JOURNALS_LOST, JOURNALS_WITHOUT_A_PAGE, Recipe
from payments.reconciliation.synthesis.world import Body, Journal, Movement, Year

OPENING_CENTS = 125_000_000
REGULARISED_SHARE = 0.5
MOST_QUOTED = 8


def make_journals(recipe: Recipe, year: Year, dice: Random) -> None:
    """Journals of all bodies, with what follows from those that are lost."""
    for body in recipe.bodies:
        days = _by_day([movement for movement in year.movements if movement.body is body])
        journals = [Journal(body, day, number, days[day]) for number, day in enumerate(sorted(days), start=1)]
        _spoil(year, journals, dice)
        _regularise(year, journals, dice)
        _number(journals)
        _balance(body, journals)
        year.journals += journals
    for journal in year.journals:
        _plant_movements(year, journal)


def _by_day(movements: list[Movement]) -> dict[date, list[Movement]]:
    days: defaultdict[date, list[Movement]] = defaultdict(list)
    for movement in movements:
        days[movement.day].append(movement)
    return days


def _spoil(year: Year, journals: list[Journal], dice: Random) -> None:
    """Some journals never arrive, some are sent in pages and one page is lost: none of them beside another."""
    places = _places(journals, dice, JOURNALS_LOST + JOURNALS_WITHOUT_A_PAGE + JOURNALS_IN_PAGES)
    for place in places[:JOURNALS_LOST]:
        journals[place].lost = True
        year.plant("journal_gap", journals[place + 1], _gap(journals[place]))
        _miss(year, journals[place])
    for place in places[JOURNALS_LOST:]:
        journals[place].first_page = len(journals[place].movements) // 2
    for place in places[JOURNALS_LOST:][:JOURNALS_WITHOUT_A_PAGE]:
        journals[place].lost_page = dice.choice((1, 2))
        year.plant("journal_incomplete", journals[place], 0)
        _miss(year, journals[place])


def _places(journals: list[Journal], dice: Random, count: int) -> list[int]:
    """Journals of days on which only ordinary things happened, not next to each other."""
    places = [place for place in range(2, len(journals) - 2) if _is_ordinary(journals[place])]
    dice.shuffle(places)
    found: list[int] = []
    for place in places:
        if len(found) < count and all(abs(place - other) > 1 for other in found):
            found.append(place)
    if len(found) < count:
        raise ValueError("no room for a lost journal")
    return found


def _miss(year: Year, journal: Journal) -> None:
    """The flows whose credits are not seen."""
    seen = journal.seen
    for movement in journal.movements:
        if movement.flow is not None and movement not in seen:
            year.plant("flow_without_treasury", movement.flow)
            movement.flow.credits.remove(movement)


def _is_ordinary(journal: Journal) -> bool:
    rows = journal.movements
    return _net(journal) != 0 and len(rows) > 1 and not any(movement.special for movement in rows)


def _net(journal: Journal) -> int:
    return sum(signed(movement) for movement in journal.movements)


def _gap(journal: Journal) -> int:
    """By how much the balances of the accounts do not follow, when this journal is missing."""
    codes = {movement.account.code for movement in journal.movements}
    return sum(abs(sum(signed(row) for row in journal.movements if row.account.code == code)) for code in codes)


def signed(movement: Movement) -> int:
    """What a row does to the balance of its account: a regularisation moves no money."""
    sign = {"ESEGUITO": 1, "STORNATO": -1}.get(movement.operation, 0)
    return sign * (1 if movement.direction == "ENTRATA" else -1) * movement.cents


def _regularise(year: Year, journals: list[Journal], dice: Random) -> None:
    """Weeks later the office issues collection orders, which quote the provisional credits they cover."""
    by_day = {journal.day: journal for journal in journals}
    waiting: defaultdict[tuple[date, str], list[Movement]] = defaultdict(list)
    for journal in journals:
        for movement in journal.seen:
            day = plus(journal.day, 12 + journal.day.toordinal() % 5)
            if _may_be_regularised(movement) and day in by_day and dice.random() < REGULARISED_SHARE:
                waiting[day, movement.account.code].append(movement)
    for (day, _account), rows in sorted(waiting.items()):
        for first in range(0, len(rows), MOST_QUOTED):
            quoted = tuple(rows[first : first + MOST_QUOTED])
            if quoted[0].day.year == day.year and quoted[-1].day.year == day.year:
                order = Movement(
                    body=quoted[0].body, account=quoted[0].account, day=day, cents=sum(row.cents for row in quoted),
                    text="REGOLARIZZAZIONE PROVVISORI", reference="", end_to_end="", customer="TESORERIA",
                    kind="REVERSALE", operation="REGOLARIZZATO", quotes=quoted,
                )  # fmt: skip
                by_day[day].movements.append(order)
                year.movements.append(order)


def _may_be_regularised(movement: Movement) -> bool:
    return movement.kind == "SOSPESO ENTRATA" and movement.operation == "ESEGUITO" and not movement.special


def _number(journals: list[Journal]) -> None:
    """Numbers run by year and kind of document; a reversal carries the number of what it takes back."""
    documents: defaultdict[tuple[int, str], int] = defaultdict(int)
    rows: defaultdict[int, int] = defaultdict(int)
    for journal in journals:
        for movement in journal.movements:
            rows[journal.day.year] += 1
            movement.movement_number = rows[journal.day.year]
            if movement.origin is not None:
                movement.number = movement.origin.number
            else:
                documents[journal.day.year, movement.kind] += 1
                movement.number = documents[journal.day.year, movement.kind]


def _balance(body: Body, journals: list[Journal]) -> None:
    closing = {account.code: OPENING_CENTS for account in body.accounts}
    for journal in journals:
        for account in body.accounts:
            rows = [movement for movement in journal.movements if movement.account is account]
            income = sum(signed(row) for row in rows if row.direction == "ENTRATA")
            expense = -sum(signed(row) for row in rows if row.direction == "USCITA")
            opening = closing[account.code]
            closing[account.code] = opening + income - expense
            journal.balances[account.code] = (opening, income, expense, closing[account.code])


def _plant_movements(year: Year, journal: Journal) -> None:
    for movement in journal.seen:
        if movement.code:
            year.plant(movement.code, movement)
