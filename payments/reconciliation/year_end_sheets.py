"""The end of the year as tables: what was paid by assessment, and the later provisionals that carry some of it."""

from django.utils.translation import gettext as _

from payments.reconciliation.domain.sheets import Column, Kind, Row, Sheet
from payments.reconciliation.selectors.year_end import YearEnd

AMOUNTS = ("paid", "within", "after", "waiting")


def year_end_sheets(found: YearEnd, *, year: int) -> list[Sheet]:
    """The two tables of the page, for files."""
    return [_assessments(found, year), _credits(found, year)]


def _assessments(found: YearEnd, year: int) -> Sheet:
    return Sheet(
        "chiusura",
        _("Pagati nel %(year)d") % {"year": year},
        "",
        "",
        [
            Column(_("Accertamento")), Column(_("Pagato"), Kind.MONEY),
            Column(_("In tesoreria nell'anno"), Kind.MONEY), Column(_("In tesoreria dopo"), Kind.MONEY),
            Column(_("Non ancora arrivato"), Kind.MONEY), Column(_("Descrizione")),
        ],
        [Row((row.label, *(getattr(row, name) for name in AMOUNTS), row.description)) for row in found.rows],
        (_("In tutto"), *(found.total(name) for name in AMOUNTS), ""),
    )  # fmt: skip


def _credits(found: YearEnd, year: int) -> Sheet:
    return Sheet(
        "provvisori",
        _("Provvisori del %(year)d") % {"year": year + 1},
        "",
        "",
        [
            Column(_("Provvisorio")), Column(_("Data"), Kind.DAY), Column(_("Versante")), Column(_("Flusso")),
            Column(_("Pagamenti dell'anno"), Kind.MONEY), Column(_("Importo"), Kind.MONEY),
        ],
        [
            Row((row.provisional, row.booked_on, row.payer, row.iuf, row.of_the_year, row.cents))
            for row in found.credits
        ],
        (
            _("In tutto"), None, "", "", sum(row.of_the_year for row in found.credits),
            sum(row.cents for row in found.credits),
        ),
    )  # fmt: skip
