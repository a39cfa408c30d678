"""What may happen to a fine besides being paid. Pure. Whether it is paid is the position's matter."""

from collections.abc import Mapping
from enum import StrEnum

from portal.kernel.states import Transitions


class Stage(StrEnum):
    OPEN = "open"
    APPEALED = "appealed"
    IN_INSTALMENTS = "in_instalments"
    CANCELLED = "cancelled"


class Action(StrEnum):
    APPEAL = "appeal"
    APPEAL_REJECTED = "appeal_rejected"
    APPEAL_UPHELD = "appeal_upheld"
    GRANT_PLAN = "grant_plan"
    CLOSE_PLAN = "close_plan"
    CANCEL = "cancel"


STAGE_LABELS: Mapping[Stage, str] = {
    Stage.OPEN: "in corso",
    Stage.APPEALED: "sospeso per ricorso",
    Stage.IN_INSTALMENTS: "sospeso per rateazione",
    Stage.CANCELLED: "annullato",
}

TRANSITIONS: Transitions[Stage, Action] = {
    (Stage.OPEN, Action.APPEAL): Stage.APPEALED,
    (Stage.APPEALED, Action.APPEAL_REJECTED): Stage.OPEN,
    (Stage.APPEALED, Action.APPEAL_UPHELD): Stage.CANCELLED,
    (Stage.OPEN, Action.GRANT_PLAN): Stage.IN_INSTALMENTS,
    (Stage.IN_INSTALMENTS, Action.CLOSE_PLAN): Stage.OPEN,
    (Stage.OPEN, Action.CANCEL): Stage.CANCELLED,
    (Stage.APPEALED, Action.CANCEL): Stage.CANCELLED,
    (Stage.IN_INSTALMENTS, Action.CANCEL): Stage.CANCELLED,
}

SUSPENDED = frozenset({Stage.APPEALED, Stage.IN_INSTALMENTS})


class DriverState(StrEnum):
    """Whether the owner must say who was driving (art. 126-bis CdS)."""

    NOT_ASKED = "not_asked"
    MISSING = "missing"
    GIVEN = "given"


DRIVER_LABELS: Mapping[DriverState, str] = {
    DriverState.NOT_ASKED: "non richiesti",
    DriverState.MISSING: "da comunicare",
    DriverState.GIVEN: "comunicati",
}


class ServedHow(StrEnum):
    """How the act reached its addressee."""

    HANDED = "handed"
    MAIL = "mail"
    COLLECTED = "collected"
    STORED = "stored"
    MESSENGER = "messenger"
    PEC = "pec"
    SEND = "send"


SERVED_LABELS: Mapping[ServedHow, str] = {
    ServedHow.HANDED: "contestazione immediata",
    ServedHow.MAIL: "consegna postale",
    ServedHow.COLLECTED: "ritiro all'ufficio postale",
    ServedHow.STORED: "compiuta giacenza",
    ServedHow.MESSENGER: "messo notificatore",
    ServedHow.PEC: "posta elettronica certificata",
    ServedHow.SEND: "piattaforma SEND",
}
