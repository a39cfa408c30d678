"""What is owed: fines with their two options, and the other debts of a province. Pure."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from payments.domain.codes import issue
from payments.reconciliation.synthesis.recipe import FINES_SHARE, SECOND_BODY_SHARE, Recipe
from payments.reconciliation.synthesis.world import Body, Debt, Notice, Option, Share
from portal.kernel.calendar import term_end

FINE_KIND, COSTS_KIND, FLAT_KIND, SECOND_KIND, STAMP_KIND, OTHERS_KIND = (
    "SINT_SANZIONE", "SINT_SPESE", "SINT_CANONE", "SINT_POSTALE", "SINT_BOLLO", "SINT_QUOTA",
)  # fmt: skip
KINDS = {
    FINE_KIND: "Sanzioni del codice della strada (anno di prova)",
    COSTS_KIND: "Spese di procedura e notifica (anno di prova)",
    FLAT_KIND: "Canoni e concessioni (anno di prova)",
    SECOND_KIND: "Diritti sul conto postale (anno di prova)",
    STAMP_KIND: "Marca da bollo digitale (anno di prova)",
    OTHERS_KIND: "Quota di un altro ente (anno di prova)",
}
OTHER_BENEFICIARY, OTHER_IBAN = "90000000001", "IT40X0542811101000000000099"
STAMP_CENTS = 1600
PROCEDURE_CENTS = 1650
# Minimum and maximum of some violations: invented, in the order of magnitude of the real ones.
VIOLATIONS = ((4200, 17300, 60), (8700, 34500, 20), (17300, 69400, 12), (2900, 11800, 8))
OTHER_FAMILIES = {"flat": 70, "stamp": 9, "stamp_only": 2, "split": 9, "shared": 5, "plan": 5}
FLAT_CENTS = (2500, 5000, 6120, 8740, 12000, 15350, 31000, 48090)
# Numbers of another range than those that an office issues.
FIRST_NUMBER = 10**9
UNKNOWN, FOREIGN = 900_000_000, 950_000_000
SURNAMES = ("ROSSI", "BIANCHI", "VERDI", "NERI", "GALLI", "FONTANA", "CONTI", "MARINI", "LEONE", "SERRA")
NAMES = ("ANNA", "MARIO", "LUCIA", "PAOLO", "ELENA", "MARCO", "SARA", "LUCA", "GIULIA", "ANDREA")


def first_number(seed: int) -> int:
    """Where the notice numbers of a seed begin."""
    return (seed % 9000 + 1) * FIRST_NUMBER


def nav_of(segregation: int, sequence: int) -> str:
    """The notice number of a place in the sequence."""
    return issue(segregation_code=segregation, sequence=sequence).nav


def make_debts(recipe: Recipe, dice: Random) -> list[Debt]:
    """The positions of the period, body by body, in the order in which they are made."""
    found: list[Debt] = []
    for body, share in zip(recipe.bodies, (1 - SECOND_BODY_SHARE, SECOND_BODY_SHARE), strict=True):
        span = (recipe.last - recipe.first).days
        count = max(100, round(recipe.notices * share))
        days = sorted(int(dice.random() * span) for _ in range(count))
        navs = _navs(body, first_number(recipe.seed))
        for offset in days:
            found.append(_debt(len(found) + 1, body, recipe.first + timedelta(days=offset), navs, dice))
    return found


def _navs(body: Body, first: int) -> Iterator[str]:
    while True:
        yield nav_of(body.segregation, first)
        first += 1


def _debt(number: int, body: Body, day: date, navs: Iterator[str], dice: Random) -> Debt:
    surname, name = dice.choice(SURNAMES), dice.choice(NAMES)
    code = f"{surname[:3]}{name[:3]}{40 + number % 60:02d}A{1 + number % 28:02d}Z{100 + number % 900:03d}X"
    if dice.random() < FINES_SHARE:
        family, options = "fine", _fine(body, day, navs, dice)
        text = f"Verbale di prova n. {number}/{day.year}"
    else:
        family = dice.choices(list(OTHER_FAMILIES), list(OTHER_FAMILIES.values()))[0]
        options = _other(family, body, day, navs, dice)
        text = f"Canone di prova n. {number}/{day.year}"
    return Debt(number, body, family, text, code, f"{surname} {name}", day, options)


def _fine(body: Body, served: date, navs: Iterator[str], dice: Random) -> tuple[Option, ...]:
    """Discounted until the fifth day, reduced until the sixtieth, half the maximum afterwards."""
    minimum, maximum, _weight = dice.choices(VIOLATIONS, [each[2] for each in VIOLATIONS])[0]
    reduced_until = term_end(served, 60)

    def notice(cents: int, due_on: date, dated: tuple[tuple[date, int], ...] = ()) -> Notice:
        iban = body.accounts[0].iban
        shares: tuple[Share, ...] = (
            Share(FINE_KIND, cents, body.fiscal_code, iban),
            Share(COSTS_KIND, PROCEDURE_CENTS, body.fiscal_code, iban),
        )
        # As a rule one transfer carries the sanction and the costs.
        if dice.random() < 0.92:
            shares = (Share(FINE_KIND, cents + PROCEDURE_CENTS, body.fiscal_code, iban),)
        return Notice(next(navs), shares, due_on, dated)

    late = ((reduced_until + timedelta(days=1), (maximum + 1) // 2 + PROCEDURE_CENTS),)
    return (
        Option((notice((minimum * 70 + 50) // 100, term_end(served, 5)),), refused_after_due=True),
        Option((notice(minimum, reduced_until, late),)),
    )


def _other(family: str, body: Body, day: date, navs: Iterator[str], dice: Random) -> tuple[Option, ...]:
    cents, due_on = dice.choice(FLAT_CENTS), day + timedelta(days=30)
    main, postal = (account.iban for account in body.accounts)
    whole = Share(FLAT_KIND, cents, body.fiscal_code, main)
    extra = {
        "stamp": (Share(STAMP_KIND, STAMP_CENTS, body.fiscal_code, ""),),
        "split": (Share(SECOND_KIND, 1030, body.fiscal_code, postal),),
        "shared": (Share(OTHERS_KIND, cents // 20, OTHER_BENEFICIARY, OTHER_IBAN),),
    }
    if family == "stamp_only":
        return (Option((Notice(next(navs), (Share(STAMP_KIND, STAMP_CENTS, body.fiscal_code, ""),), due_on),)),)
    single = Option((Notice(next(navs), (whole, *extra.get(family, ())), due_on),))
    if family != "plan":
        return (single,)
    third = cents // 3
    sums = (third, third, cents - 2 * third)
    plan = tuple(
        Notice(next(navs), (Share(FLAT_KIND, each, body.fiscal_code, main),), day + timedelta(days=30 * place))
        for place, each in enumerate(sums, start=1)
    )
    return (single, Option(plan))
