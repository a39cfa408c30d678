"""What a receipt means for the notice it names. Pure: it never refuses a receipt, it only says what to do with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from payments.domain.states import CLOSED, SETTLED, State


class Anomaly(StrEnum):
    """Why an accountant should look at a receipt."""

    UNKNOWN_NOTICE = "unknown_notice"
    OTHER_ISSUER = "other_issuer"
    SECOND_PAYMENT = "second_payment"
    SIBLING_USED = "sibling_used"
    CANCELLED = "cancelled"
    NOT_PUBLISHED = "not_published"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    SINCE_WITHDRAWN = "since_withdrawn"
    LATE = "late"
    AMOUNT_SHORT = "amount_short"
    AMOUNT_OVER = "amount_over"
    TRANSFERS_DIFFER = "transfers_differ"
    IUV_DIFFERS = "iuv_differs"
    OUTCOME_KO = "outcome_ko"
    STAMP = "stamp"


ANOMALY_LABELS: Mapping[Anomaly, str] = {
    Anomaly.UNKNOWN_NOTICE: "avviso sconosciuto",
    Anomaly.OTHER_ISSUER: "avviso di un altro ente, quota per noi",
    Anomaly.SECOND_PAYMENT: "avviso già pagato: secondo pagamento da rimborsare",
    Anomaly.SIBLING_USED: "pagata anche un'altra opzione",
    Anomaly.CANCELLED: "posizione annullata",
    Anomaly.NOT_PUBLISHED: "posizione non ancora pubblicata",
    Anomaly.SUSPENDED: "posizione sospesa",
    Anomaly.WITHDRAWN: "codice avviso ritirato",
    Anomaly.SINCE_WITHDRAWN: "codice avviso ritirato dopo il pagamento",
    Anomaly.LATE: "pagata oltre la scadenza",
    Anomaly.AMOUNT_SHORT: "importo inferiore al dovuto",
    Anomaly.AMOUNT_OVER: "importo superiore al dovuto",
    Anomaly.TRANSFERS_DIFFER: "versamenti diversi da quelli attesi",
    Anomaly.IUV_DIFFERS: "IUV diverso da quello dell'avviso",
    Anomaly.OUTCOME_KO: "esito negativo",
    Anomaly.STAMP: "marca da bollo digitale non valida",
}


# With one of these the receipt does not settle the instalment: an accountant decides. A payment made while the
# position was suspended settles it: the money is there and was owed; the office only has to know. So does the whole
# amount of a number that was withdrawn only afterwards, while nothing else had been paid.
NOT_SETTLING = frozenset(
    {
        Anomaly.UNKNOWN_NOTICE,
        Anomaly.OTHER_ISSUER,
        Anomaly.SECOND_PAYMENT,
        Anomaly.SIBLING_USED,
        Anomaly.CANCELLED,
        Anomaly.NOT_PUBLISHED,
        Anomaly.WITHDRAWN,
        Anomaly.OUTCOME_KO,
        Anomaly.AMOUNT_SHORT,
    }
)


@dataclass(frozen=True, slots=True)
class Share:
    """One transfer, as expected or as reported."""

    seq: int
    beneficiary: str
    cents: int


@dataclass(frozen=True, slots=True)
class Due:
    """The notice as it stands when the receipt is judged. `whole`: its way to pay has no other number."""

    state: State
    iuv: str
    cents: int
    paid: bool
    sibling_used: bool
    due_on: date | None
    refused_after_due: bool
    shares: tuple[Share, ...]
    suspended: bool = False
    withdrawn_on: date | None = None
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Paid:
    """What the receipt says."""

    outcome_ok: bool
    own_issuer: bool
    iuv: str
    cents: int
    on: date
    shares: tuple[Share, ...]
    stamps_good: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the receipt settles the instalment, and what an accountant should look at."""

    settles: bool
    anomalies: tuple[Anomaly, ...]


def judge(paid: Paid, due: Due | None) -> Verdict:
    """Judge a receipt. `due` is None when we never issued that notice number."""
    anomalies = _anomalies(paid, due)
    return Verdict(settles=not NOT_SETTLING.intersection(anomalies), anomalies=anomalies)


def _anomalies(paid: Paid, due: Due | None) -> tuple[Anomaly, ...]:
    if not paid.own_issuer or due is None:
        strange = Anomaly.UNKNOWN_NOTICE if paid.own_issuer else Anomaly.OTHER_ISSUER
        return (strange,) if paid.outcome_ok else (strange, Anomaly.OUTCOME_KO)
    late = due.refused_after_due and due.due_on is not None and paid.on > due.due_on
    gone = due.withdrawn_on is not None and not due.paid and due.state not in CLOSED and not due.sibling_used
    signs = {
        Anomaly.OUTCOME_KO: not paid.outcome_ok,
        Anomaly.SECOND_PAYMENT: due.paid,
        Anomaly.SIBLING_USED: not due.paid and (due.sibling_used or due.state in SETTLED),
        Anomaly.CANCELLED: due.state is State.CANCELLED,
        Anomaly.NOT_PUBLISHED: due.state is State.DRAFT,
        Anomaly.SUSPENDED: due.suspended and not due.paid and due.state not in CLOSED,
        Anomaly.WITHDRAWN: gone and not _was_due(paid, due),
        Anomaly.SINCE_WITHDRAWN: gone and _was_due(paid, due),
        Anomaly.AMOUNT_SHORT: paid.cents < due.cents,
        Anomaly.AMOUNT_OVER: paid.cents > due.cents,
        Anomaly.TRANSFERS_DIFFER: set(paid.shares) != set(due.shares),
        Anomaly.IUV_DIFFERS: paid.iuv != due.iuv,
        Anomaly.LATE: late,
        Anomaly.STAMP: not paid.stamps_good,
    }
    return tuple(anomaly for anomaly, present in signs.items() if present)


def _was_due(paid: Paid, due: Due) -> bool:
    """Whether a number withdrawn since then was still the way to pay the whole debt on the day of the payment."""
    in_time = due.withdrawn_on is not None and paid.on <= due.withdrawn_on
    return in_time and due.whole and due.state is State.PUBLISHED
