"""The tables of docs/reconciliation.md, drawn from the code between the marks of the page."""

import re
from collections.abc import Iterable

from payments.reconciliation.domain.accounts import ACCOUNTS
from payments.reconciliation.domain.outcomes import CODES, OWNER_LABELS, Severity, Subject
from payments.reconciliation.domain.proposals import REJECTS
from payments.reconciliation.domain.rules import RULE_LABELS

SUBJECTS = {
    Subject.LINE: "riga di flusso",
    Subject.RECEIPT: "ricevuta",
    Subject.FLOW: "flusso",
    Subject.MOVEMENT: "movimento",
    Subject.JOURNAL: "giornale",
}
SEVERITIES = {Severity.INFO: "informazione", Severity.WARNING: "attenzione", Severity.ERROR: "errore"}


def drawn(page: str) -> str:
    """The page with its tables as the code has them. Raises KeyError for a mark that names no table."""

    def table(mark: re.Match[str]) -> str:
        return f"<!-- {mark['name']} -->\n{_TABLES[mark['name']]()}\n<!-- fine -->"

    return re.sub(r"<!-- (?P<name>esiti|regole|conti|scarti) -->\n.*?<!-- fine -->", table, page, flags=re.DOTALL)


def _table(*rows: Iterable[str]) -> str:
    head, *body = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([head, "|" + "---|" * head.count(" | ") + "---|", *body])


def _codes() -> str:
    rows = (
        (
            card.title,
            f"`{code}`",
            OWNER_LABELS[card.owner],
            SEVERITIES[card.severity],
            ", ".join(SUBJECTS[subject] for subject in card.subjects),
            card.sentence,
        )
        for code, card in CODES.items()
    )
    return _table(("Esito", "Codice", "Chi agisce", "Gravità", "Documento", "Che cosa vuol dire"), *rows)


def _rules() -> str:
    rows = ((f"`{rule}`", words) for rule, words in RULE_LABELS.items())
    return _table(("Regola", "Che cosa deve coincidere"), *rows)


def _accounts() -> str:
    rows = ((card.title, f"`{account}`", card.meaning) for account, card in ACCOUNTS.items())
    return _table(("Conto", "Codice", "Che cosa vuol dire il saldo"), *rows)


def _rejects() -> str:
    rows = (
        (card.title, f"`{code}`", OWNER_LABELS[card.owner], card.like, card.sentence) for code, card in REJECTS.items()
    )
    return _table(("Che cosa trattiene la riga", "Codice", "Chi agisce", "Scarto SIAC", "Che cosa fare"), *rows)


_TABLES = {"esiti": _codes, "regole": _rules, "conti": _accounts, "scarti": _rejects}
