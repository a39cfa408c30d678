"""Invented spontaneous payments of the demonstration: codes, prices and taxonomy say so."""

from dataclasses import dataclass
from typing import Final

from payments.domain.spontaneous import AmountRule

OPEN_DAYS: Final = 30
# What every body of the demonstration offers; the others are Pisa's.
EVERYWHERE: Final = frozenset({"SP_SEGRETERIA", "SP_CANONE"})
PISA: Final = "80000410508"


@dataclass(frozen=True, slots=True)
class DemoQuestion:
    """What a service asks."""

    label: str
    help_text: str
    pattern: str = ""
    required: bool = True
    on_notice: bool = False


@dataclass(frozen=True, slots=True)
class DemoService:
    """A service and its kind of debt, which have the same invented price everywhere."""

    code: str
    kind: str
    taxonomy_code: str
    name: str
    description: str
    rule: AmountRule
    cents: int = 0
    piece: str = ""
    low: int = 100
    high: int = 500_000
    asks_reason: bool = True
    questions: tuple[DemoQuestion, ...] = ()


SERVICES: Final = (
    DemoService(
        "00001", "SP_SEGRETERIA", "DEMO11SP", "Diritti di segreteria",
        "Per il rilascio di attestati, certificati e altri atti dell'ente. L'ufficio ti dice quando servono.",
        AmountRule.FIXED, cents=1000,
    ),
    DemoService(
        "00002", "SP_COPIE", "DEMO12SP", "Copie di atti",
        "Per le copie che hai chiesto con l'accesso agli atti: l'ufficio ti ha scritto quante pagine sono.",
        AmountRule.UNIT, cents=50, piece="numero di pagine", asks_reason=False,
        questions=(
            DemoQuestion("Numero di protocollo", "Quello della lettera dell'ufficio, per esempio 1234/2026.",
                         r"\d{1,7}/\d{4}", on_notice=True),
        ),
    ),
    DemoService(
        "00003", "SP_SANZIONI", "DEMO13SP", "Sanzioni amministrative",
        "Per le sanzioni ambientali e amministrative di cui hai ricevuto il verbale o l'ordinanza senza un avviso. Per"
        " le multe stradali usa l'avviso che accompagna il verbale.",
        AmountRule.FREE, high=2_000_000, asks_reason=False,
        questions=(
            DemoQuestion("Numero del verbale", "Sta in alto sul verbale o sull'ordinanza: cifre, lettere e barre.",
                         r"[0-9A-Z/-]{1,20}", on_notice=True),
            DemoQuestion("Targa del veicolo", "Solo se il verbale parla di un veicolo, per esempio AB123CD.",
                         r"[A-Z]{2}\d{3}[A-Z]{2}", required=False),
        ),
    ),
    DemoService(
        "00004", "SP_CANONE", "DEMO14SP", "Canone unico: occupazioni e accessi",
        "Per chi occupa una strada provinciale o ha un passo carrabile, e paga il canone dell'anno senza avviso.",
        AmountRule.FREE, low=500,
        questions=(
            DemoQuestion("Numero della concessione", "Sta sull'atto di concessione, per esempio 45/2024.",
                         r"\d{1,6}/\d{4}", on_notice=True),
        ),
    ),
)  # fmt: skip
