"""Where a payment is, from the notice to the treasury, in words that one can read on the phone. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from payments.reconciliation.domain.terms import expected_by
from portal.kernel.money import euro


class StepState(StrEnum):
    DONE = "done"
    WAITING = "waiting"
    PROBLEM = "problem"


STEP_WORDS = {StepState.DONE: "fatto", StepState.WAITING: "in attesa", StepState.PROBLEM: "da controllare"}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened, or has to; `on` is its day, None while it has not come."""

    state: StepState
    title: str
    text: str
    on: date | None = None

    @property
    def word(self) -> str:
        """The state in words: colour never says anything alone."""
        return STEP_WORDS[self.state]


class Cover(StrEnum):
    """How much of a provisional its collection orders cover, once those taken back are left out."""

    NONE = "none"
    PART = "part"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class CreditFacts:
    """A credit in the treasury: its provisional number, and the collection orders that stand and cover it. The
    treasurer may say that it is covered without naming one.
    """

    number: str
    year: int
    booked_on: date
    cover: Cover = Cover.NONE
    orders: tuple[str, ...] = ()
    covered_on: date | None = None


@dataclass(frozen=True, slots=True)
class FlowFacts:
    """A reporting flow that carries the payment, with the credits that paid it and stayed; `revoked` when it says that
    the payment was taken back.
    """

    iuf: str
    regulation_date: date
    credits: tuple[CreditFacts, ...] = ()
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class RefundFacts:
    """Money on its way back, or back."""

    cents: int
    state: str
    done: bool
    on: date


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    """A receipt and what the books know of its money. `anomalies` are words; `travels` is false for what no flow
    carries: digital stamps, and shares of other bodies. `credits` are those of a transfer made for it alone. Where
    `received` is false there is no receipt: flows alone report it, by the collection id that stands in its place.
    """

    receipt_id: str
    cents: int
    paid_on: date
    psp: str
    accepted: bool
    anomalies: tuple[str, ...] = ()
    travels: bool = True
    flows: tuple[FlowFacts, ...] = ()
    credits: tuple[CreditFacts, ...] = ()
    refunds: tuple[RefundFacts, ...] = ()
    received: bool = True

    @property
    def revoked(self) -> bool:
        """Whether a flow says that it was taken back."""
        return any(flow.revoked for flow in self.flows)


@dataclass(frozen=True, slots=True)
class OutsideFacts:
    """Money that did not pass through pagoPA: `how` as a sentence says it, `confirmed` by a second person."""

    cents: int
    on: date
    how: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """What is owed as it stands on a day. `hindrance` says in words why it cannot be paid, empty when it can;
    `instalments` is more than one where a plan was begun; `outside` is what the office recorded.
    """

    cents: int
    issued_on: date
    due_on: date | None
    hindrance: str = ""
    instalments: int = 1
    outside: tuple[OutsideFacts, ...] = ()


def timeline(notice: NoticeFacts, payments: Sequence[PaymentFacts], *, today: date) -> list[Step]:
    """The steps from the notice to the treasury: payments in the order in which they were made."""
    known = [*_steps_of(payments, today), *(_outside(row) for row in notice.outside)]
    return [_issued(notice), *(known or _unpaid(notice))]


def answer(notice: NoticeFacts, payments: Sequence[PaymentFacts], *, today: date) -> str:
    """What to say to who asks, in a few sentences."""
    good = [each for each in payments if each.accepted]
    odd = [each for each in payments if not each.accepted]
    said = [_accepted(notice, good, today)] if good else []
    said += [_recorded(row) for row in notice.outside]
    said += [_extra(each) if said else _questioned(each, today) for each in odd]
    if said:
        return " ".join(said)
    if notice.hindrance:
        return f"Non risulta nessun pagamento, e oggi non si può pagare: {notice.hindrance}."
    return (
        "Non risulta nessun pagamento. Chi ha pagato oggi aspetti qualche ora; chi ha pagato prima mandi la ricevuta "
        "che gli ha dato chi ha incassato: con il suo identificativo il pagamento si ritrova."
    )


