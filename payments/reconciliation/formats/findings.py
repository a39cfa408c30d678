"""What a reader noticed in a document: kept beside it, shown to people, never a reason to refuse it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

# Of many lines with the same fault, so many are told one by one.
MAX_REMARKS: Final = 20


class Severity(StrEnum):
    NOTE = "note"
    FAULT = "fault"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark: a stable code, and the Italian sentence the accountant reads."""

    code: str
    message: str
    severity: Severity = Severity.FAULT

    def as_json(self) -> dict[str, str]:
        """The form kept in the database."""
        return {"code": self.code, "message": self.message, "severity": self.severity.value}


class FormatError(ValueError):
    """The document cannot be read at all. `finding` says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.finding = Finding(code, message, Severity.BROKEN)
