"""State diagrams for docs/, drawn from the transition tables themselves."""

from importlib import import_module

from portal.kernel.states import diagram

# title -> module that holds TRANSITIONS; strings, because packages are not known by name to the platform's code
TABLES = {
    "Case (pratica)": "portal.cases.domain.states",
    "Mandate (delega)": "portal.people.domain.mandates",
    "Declared codice fiscale (codice fiscale dichiarato)": "portal.people.domain.claims",
    "Charge (onere)": "portal.billing.domain.states",
    "Payment position (posizione debitoria)": "payments.domain.states",
    "Refund of a payment (rimborso)": "payments.domain.refunds",
    "Payment outside pagoPA (pagamento fuori da pagoPA)": "payments.domain.outside",
    "Campaign of notices (campagna di stampa)": "payments.domain.campaigns",
    "Fine (multa)": "payments.fines.domain.stages",
    "Import of a file of fines (importazione di verbali)": "payments.fines.domain.imports",
    "Exceptional-transport permit (autorizzazione)": "exceptional_transport.domain.permit_states",
}

HEAD = """# State diagrams

Drawn from the transition tables by `manage.py draw_states`; a test keeps this page and the tables equal.
"""


def page() -> str:
    """The whole page, in Markdown with Mermaid diagrams."""
    parts = [HEAD]
    for title, module in TABLES.items():
        parts.append(f"## {title}\n\n`{module}`\n\n```mermaid\n{diagram(import_module(module).TRANSITIONS)}\n```\n")
    return "\n".join(parts)
