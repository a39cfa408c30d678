"""Digital stamps (marche da bollo digitali) that come with receipts: what may be wrong with one. Pure."""

from collections.abc import Collection, Mapping
from enum import StrEnum


class StampFinding(StrEnum):
    """Why a stamp cannot be relied on."""

    UNREADABLE = "unreadable"
    SCHEMA = "schema"
    DIGEST = "digest"
    NOT_REQUESTED = "not_requested"
    AMOUNT = "amount"
    REUSED = "reused"
    SIGNATURE = "signature"
    UNTRUSTED = "untrusted"


FINDING_LABELS: Mapping[StampFinding, str] = {
    StampFinding.UNREADABLE: "il documento non si legge",
    StampFinding.SCHEMA: "il documento non ha la forma di una marca da bollo",
    StampFinding.DIGEST: "l'impronta non è quella del documento da bollare",
    StampFinding.NOT_REQUESTED: "per questo versamento non era stata chiesta una marca",
    StampFinding.AMOUNT: "l'importo non è quello del versamento",
    StampFinding.REUSED: "lo stesso identificativo è arrivato con un'altra ricevuta",
    StampFinding.SIGNATURE: "la firma non corrisponde al contenuto",
    StampFinding.UNTRUSTED: "chi ha firmato non è tra quelli ammessi",
}


class StampState(StrEnum):
    """What a check concludes. Without trust anchors a stamp is never valid: nobody can say who signed it."""

    VALID = "valid"
    UNVERIFIED = "unverified"
    INVALID = "invalid"


STATE_LABELS: Mapping[StampState, str] = {
    StampState.VALID: "valida",
    StampState.UNVERIFIED: "firma non verificata",
    StampState.INVALID: "non valida",
}


def stamp_state(findings: Collection[StampFinding], *, signer_known: bool) -> StampState:
    """The conclusion. `signer_known` means that the signature leads to a trust anchor of the installation."""
    if findings:
        return StampState.INVALID
    return StampState.VALID if signer_known else StampState.UNVERIFIED
