"""Legal terms in force: dated rows that somebody of the office confirmed."""

from datetime import date

from django.db.models import Q

from portal.cases.models import LegalTerm
from portal.kernel.errors import DomainError


def days_of(code: str, *, on: date) -> int:
    """Days of a term on a day. Raises DomainError when no confirmed row is in force: we do not guess the law."""
    row = (
        LegalTerm.objects.filter(code=code, valid_from__lte=on)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=on))
        .exclude(confirmed_by="")
        .order_by("-valid_from")
        .first()
    )
    if row is None:
        raise DomainError("term_missing", f"Manca un termine di legge confermato dall'ufficio: {code}.")
    return row.days
