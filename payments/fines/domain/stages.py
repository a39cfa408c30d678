"""What may happen to a fine besides being paid. Pure. Whether it is paid is the position's matter."""

from collections.abc import Mapping
from enum import StrEnum

from portal.kernel.states import Transitions


class Stage(StrEnum):
    OPEN = "open"
    APPEALED = "appealed"
    REAPPEALED = "reappealed"
    DECIDED = "decided"
    IN_INSTALMENTS = "in_instalments"
    COMPLETED = "completed"
    FORFEITED = "forfeited"
    CANCELLED = "cancelled"


class Action(StrEnum):
    APPEAL = "appeal"
    APPEAL_REJECTED = "appeal_rejected"
    APPEAL_DECIDED = "appeal_decided"
    APPEAL_UPHELD = "appeal_upheld"
    GRANT_PLAN = "grant_plan"
    CLOSE_PLAN = "close_plan"
    COMPLETE_PLAN = "complete_plan"
    FORFEIT_PLAN = "forfeit_plan"
    CANCEL = "cancel"


STAGE_LABELS: Mapping[Stage, str] = {
    Stage.OPEN: "in corso",
    Stage.APPEALED: "sospeso per ricorso",
    Stage.REAPPEALED: "sospeso per ricorso contro la decisione",
    Stage.DECIDED: "ricorso respinto, somma decisa",
    Stage.IN_INSTALMENTS: "in pagamento a rate",
    Stage.COMPLETED: "rateazione conclusa",
    Stage.FORFEITED: "decaduto dalla rateazione",
    Stage.CANCELLED: "annullato",
}

TRANSITIONS: Transitions[Stage, Action] = {
    (Stage.OPEN, Action.APPEAL): Stage.APPEALED,
    (Stage.APPEALED, Action.APPEAL_REJECTED): Stage.OPEN,
    (Stage.APPEALED, Action.APPEAL_DECIDED): Stage.DECIDED,
    (Stage.APPEALED, Action.APPEAL_UPHELD): Stage.CANCELLED,
    (Stage.DECIDED, Action.APPEAL): Stage.REAPPEALED,
    (Stage.REAPPEALED, Action.APPEAL_REJECTED): Stage.DECIDED,
    (Stage.REAPPEALED, Action.APPEAL_DECIDED): Stage.DECIDED,
    (Stage.REAPPEALED, Action.APPEAL_UPHELD): Stage.CANCELLED,
    (Stage.OPEN, Action.GRANT_PLAN): Stage.IN_INSTALMENTS,
    (Stage.IN_INSTALMENTS, Action.CLOSE_PLAN): Stage.OPEN,
    (Stage.IN_INSTALMENTS, Action.COMPLETE_PLAN): Stage.COMPLETED,
    (Stage.IN_INSTALMENTS, Action.FORFEIT_PLAN): Stage.FORFEITED,
    # A payment taken back by a contrary entry opens a plan again.
    (Stage.COMPLETED, Action.FORFEIT_PLAN): Stage.FORFEITED,
    (Stage.OPEN, Action.CANCEL): Stage.CANCELLED,
    (Stage.APPEALED, Action.CANCEL): Stage.CANCELLED,
    (Stage.REAPPEALED, Action.CANCEL): Stage.CANCELLED,
    (Stage.DECIDED, Action.CANCEL): Stage.CANCELLED,
    (Stage.IN_INSTALMENTS, Action.CANCEL): Stage.CANCELLED,
    (Stage.FORFEITED, Action.CANCEL): Stage.CANCELLED,
}

# Under appeal nobody can pay.
SUSPENDED = frozenset({Stage.APPEALED, Stage.REAPPEALED})
# The numbers the fine came with are those to pay: in the other stages something has taken their place.
OWN_NUMBERS = frozenset({Stage.OPEN, Stage.APPEALED})


class AppealTo(StrEnum):
    """Who decides on an appeal."""

    PREFECT = "prefect"
    JUDGE = "judge"


APPEAL_LABELS: Mapping[AppealTo, str] = {
    AppealTo.PREFECT: "al Prefetto",
    AppealTo.JUDGE: "al Giudice di pace",
}
# What is to be paid once an appeal was rejected with a sum, as the debtor reads it.
DECISION_LABELS: Mapping[AppealTo, str] = {
    AppealTo.PREFECT: "Ordinanza-ingiunzione del Prefetto",
    AppealTo.JUDGE: "Somma decisa dal Giudice di pace",
}
DECIDED = "Somma decisa sul ricorso"  # where it is not known who decided


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
