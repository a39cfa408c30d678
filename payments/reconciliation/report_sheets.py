"""The reports as tables, in words: the same for the page, for spreadsheets and for print."""

from collections.abc import Callable, Sequence

from django.utils.dates import MONTHS_3
from django.utils.translation import gettext as _

from payments.reconciliation.domain.outcomes import CODES
from payments.reconciliation.domain.sheets import Column, Kind, Row, Sheet
from payments.reconciliation.selectors.reports import (
    DaySquare,
    Duplicate,
    Month,
    assessment_year,
    day_squares,
    duplicates,
    late_psps,
    open_bands,
)
from portal.kernel.money import euro

Bodies = Sequence[int]


def days_sheet(bodies: Bodies, month: Month) -> Sheet:
    """Receipts, lines and credits of each day."""
    rows = day_squares(bodies, month=month)
    fields = ("receipts", "receipt_cents", "lines", "line_cents", "credited")
    missing = ("unreported", "unexpected", "uncredited", "revoked")
    return Sheet(
        "giorni",
        _("Quadratura per giorno"),
        _(
            "Le ricevute pagate in un giorno, le righe dei flussi che le riportano e il denaro arrivato in tesoreria "
            "devono fare la stessa somma. Contano le quote dell'ente, senza marche da bollo; le righe di un altro "
            "intermediario si seguono là."
        ),
        _("Nel periodo non risultano pagamenti."),
        [
            Column(_("Pagati il"), Kind.DAY), Column(_("Ricevute"), Kind.NUMBER),
            Column(_("Euro ricevute"), Kind.MONEY), Column(_("Righe"), Kind.NUMBER),
            Column(_("Euro rendicontati"), Kind.MONEY), Column(_("Euro accreditati"), Kind.MONEY),
            Column(_("Che cosa manca"), words=True),
            Column(_("Euro da rendicontare"), Kind.MONEY, extra=True),
            Column(_("Euro senza ricevuta"), Kind.MONEY, extra=True),
            Column(_("Euro da accreditare"), Kind.MONEY, extra=True),
            Column(_("Euro revocati"), Kind.MONEY, extra=True),
        ],
        [
            Row((row.day, *(getattr(row, each) for each in fields), _missing(row), *(getattr(row, m) for m in missing)))
            for row in rows
        ],
        (
            _("In tutto"), *(sum(getattr(row, each) for row in rows) for each in fields), None,
            *(sum(getattr(row, each) for row in rows) for each in missing),
        ),
    )  # fmt: skip


def _missing(row: DaySquare) -> str:
    """What a day lacks, in words."""
    parts = [
        (row.unreported, _("%(amount)s da rendicontare")),
        (row.unexpected, _("%(amount)s rendicontati senza ricevuta")),
        (row.uncredited, _("%(amount)s da accreditare")),
        (row.revoked, _("%(amount)s revocati")),
    ]
    said = "; ".join(text % {"amount": euro(cents)} for cents, text in parts if cents)
    if not row.squares:
        return said
    return _("quadra (%(said)s)") % {"said": said} if said else _("quadra")


def provisionals_sheet(bodies: Bodies, month: Month) -> Sheet:
    """Open provisionals by age."""
    rows = open_bands(bodies, month=month)
    bands = [_("da 0 a 5 giorni"), _("da 6 a 30 giorni"), _("da 31 a 60 giorni"), _("oltre 60 giorni")]
    return Sheet(
        "provvisori",
        _("Provvisori aperti per anzianità"),
        _("I provvisori che nessuna reversale copre per intero alla fine del %(day)s, e quanto resta da coprire.")
        % {"day": f"{month.on:%d/%m/%Y}"},
        "",
        [
            Column(_("Anzianità")), Column(_("Provvisori"), Kind.NUMBER), Column(_("Euro aperti"), Kind.MONEY),
            Column(_("Il più vecchio"), Kind.DAY), Column(_("Numero")),
        ],
        [Row((bands[row.band], row.count, row.cents, row.oldest, row.number)) for row in rows],
        (_("In tutto"), sum(row.count for row in rows), sum(row.cents for row in rows), None, ""),
    )  # fmt: skip


