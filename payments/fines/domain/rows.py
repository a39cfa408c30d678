"""A line of a file as a fine, or as a day of service; what its values say together. Pure."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from payments.fines.domain.amounts import percent
from payments.fines.domain.figures import Code, Law
from payments.fines.domain.references import MOST, creditor_reference
from payments.fines.domain.stages import ServedHow

ITALY = "IT"

# Heading of the map and sentence: what is wrong with a line.
Wrong = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Act:
    """The number of an act: the same series, number and year are the same act for ever."""

    series: str
    number: str
    year: int

    def __str__(self) -> str:
        return f"{self.series}{self.number}/{self.year}"


@dataclass(frozen=True, slots=True)
class FineRow:
    """A fine as the back office describes it. Amounts in cents."""

    act: Act
    violated_on: date
    place: str
    plate: str
    country: str
    article: str
    min_cents: int
    max_cents: int
    costs_cents: int
    send_fee_cents: int
    discountable: bool
    driver_data: bool
    debtor_kind: str
    debtor_code: str
    debtor_name: str
    street: str
    civic: str
    postal_code: str
    city: str
    province: str
    debtor_country: str
    served_on: date | None
    served_how: ServedHow | None

    @property
    def is_foreign(self) -> bool:
        """Whether the plate is of another country: then a bank transfer must be possible too."""
        return self.country != ITALY

    @property
    def reference(self) -> str:
        """The ISO 11649 reference of the act; empty for Italian plates."""
        return creditor_reference(f"{self.act.series}{self.act.number}{self.act.year}") if self.is_foreign else ""


@dataclass(frozen=True, slots=True)
class ServedRow:
    """The day on which an act was served."""

    act: Act
    served_on: date
    served_how: ServedHow | None


def fine_row(values: dict[str, Any], *, law: Law, today: date) -> tuple[FineRow | None, list[Wrong]]:
    """The fine of a line whose cells are right one by one, or what is wrong among them."""
    violated_on: date = values["violated_on"]
    act = Act(values.pop("series"), values.pop("number"), values.pop("year") or violated_on.year)
    row = FineRow(act=act, **values)
    wrong = [*_wrong_days(row, law=law, today=today), *_wrong_amounts(row, law=law), *_wrong_debtor(row)]
    return (None, wrong) if wrong else (row, [])


def _wrong_days(row: FineRow, *, law: Law, today: date) -> list[Wrong]:
    found = []
    if row.violated_on > today:
        found.append(("data_violazione", "La violazione è nel futuro."))
    elif not law.knows(Code.DISCOUNT_PERCENT, on=row.violated_on):
        found.append(("data_violazione", "Il portale non ha le regole in vigore quel giorno."))
    if not row.violated_on.year <= row.act.year <= row.violated_on.year + 1:
        found.append(("anno", "L'anno del verbale è quello della violazione, o il successivo."))
    return [*found, *wrong_service(row.served_on, violated_on=row.violated_on, today=today)]


def wrong_service(served_on: date | None, *, violated_on: date, today: date) -> list[Wrong]:
    """What is wrong with a day of service."""
    if served_on is None:
        return []
    if served_on > today:
        return [("data_notifica", "La notifica è nel futuro.")]
    if served_on < violated_on:
        return [("data_notifica", "La notifica è precedente alla violazione.")]
    return []


def _wrong_amounts(row: FineRow, *, law: Law) -> list[Wrong]:
    if row.min_cents == 0:
        return [("importo_minimo", "L'importo deve essere maggiore di zero.")]
    if row.max_cents < row.min_cents:
        return [("importo_massimo", "Il massimo è inferiore al minimo.")]
    if law.knows(Code.LATE_PERCENT_OF_MAXIMUM, on=row.violated_on):
        late = percent(row.max_cents, law.figure(Code.LATE_PERCENT_OF_MAXIMUM, on=row.violated_on))
        if late < row.min_cents:
            return [
                ("importo_massimo", "Dopo i 60 giorni la multa costerebbe meno di prima: ricontrolla minimo e massimo.")
            ]
    return []


def _wrong_debtor(row: FineRow) -> list[Wrong]:
    found = []
    if not row.debtor_code and not row.is_foreign and row.debtor_country == ITALY:
        found.append(("codice_fiscale", "Per una targa italiana serve il codice fiscale del debitore."))
    if row.debtor_kind == "G" and row.debtor_code and len(row.debtor_code) != 11:
        found.append(("codice_fiscale", "Il codice fiscale di una persona giuridica ha 11 cifre."))
    if row.is_foreign and len(f"{row.act.series}{row.act.number}{row.act.year}") > MOST:
        found.append(("numero_verbale", f"Con serie e anno supera i {MOST} caratteri del riferimento del bonifico."))
    return found


def served_row(values: dict[str, Any], *, today: date) -> tuple[ServedRow | None, list[Wrong]]:
    """The day of service of a line whose cells are right one by one, or what is wrong with it."""
    act = Act(values["series"], values["number"], values["year"])
    wrong = wrong_service(values["served_on"], violated_on=date.min, today=today)
    return (None, wrong) if wrong else (ServedRow(act, values["served_on"], values["served_how"]), [])
