"""The step of attachments: one file at a time, listed and removable."""

from dataclasses import dataclass

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exceptional_transport.domain.terms import PermitKind
from exceptional_transport.wizard.core import Answers, Page, Wizard
from exceptional_transport.wizard.forms import UploadForm
from portal.documents.domain.uploads import UploadRules

RULES = UploadRules()


@dataclass(frozen=True, slots=True)
class Slot:
    """A kind of document the office needs."""

    field: str
    label: str | Promise
    help: str | Promise
    required: bool


SLOTS = (
    Slot(
        "carte-circolazione",
        gettext_lazy("Carte di circolazione"),
        gettext_lazy("Una per ogni veicolo del complesso, fronte e retro."),
        required=True,
    ),
    Slot(
        "schema-carico",
        gettext_lazy("Schema di carico"),
        gettext_lazy("Il disegno quotato del complesso con le masse su ogni asse."),
        required=True,
    ),
    Slot(
        "dichiarazione-massa",
        gettext_lazy("Dichiarazione del committente sulla massa del carico"),
        gettext_lazy("Per le autorizzazioni singole e multiple oltre le masse ammesse."),
        required=False,
    ),
    Slot(
        "altro",
        gettext_lazy("Altri documenti"),
        gettext_lazy("Per esempio il certificato di assicurazione, o la delega dell'agenzia."),
        required=False,
    ),
)


def read(post: QueryDict) -> Answers:
    """Files are kept one by one, when they are uploaded."""
    return {}


def build(wizard: Wizard, answers: Answers, check: bool) -> Page:
    """What was uploaded in each slot, and what is missing."""
    files = {slot.field: [row for row in wizard.attachments if row.field == slot.field] for slot in SLOTS}
    groups = [{"slot": slot, "form": UploadForm(prefix=slot.field), "files": files[slot.field]} for slot in SLOTS]
    page = Page({"groups": groups, "types": RULES.names, "most": RULES.megabytes})
    if check:
        page.errors = [
            (f"gruppo-{slot.field}", _("%(what)s: carica almeno un file.") % {"what": slot.label})
            for slot in SLOTS
            if slot.required and not files[slot.field]
        ]
        page.value = wizard.attachments
    return page


def mass_declaration_advised(wizard: Wizard, *, kind: PermitKind, over_mass: bool) -> bool:
    """Whether the client's declaration is needed and was not uploaded."""
    given = any(row.field == "dichiarazione-massa" for row in wizard.attachments)
    return over_mass and kind is not PermitKind.PERIODIC and not given
