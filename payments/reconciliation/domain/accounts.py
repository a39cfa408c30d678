"""The accounts of the ledger, what stands on each, and what it should come to. Pure.

Every entry sums up to zero: what comes to one account comes from another. Debits are positive, credits negative.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Account(StrEnum):
    PSP_CLEARING = "psp_clearing"
    CREDITS_TO_ATTRIBUTE = "credits_to_attribute"
    PROVISIONALS = "provisionals"
    TREASURY = "treasury"
    BANK = "bank"
    ASSESSMENT = "assessment"
    UNALLOCATED = "unallocated"
    OTHER_INTERMEDIARY = "other_intermediary"
    DUPLICATES = "duplicates"
    DIFFERENCES = "differences"
    REFUNDS = "refunds"
    OTHER_INCOME = "other_income"


@dataclass(frozen=True, slots=True)
class AccountCard:
    """The Italian name of an account, what its balance means, and its sign: 1 when debits make it grow."""

    title: str
    meaning: str
    sign: int


ACCOUNTS: Mapping[Account, AccountCard] = {
    Account.PSP_CLEARING: AccountCard(
        "PSP da riversare", "Pagamenti con ricevuta, o rendicontati, che i PSP non hanno ancora riversato.", 1
    ),
    Account.CREDITS_TO_ATTRIBUTE: AccountCard(
        "Accrediti da attribuire", "Denaro entrato in tesoreria che nessun flusso spiega ancora.", -1
    ),
    Account.PROVISIONALS: AccountCard(
        "Provvisori da regolarizzare", "Denaro entrato in tesoreria che nessuna reversale copre ancora.", 1
    ),
    Account.TREASURY: AccountCard("Tesoreria", "Provvisori coperti da una reversale, meno i rimborsi eseguiti.", 1),
    Account.BANK: AccountCard(
        "Conti correnti",
        "Riversamenti arrivati su un conto di cui conta l'estratto conto, non il giornale di cassa.",
        1,
    ),
    Account.ASSESSMENT: AccountCard("Accertamento", "Entrate che spettano all'accertamento.", -1),
    Account.UNALLOCATED: AccountCard(
        "Da imputare", "Pagamenti senza posizione o senza un accertamento: qualcuno deve dire che cosa sono.", -1
    ),
    Account.OTHER_INTERMEDIARY: AccountCard(
        "Altri intermediari", "Pagamenti di avvisi emessi da un altro intermediario: li imputa chi li ha emessi.", -1
    ),
    Account.DUPLICATES: AccountCard("Doppi da rimborsare", "Pagamenti doppi che vanno restituiti.", -1),
    Account.DIFFERENCES: AccountCard("Differenze", "Quanto manca (o avanza) tra ricevute, flussi e accrediti.", 1),
    Account.REFUNDS: AccountCard("Rimborsi", "Somme restituite a chi aveva pagato un dovuto vero.", 1),
    Account.OTHER_INCOME: AccountCard("Altre entrate", "Provvisori regolarizzati che non sono pagamenti pagoPA.", -1),
}


class Source(StrEnum):
    """What an entry speaks of; its identifier is that of the row."""

    RECEIPT = "receipt"
    LINE = "line"
    FLOW = "flow"
    CREDIT = "credit"
    MOVEMENT = "movement"
    REGULARISATION = "regularisation"
    REFUND = "refund"
    OUTSIDE = "outside"


SOURCE_LABELS: Mapping[Source, str] = {
    Source.RECEIPT: "ricevuta",
    Source.LINE: "riga di flusso",
    Source.FLOW: "flusso",
    Source.CREDIT: "accredito di un flusso",
    Source.MOVEMENT: "movimento di tesoreria",
    Source.REGULARISATION: "regolarizzazione di un provvisorio",
    Source.REFUND: "rimborso",
    Source.OUTSIDE: "pagamento fuori da pagoPA",
}
