"""What a person declares about a company, word for word: the text shown is the text kept as evidence. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CompanyData:
    """A company as a person describes it."""

    name: str
    fiscal_code: str
    vat_number: str
    seat: str
    pec: str = ""
    rea: str = ""

    @property
    def words(self) -> str:
        """One line that names the company without doubt."""
        parts = [self.name, f"codice fiscale {self.fiscal_code}"]
        parts += [f"partita IVA {self.vat_number}"] if self.vat_number else []
        parts += [f"sede {self.seat}"] if self.seat else []
        return ", ".join(parts)


OPENING = (
    "Dichiaro ai sensi degli articoli 46 e 47 del DPR 28 dicembre 2000, n. 445, consapevole delle sanzioni penali"
    " previste dall'articolo 76 per chi dichiara il falso,"
)
# Shown beside the box to tick, and kept as it was shown, with the facts below it.
REPRESENTATIVE = (
    OPENING
    + " di essere legale rappresentante dell'impresa che indico in questa pagina e che i dati scritti sono esatti."
)
GRANT = (
    OPENING + " di avere il potere di delegare per l'impresa che rappresento e di conferire la delega che indico in"
    " questa pagina."
)


def representative_text(*, person: str, company: CompanyData) -> str:
    """The declaration of who says to represent a company."""
    return f"{REPRESENTATIVE}\nDichiarante: {person}.\nImpresa: {company.words}."


def grant_text(*, person: str, company: CompanyData, holder: str, services: str, period: str) -> str:
    """The declaration of the representative who gives a mandate."""
    facts = f"Impresa: {company.words}.\nDelegato: {holder}.\nServizi: {services}.\nDurata: {period}."
    return f"{GRANT}\nDichiarante: {person}.\n{facts}"
