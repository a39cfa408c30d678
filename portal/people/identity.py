"""What the identity layer hands over: a verified identity, whatever the scheme (SPID, CIE, eIDAS)."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class VerifiedIdentity:
    """Attributes an accredited identity provider asserted. `subject_key` says who it is within the scheme's key:
    the codice fiscale for SPID and CIE, so that one person with both is one person here."""

    scheme: str
    subject_key: str
    level: int
    fiscal_code: str | None
    spid_code: str
    first_name: str
    last_name: str
    birth_date: date | None
    email: str | None
    idp: str
    authenticated_at: datetime
