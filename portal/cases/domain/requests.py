"""What the office may ask the applicant while the clock stands still. Pure."""

from enum import StrEnum


class RequestKind(StrEnum):
    INTEGRATION = "integration"
    REFUSAL_NOTICE = "refusal_notice"
