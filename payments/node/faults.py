"""The faults a station may answer, with the texts people read in the node's logs.

Codes from the official list of errors of the "Domino EC"; the sentences are ours.
"""

from enum import StrEnum


class FaultCode(StrEnum):
    SYNTAX = "PAA_SINTASSI_XSD"
    USE = "PAA_SINTASSI_EXTRAXSD"
    ENTITY = "PAA_ID_DOMINIO_ERRATO"
    BROKER = "PAA_ID_INTERMEDIARIO_ERRATO"
    STATION = "PAA_STAZIONE_INT_ERRATA"
    UNKNOWN = "PAA_PAGAMENTO_SCONOSCIUTO"
    DUPLICATE = "PAA_PAGAMENTO_DUPLICATO"
    EXPIRED = "PAA_PAGAMENTO_SCADUTO"
    CANCELLED = "PAA_PAGAMENTO_ANNULLATO"
    SEMANTIC = "PAA_SEMANTICA"
    SYSTEM = "PAA_SYSTEM_ERROR"


FAULT_TEXTS: dict[FaultCode, str] = {
    FaultCode.SYNTAX: "Il messaggio non rispetta lo schema.",
    FaultCode.USE: "Il messaggio rispetta lo schema ma non è utilizzabile.",
    FaultCode.ENTITY: "L'ente creditore non è servito da questa stazione.",
    FaultCode.BROKER: "L'intermediario non corrisponde a quello dell'ente.",
    FaultCode.STATION: "La stazione non corrisponde a quella dell'ente.",
    FaultCode.UNKNOWN: "Il pagamento in attesa risulta sconosciuto all'ente creditore.",
    FaultCode.DUPLICATE: "Il pagamento in attesa risulta già concluso presso l'ente creditore.",
    FaultCode.EXPIRED: "Il pagamento in attesa è scaduto presso l'ente creditore.",
    FaultCode.CANCELLED: "Il pagamento in attesa è stato annullato dall'ente creditore.",
    FaultCode.SEMANTIC: "La richiesta non può essere accolta per quello che dice.",
    FaultCode.SYSTEM: "Errore interno della stazione.",
}


class StationFault(Exception):
    """The answer is KO with this code. `detail` is a technical note without personal data; `entity_id` the body, if
    the head named one of ours.
    """

    def __init__(self, code: FaultCode, detail: str = "", *, entity_id: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.entity_id = entity_id


class UnreadableMessage(Exception):
    """The body is not a SOAP request of ours: there is no answer element to put a fault in."""

    def __init__(self, reason: str, *, status: int = 400) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


class OversizeMessage(UnreadableMessage):
    """More than the station takes: only its beginning was read. `size` is what the sender declared, in bytes."""

    def __init__(self, head: bytes, *, size: int) -> None:
        super().__init__("message too large", status=413)
        self.head = head
        self.size = size