def _accepted(notice: NoticeFacts, good: Sequence[PaymentFacts], today: date) -> str:
    last = good[-1]
    if notice.instalments > 1:
        total = sum(each.cents for each in good)
        return f"Sono pagate {len(good)} rate su {notice.instalments}, per {euro(total)}. {_money(last, today)}"
    told = f"Il pagamento di {euro(last.cents)} del {_day(last.paid_on)} è arrivato. {_money(last, today)}"
    return f"{told}{_given_back(last)}"


def _given_back(paid: PaymentFacts) -> str:
    """What goes back of a payment that settled its notice: the same debt was paid with another notice."""
    if not paid.refunds:
        return ""
    last = paid.refunds[-1]
    return (
        f" {euro(last.cents)} sono stati rimborsati."
        if last.done
        else f" Rimborso di {euro(last.cents)}: {last.state}."
    )


def _recorded(row: OutsideFacts) -> str:
    if row.confirmed:
        return f"Risulta pagato {row.how} il {_day(row.on)}, fuori da pagoPA: {euro(row.cents)}."
    return (
        f"È registrato un pagamento di {euro(row.cents)} del {_day(row.on)}, {row.how}: aspetta la conferma di "
        "un'altra persona dell'ufficio."
    )


def _extra(paid: PaymentFacts) -> str:
    return (
        f"C'è anche un pagamento di {euro(paid.cents)} del {_day(paid.paid_on)} ({', '.join(paid.anomalies)}): "
        f"{_outcome(paid)}"
    )


def _questioned(paid: PaymentFacts, today: date) -> str:
    if not paid.received:
        return (
            f"{paid.psp} riporta un pagamento di {euro(paid.cents)} del {_day(paid.paid_on)}, ma la ricevuta non è "
            f"arrivata: l'ufficio lo deve controllare. {_money(paid, today)}"
        )
    return (
        f"Il pagamento di {euro(paid.cents)} del {_day(paid.paid_on)} è arrivato, ma l'ufficio lo deve controllare "
        f"({', '.join(paid.anomalies)}): {_outcome(paid)}"
    )


def _outcome(paid: PaymentFacts) -> str:
    """What becomes of a payment that settles nothing."""
    if paid.revoked:
        return "un flusso lo dichiara revocato."
    if any(refund.done for refund in paid.refunds):
        return "è stato rimborsato."
    if paid.refunds:
        return f"il rimborso è {paid.refunds[-1].state}."
    return "se non era dovuto si rimborsa."


def _money(paid: PaymentFacts, today: date) -> str:
    if not paid.travels:
        return "Questa somma non passa dalla tesoreria dell'ente."
    if paid.revoked:
        return "Un flusso lo dichiara poi revocato, in tutto o in parte: l'ufficio lo deve controllare."
    credits_ = [*paid.credits, *(credit for flow in paid.flows for credit in flow.credits)]
    if credits_:
        return f"Il denaro è in tesoreria dal {_day(min(credit.booked_on for credit in credits_))}."
    if any(step.state is StepState.PROBLEM for step in _travel(paid, today)):
        return "Il denaro non è ancora in tesoreria ed è in ritardo: per chi ha pagato non cambia nulla."
    return "Il denaro non è ancora in tesoreria: per chi ha pagato non cambia nulla."


def _issued(notice: NoticeFacts) -> Step:
    due = f", da pagare entro il {_day(notice.due_on)}" if notice.due_on else ""
    return Step(StepState.DONE, "Avviso emesso", f"L'avviso chiede {euro(notice.cents)}{due}.", notice.issued_on)


def _unpaid(notice: NoticeFacts) -> list[Step]:
    text = "Non è arrivata nessuna ricevuta di pagamento."
    if notice.hindrance:
        return [Step(StepState.PROBLEM, "Non si può pagare", f"{text} Oggi non si può pagare: {notice.hindrance}.")]
    return [Step(StepState.WAITING, "Da pagare", text)]


