"""What an accountant reads beside an odd receipt: what happened, what to do, how much may have to go back. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from payments.domain.judgement import Anomaly


class Back(StrEnum):
    """How much of a receipt usually goes back to who paid."""

    NOTHING = "nothing"
    EXCESS = "excess"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Guidance:
    """The words for one kind of anomaly."""

    happened: str
    todo: str
    back: Back = Back.NOTHING


GUIDANCE: Mapping[Anomaly, Guidance] = {
    Anomaly.UNKNOWN_NOTICE: Guidance(
        "È arrivata la ricevuta di un codice avviso che da qui non è mai stato emesso. Se il pagamento è riuscito, il "
        "denaro arriva comunque all'ente.",
        "Cerca il codice negli altri gestionali dell'ente: se l'avviso è vostro registra lì l'incasso e annota dove, "
        "altrimenti rimborsa chi ha pagato.",
        Back.ALL,
    ),
    Anomaly.OTHER_ISSUER: Guidance(
        "L'avviso è di un altro ente e una parte del denaro spetta al vostro: la ricevuta va a tutti i beneficiari.",
        "Controlla che la quota sia quella che l'altro ente doveva versarvi, poi segna la ricevuta come verificata.",
    ),
    Anomaly.SECOND_PAYMENT: Guidance(
        "Lo stesso avviso era già stato pagato: questo è un secondo pagamento e la posizione non ne ha bisogno.",
        "Controlla che le due ricevute abbiano numeri diversi, poi rimborsa chi ha pagato questa.",
        Back.ALL,
    ),
    Anomaly.SIBLING_USED: Guidance(
        "Il debito era già stato pagato, in tutto o in parte, con un altro avviso della stessa posizione: per esempio "
        "la rata unica e poi le rate, oppure i due avvisi di un verbale.",
        "Confronta le ricevute della posizione: se il debito era già saldato, rimborsa questa.",
        Back.ALL,
    ),
    Anomaly.CANCELLED: Guidance(
        "L'avviso è stato pagato dopo che la posizione era stata annullata.",
        "Controlla perché era stata annullata: se non era dovuto niente rimborsa chi ha pagato, se era dovuto accorda "
        "l'incasso con l'ufficio e annota la decisione.",
        Back.ALL,
    ),
    Anomaly.NOT_PUBLISHED: Guidance(
        "L'avviso è stato pagato prima che la posizione fosse pubblicata.",
        "Chiedi all'ufficio se la posizione è giusta: se lo è va pubblicata e l'incasso annotato, altrimenti rimborsa.",
        Back.ALL,
    ),
    Anomaly.SUSPENDED: Guidance(
        "La posizione era sospesa, per esempio per un ricorso, ma è stata pagata lo stesso: il pagamento la salda.",
        "Avvisa l'ufficio che segue la sospensione: se il ricorso viene accolto, la somma va rimborsata.",
    ),
    Anomaly.WITHDRAWN: Guidance(
        "È stato pagato un codice che l'ufficio aveva ritirato: al suo posto vale un piano di rate, oppure una somma "
        "decisa dopo. Il pagamento non ha chiuso niente, e quello che lo sostituisce resta da pagare.",
        "Rimborsa chi ha pagato e digli quale codice usare. Se il piano era concesso ma nessuna rata è pagata, puoi "
        "anche ritirare il piano: tornano validi i codici di prima.",
        Back.ALL,
    ),
    Anomaly.SINCE_WITHDRAWN: Guidance(
        "Il codice è stato ritirato quando era già stato pagato: quel giorno era giusto, e il pagamento salda il "
        "dovuto. Quello che ha preso il suo posto non è più da pagare.",
        "Avvisa l'ufficio che ha concesso le rate o registrato la decisione, poi segna la ricevuta come verificata.",
    ),
    Anomaly.LATE: Guidance(
        "L'avviso è stato pagato dopo la scadenza, quando non avrebbe più dovuto accettare pagamenti.",
        "Controlla se per il ritardo sono dovuti altri importi: se sì chiedili con un nuovo avviso, altrimenti segna "
        "la ricevuta come verificata.",
    ),
    Anomaly.AMOUNT_SHORT: Guidance(
        "È arrivato meno di quanto era dovuto: la rata resta da pagare.",
        "Accordati con chi ha pagato: o versa la differenza con un nuovo avviso, o gli rimborsi questo pagamento e "
        "paga di nuovo per intero.",
        Back.ALL,
    ),
    Anomaly.AMOUNT_OVER: Guidance(
        "È arrivato più di quanto era dovuto: la rata è saldata e avanza una differenza.",
        "Rimborsa la differenza a chi ha pagato.",
        Back.EXCESS,
    ),
    Anomaly.TRANSFERS_DIFFER: Guidance(
        "I versamenti della ricevuta non sono quelli chiesti con l'avviso: cambiano le quote o i beneficiari.",
        "Confronta i versamenti uno per uno: se l'importo del vostro ente torna segna la ricevuta come verificata, "
        "altrimenti segnala la differenza a pagoPA e agli altri beneficiari.",
    ),
    Anomaly.IUV_DIFFERS: Guidance(
        "La ricevuta porta un IUV diverso da quello dell'avviso.",
        "Cerca il pagamento nel flusso di rendicontazione con l'IUV della ricevuta e annota quale dei due riporta.",
    ),
    Anomaly.STAMP: Guidance(
        "La ricevuta porta una marca da bollo digitale che non supera i controlli: forse è di un altro documento.",
        "Apri la marca tra gli allegati della ricevuta e leggi quale controllo non passa: finché non è chiarito il "
        "documento non va considerato in bollo. Segnalalo al prestatore che l'ha venduta.",
    ),
    Anomaly.OUTCOME_KO: Guidance(
        "Il pagamento non è riuscito: la ricevuta ha esito negativo e non è arrivato denaro.",
        "Non c'è niente da incassare né da rimborsare: l'avviso resta da pagare. Segna la ricevuta come verificata.",
    ),
}


def suggested_refund(anomalies: Iterable[Anomaly], *, own: int, paid: int, due: int | None) -> int:
    """What to propose to give back, in cents, out of the body's own part (`own`) of a receipt of `paid` cents.

    `due` is what was asked for, None for an unknown notice. Zero when nothing usually goes back.
    """
    found = set(anomalies)
    if Anomaly.OUTCOME_KO in found:
        return 0
    ways = {GUIDANCE[anomaly].back for anomaly in found}
    if Back.ALL in ways:
        return own
    if Back.EXCESS in ways and due is not None:
        return max(0, min(own, paid - due))
    return 0