def psps_sheet(bodies: Bodies, month: Month) -> Sheet:
    """PSPs that are late, with what interest is worked out on."""
    rows = late_psps(bodies, month=month)
    names = ("late_credits", "uncredited", "late_reports", "unreported")
    return Sheet(
        "psp",
        _("PSP in ritardo"),
        _(
            "I flussi dei pagamenti del periodo accreditati o rendicontati dopo il terzo giorno lavorativo, o non "
            "ancora. La giornata del nodo finisce alle 13 e i flussi non dicono l'ora: il termine conta dal giorno "
            "lavorativo dopo il pagamento, il più favorevole al PSP. Il ritardo è in giorni di calendario oltre il "
            "termine, fino all'accredito o al %(day)s. «Euro per giorni» è la base degli interessi: il tasso lo "
            "stabilisce la norma e qui non è applicato. Le ricevute non rendicontate non entrano nella base, "
            "perché il loro accredito non è noto."
        )
        % {"day": f"{month.today:%d/%m/%Y}"},
        _("Nessun PSP è in ritardo sui pagamenti del periodo."),
        [
            Column(_("PSP")), Column(_("Codice")), Column(_("Flussi accreditati tardi"), Kind.NUMBER),
            Column(_("Flussi da accreditare"), Kind.NUMBER), Column(_("Flussi rendicontati tardi"), Kind.NUMBER),
            Column(_("Ricevute non rendicontate"), Kind.NUMBER),
            Column(_("Ritardo massimo (giorni)"), Kind.NUMBER),
            Column(_("Euro in ritardo"), Kind.MONEY), Column(_("Euro per giorni"), Kind.PRODUCT),
        ],
        [
            Row((row.name, row.psp_id, *(getattr(row, each) for each in names), row.days, row.cents,
                 row.cent_days))
            for row in rows
        ],
        (
            _("In tutto"), "", *(sum(getattr(row, each) for row in rows) for each in names),
            max((row.days for row in rows), default=0), sum(row.cents for row in rows),
            sum(row.cent_days for row in rows),
        ),
    )  # fmt: skip


def duplicates_sheet(bodies: Bodies, month: Month) -> Sheet:
    """Payments made twice, and what became of them."""
    rows = duplicates(bodies, month=month)
    return Sheet(
        "doppi",
        _("Doppi da rimborsare"),
        _("I pagamenti doppi del periodo, e quelli di prima che non sono stati rimborsati per intero."),
        _("Non ci sono pagamenti doppi da rimborsare."),
        [
            Column(_("IUV")), Column(_("Pagato il"), Kind.DAY), Column(_("Esito")), Column(_("Importo"), Kind.MONEY),
            Column(_("Rimborsato"), Kind.MONEY), Column(_("Rimborso chiesto"), Kind.MONEY),
            Column(_("Da rimborsare"), Kind.MONEY), Column(_("Stato")),
        ],
        [
            Row((row.iuv, row.paid_on, CODES[row.code].title, row.cents, row.refunded, row.asked, row.left,
                 _refund_state(row)), row.receipt_id)
            for row in rows
        ],
        (
            _("In tutto"), None, "", sum(row.cents for row in rows), sum(row.refunded for row in rows),
            sum(row.asked for row in rows), sum(row.left for row in rows), "",
        ),
    )  # fmt: skip


def _refund_state(row: Duplicate) -> str:
    if not row.left:
        return _("rimborsato")
    if row.asked:
        return _("rimborso in corso")
    return _("da chiedere") if row.receipt_id else _("manca la ricevuta")


def assessments_sheet(bodies: Bodies, month: Month) -> Sheet:
    """What each assessment received, month by month."""
    rows = assessment_year(bodies, month=month)
    many = len(bodies) > 1
    numbers = range(month.first.month)
    return Sheet(
        "accertamenti",
        _("Incassi per accertamento e mese"),
        _("Dal mastro degli incassi, da gennaio alla fine del mese scelto, per giorno di pagamento. Importi in euro."),
        _("Nell'anno il mastro non ha incassi."),
        [
            Column(_("Accertamento")),
            *(Column(str(MONTHS_3[number + 1]), Kind.MONEY, bare=True) for number in numbers),
            Column(_("In tutto"), Kind.MONEY, bare=True), Column(_("Descrizione")),
        ],
        [
            Row((f"{row.label} ({row.body})" if many else row.label, *row.months, sum(row.months), row.description))
            for row in rows
        ],
        (
            _("In tutto"), *(sum(row.months[number] for row in rows) for number in numbers),
            sum(sum(row.months) for row in rows), "",
        ),
    )  # fmt: skip


SHEETS: dict[str, Callable[[Bodies, Month], Sheet]] = {
    "giorni": days_sheet,
    "provvisori": provisionals_sheet,
    "psp": psps_sheet,
    "doppi": duplicates_sheet,
    "accertamenti": assessments_sheet,
}


def all_sheets(bodies: Bodies, month: Month) -> list[Sheet]:
    """The five reports, in their order."""
    return [make(bodies, month) for make in SHEETS.values()]
