"""One Italian sentence for each verdict: which documents, and which rule failed. Pure."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from payments.reconciliation.domain.outcomes import CODES, Code
from payments.reconciliation.domain.terms import expected_by
from portal.kernel.money import euro

Facts = Mapping[str, Any]


def explain(code: Code, facts: Facts) -> str:
    """What the documents say, named one by one. With no facts, what the code means."""
    return _SENTENCES[code](facts) if facts else CODES[code].sentence


def _day(text: str | None) -> str:
    return date.fromisoformat(text).strftime("%d/%m/%Y") if text else "data sconosciuta"


def _due(text: str) -> str:
    return expected_by(date.fromisoformat(text)).strftime("%d/%m/%Y")


def _difference(cents: int) -> str:
    return f"{euro(abs(cents))} in più" if cents > 0 else f"mancano {euro(abs(cents))}"


def _payment(facts: Facts) -> str:
    """The payment as its documents name it."""
    where = f"riga del flusso {facts['iuf']}" if facts.get("iuf") else f"ricevuta {facts['iur']}"
    return f"il pagamento {facts['iur']} dell'avviso {facts['iuv']} ({where})"


def _reconciled(facts: Facts) -> str:
    money = f"{euro(facts['cents'])} sono in tesoreria con il provvisorio {facts['credits']}"
    if facts.get("outside"):
        return f"Il movimento {facts['movement']} è un pagamento fuori da pagoPA, confermato da due persone."
    if facts.get("partly_outside"):
        return (
            f"Il movimento {facts['movement']} è in parte il riversamento di {facts['iuf'] or facts['iuv']}, in parte "
            "un pagamento fuori da pagoPA, confermato da due persone."
        )
    if facts.get("movement"):
        return f"Il movimento {facts['movement']} è il riversamento di {facts['iuf'] or facts['iuv']}."
    if not facts.get("iur"):
        return f"Il flusso {facts['iuf']} e i movimenti di tesoreria concordano: {money}."
    if not facts.get("iuf"):
        return f"La ricevuta {facts['iur']} è stata riversata da sola: {money}."
    return f"La ricevuta {facts['iur']} e la riga del flusso {facts['iuf']} concordano: {money}."


def _reported(facts: Facts) -> str:
    where = f"Il flusso {facts['iuf']} del {_day(facts['regulation_date'])}"
    if facts.get("awaits"):
        return f"{where} riporta il pagamento; gli altri documenti sono attesi prima del {_due(facts['awaits'])}."
    if facts.get("trouble"):
        return f"{where} riporta il pagamento, ma non è ancora in ordine: {explain(Code(facts['trouble']), facts)}"
    return f"{where} è arrivato; il riversamento in tesoreria è atteso prima del {_due(facts['regulation_date'])}."


def _collected(facts: Facts) -> str:
    what = "la ricevuta" if facts["cents"] == facts["expected"] else f"{euro(facts['cents'])} della ricevuta"
    return (
        f"Di {facts['psp']} manca ancora il flusso che riporta {what} {facts['iur']}: "
        f"è atteso prima del {_due(facts['paid_on'])}."
    )


def _without_flow(facts: Facts) -> str:
    what = "" if facts["cents"] == facts["expected"] else f" per {euro(facts['cents'])}"
    return (
        f"Nessun flusso riporta{what} la ricevuta {facts['iur']} del {_day(facts['paid_on'])}: "
        f"{facts['psp']} doveva rendicontarla prima del {_due(facts['paid_on'])}."
    )


def _totals(facts: Facts) -> str:
    return (
        f"Il flusso {facts['iuf']} dichiara {facts['declared_count']} pagamenti per {euro(facts['declared'])}, "
        f"ma le sue righe sono {facts['computed_count']} per {euro(facts['computed'])}."
    )


def _without_treasury(facts: Facts) -> str:
    return (
        f"Il flusso {facts['iuf']} dichiara {euro(facts['declared'])} regolati il {_day(facts['regulation_date'])}, "
        "ma in tesoreria non c'è il riversamento."
    )


def _treasury_differs(facts: Facts) -> str:
    return (
        f"Il flusso {facts['iuf']} dichiara {euro(facts['declared'])}, il provvisorio {facts['credits']} ne porta "
        f"{euro(facts['credited'])}: {_difference(facts['credited'] - facts['declared'])}."
    )


def _movement(facts: Facts) -> str:
    return f"Il movimento {facts['movement']} del {_day(facts['booked_on'])} per {euro(facts['cents'])}"


def _credit_without_flow(facts: Facts) -> str:
    if facts["iuf"] or facts["iuv"]:
        return (
            f"Del movimento {facts['movement']} del {_day(facts['booked_on'])} restano {euro(facts['cents'])} che "
            "nessun flusso e nessuna ricevuta spiegano."
        )
    return f"{_movement(facts)} nomina {facts['reference']}, ma nessun flusso e nessuna ricevuta ha questo numero."


def _unreadable(facts: Facts) -> str:
    return f"{_movement(facts)} è un riversamento pagoPA, ma la causale «{facts['remittance']}» non dice quale flusso."


def _reversal_alone(facts: Facts) -> str:
    what = f"{euro(facts['cents'])} del movimento {facts['movement']}"
    said = f"Il {_day(facts['booked_on'])} il tesoriere ha stornato {what}"
    if facts["done"] is None:
        return f"{said}, che nessun giornale porta."
    return f"{said}, che è di {euro(facts['done'])}: i due importi non sono uguali."


def _outside_taken_back(facts: Facts) -> str:
    acts = f" ({facts['acts']})" if facts.get("acts") else ""
    return (
        f"Il movimento {facts['movement']} del {_day(facts['booked_on'])} è stato stornato il "
        f"{_day(facts['reversed_on'])}, ma {euro(facts['cents'])} che aveva portato fuori da pagoPA{acts} risultano "
        "ancora pagati: va stornato anche il pagamento."
    )


def _gap(facts: Facts) -> str:
    return (
        f"Il giornale {facts['journal']} del {_day(facts['day'])} comincia da {euro(facts['opening'])} sul conto "
        f"{facts['account'] or 'principale'}, quello del {_day(facts['before'])} finiva con {euro(facts['closing'])}: "
        f"mancano movimenti per {euro(abs(facts['opening'] - facts['closing']))}."
    )


def _incomplete(facts: Facts) -> str:
    journal = f"Il giornale {facts['journal']} del {_day(facts['day'])}"
    if facts["count"] == 1:
        return f"{journal} è arrivato soltanto in parte."
    return f"{journal} ha {facts['count']} pagine. Mancano, o sono arrivate soltanto in parte: {facts['missing']}."


def _perhaps(facts: Facts) -> str:
    """What else the documents of a payment without a receipt may mean."""
    if facts.get("near"):
        return (
            f" Nessun flusso riporta la ricevuta {facts['near']}, dello stesso avviso e dello stesso giorno: può "
            "essere lo stesso pagamento con un altro identificativo."
        )
    if facts.get("times"):
        return f" I flussi lo riportano {facts['times']} volte: può essere stato accreditato più di una volta."
    return ""


def _without_receipt(facts: Facts) -> str:
    return (
        f"Il flusso {facts['iuf']} riporta {euro(facts['cents'])} per l'avviso {facts['iuv']}, "
        f"ma la ricevuta {facts['iur']} non è arrivata.{_perhaps(facts)}"
    )


def _no_rpt(facts: Facts) -> str:
    return (
        f"Il flusso {facts['iuf']} riporta {euro(facts['cents'])} per l'avviso {facts['iuv']} con esito "
        f"{facts['outcome']}: {facts['psp']} non ne fa la ricevuta.{_perhaps(facts)}"
    )


def _amount_differs(facts: Facts) -> str:
    return (
        f"La ricevuta {facts['iur']} versa {euro(facts['expected'])}, il flusso {facts['iuf']} ne riporta "
        f"{euro(facts['reported'])}: {_difference(facts['reported'] - facts['expected'])}."
    )


def _revoked(facts: Facts) -> str:
    return f"Il flusso {facts['iuf']} dichiara revocato il pagamento {facts['iur']} dell'avviso {facts['iuv']}."


def _no_position(facts: Facts) -> str:
    return f"Nessuna posizione dell'ente ha l'IUV {facts['iuv']} di {_payment(facts)}."


def _duplicate(facts: Facts) -> str:
    return (
        f"L'avviso {facts['iuv']} era già stato pagato il {_day(facts['first_on'])} con {facts['first_iur']}: "
        f"{_payment(facts)} è in più."
    )


def _duplicate_on_act(facts: Facts) -> str:
    said = "La ragioneria l'ha segnato doppio. " if facts.get("by_person") else ""
    if facts.get("before"):
        return (
            f"Dello stesso debito erano già stati pagati a rate {euro(facts['before'])}, poi è arrivato per intero "
            f"{_payment(facts)}: prima di rimborsare guarda quanto è davvero in più."
        )
    return (
        f"{said}Lo stesso debito era già stato pagato il {_day(facts['first_on'])} con l'avviso {facts['first_iuv']}: "
        f"{_payment(facts)} è in più."
    )


def _less(facts: Facts) -> str:
    return (
        f"Il {_day(facts['paid_on'])} per l'avviso {facts['iuv']} erano dovuti {euro(facts['due'])}, "
        f"con {facts['iur']} ne sono stati pagati {euro(facts['paid'])}: "
        f"{_difference(facts['paid'] - facts['due'])}."
    )


def _after_cancel(facts: Facts) -> str:
    return (
        f"La posizione dell'avviso {facts['iuv']} era stata annullata il {_day(facts['cancelled_on'])}, "
        f"{_payment(facts)} è del {_day(facts['paid_on'])}."
    )


def _other_intermediary(facts: Facts) -> str:
    return (
        f"L'avviso {facts['iuv']} ha il codice di segregazione {facts['iuv'][:2]}, che non è dei collegamenti "
        f"dell'ente: {_payment(facts)} si segue presso l'altro intermediario."
    )


def _not_pagopa(facts: Facts) -> str:
    return f"{_movement(facts)} non viene da pagoPA."


def _regularised(facts: Facts) -> str:
    return f"{_movement(facts)} è già coperto da una reversale."


def _reversed(facts: Facts) -> str:
    return f"{_movement(facts)} è stato stornato il {_day(facts['reversed_on'])}."


_SENTENCES: dict[Code, Callable[[Facts], str]] = {
    Code.RECONCILED: _reconciled,
    Code.REPORTED: _reported,
    Code.COLLECTED: _collected,
    Code.FLOW_TOTALS_MISMATCH: _totals,
    Code.FLOW_WITHOUT_TREASURY: _without_treasury,
    Code.TREASURY_AMOUNT_DIFFERS: _treasury_differs,
    Code.TREASURY_WITHOUT_FLOW: _credit_without_flow,
    Code.REMITTANCE_UNREADABLE: _unreadable,
    Code.REVERSAL_ALONE: _reversal_alone,
    Code.OUTSIDE_TAKEN_BACK: _outside_taken_back,
    Code.JOURNAL_GAP: _gap,
    Code.JOURNAL_INCOMPLETE: _incomplete,
    Code.RECEIPT_WITHOUT_FLOW: _without_flow,
    Code.FLOW_WITHOUT_RECEIPT: _without_receipt,
    Code.PAID_WITHOUT_RECEIPT: _no_rpt,
    Code.RECEIPT_AMOUNT_DIFFERS: _amount_differs,
    Code.REVOKED: _revoked,
    Code.NO_POSITION: _no_position,
    Code.DUPLICATE_PAYMENT: _duplicate,
    Code.DUPLICATE_ON_ACT: _duplicate_on_act,
    Code.PAID_LESS_THAN_DUE: _less,
    Code.PAID_AFTER_CANCEL: _after_cancel,
    Code.OTHER_INTERMEDIARY: _other_intermediary,
    Code.TREASURY_NOT_PAGOPA: _not_pagopa,
    Code.ALREADY_REGULARISED: _regularised,
    Code.REVERSED: _reversed,
}