def _outside(row: OutsideFacts) -> Step:
    text = f"Pagato {row.how}: {euro(row.cents)}."
    if row.confirmed:
        return Step(StepState.DONE, "Pagato fuori da pagoPA", text, row.on)
    return Step(StepState.WAITING, "Pagato fuori da pagoPA", f"{text} Aspetta la conferma.", row.on)


def _steps_of(payments: Sequence[PaymentFacts], today: date) -> Iterator[Step]:
    for paid in payments:
        yield _received(paid)
        if paid.travels:
            yield from _travel(paid, today)
        else:
            text = "Questa somma non entra nei flussi di rendicontazione dell'ente: va al beneficiario del versamento."
            yield Step(StepState.DONE, "Versato ad altri", text)
        yield from (_refund(refund) for refund in paid.refunds)


def _received(paid: PaymentFacts) -> Step:
    if not paid.received:
        text = f"Per {paid.psp} sono stati pagati {euro(paid.cents)}, riscossione {paid.receipt_id}. Manca la ricevuta."
        return Step(StepState.PROBLEM, "Pagato", text, paid.paid_on)
    text = f"{paid.psp} ha incassato {euro(paid.cents)}, ricevuta {paid.receipt_id}."
    if paid.anomalies:
        return Step(StepState.PROBLEM, "Pagato", f"{text} Da controllare: {', '.join(paid.anomalies)}.", paid.paid_on)
    return Step(StepState.DONE, "Pagato", text, paid.paid_on)


def _travel(paid: PaymentFacts, today: date) -> Iterator[Step]:
    """From the flow to the collection order."""
    for credit in paid.credits:
        yield from _credited(credit)
    if not paid.flows and not paid.credits:
        yield _awaited("Rendicontato", "Il flusso", paid.psp, expected_by(paid.paid_on), today)
    for flow in paid.flows:
        if flow.revoked:
            text = f"Il flusso {flow.iuf} dichiara revocato il pagamento: l'ufficio lo deve controllare."
            yield Step(StepState.PROBLEM, "Revocato", text, flow.regulation_date)
            continue
        yield Step(StepState.DONE, "Rendicontato", f"Il pagamento è nel flusso {flow.iuf}.", flow.regulation_date)
        if not flow.credits:
            yield _awaited("In tesoreria", "Il bonifico", paid.psp, expected_by(flow.regulation_date), today)
        for credit in flow.credits:
            yield from _credited(credit)


def _credited(credit: CreditFacts) -> Iterator[Step]:
    name = f"{credit.number}/{credit.year}"
    yield Step(StepState.DONE, "In tesoreria", f"Provvisorio {name}.", credit.booked_on)
    orders = ", ".join(credit.orders)
    if credit.cover is Cover.WHOLE:
        by = f"è coperto dalla reversale {orders}" if orders else "risulta coperto da una reversale"
        yield Step(StepState.DONE, "Reversale emessa", f"Il provvisorio {name} {by}.", credit.covered_on)
    elif credit.cover is Cover.PART:
        by = f" (reversale {orders})" if orders else ""
        text = f"Il provvisorio {name} è coperto solo in parte{by}: il resto è ancora aperto."
        yield Step(StepState.WAITING, "Reversale da emettere", text)
    else:
        yield Step(StepState.WAITING, "Reversale da emettere", f"Il provvisorio {name} è ancora aperto.")


def _awaited(title: str, what: str, psp: str, due: date, today: date) -> Step:
    if today >= due:
        return Step(StepState.PROBLEM, title, f"{what} di {psp} doveva arrivare prima del {_day(due)} e non c'è.")
    return Step(StepState.WAITING, title, f"{what} di {psp} è atteso prima del {_day(due)}.")


def _refund(refund: RefundFacts) -> Step:
    state = StepState.DONE if refund.done else StepState.WAITING
    return Step(state, "Rimborso", f"Rimborso di {euro(refund.cents)}: {refund.state}.", refund.on)


def _day(day: date) -> str:
    return day.strftime("%d/%m/%Y")
