"""Tables of payments, grouped by what they know."""

from payments.models.campaigns import Campaign, CampaignItem, CampaignPart
from payments.models.imports import ImportedPosition, PositionFile, PositionFileReading
from payments.models.journal import NodeCall, QuarantinedMessage
from payments.models.outside import OutsidePayment
from payments.models.positions import DatedAmount, Instalment, Notice, PaymentOption, Position, Transfer
from payments.models.providers import IbanCheck, ProviderExport, ProviderUpload, ReceiptPull
from payments.models.receipts import Receipt, ReceiptCase, ReceiptTransfer
from payments.models.refunds import Refund
from payments.models.registry import Broker, CreditorEntity, DebtKind, IuvSequence, Station, StationLink
from payments.models.reminders import Reminder
from payments.models.spontaneous import (
    SpontaneousPayment,
    SpontaneousPrice,
    SpontaneousQuestion,
    SpontaneousService,
)
from payments.models.stamps import StampAttachment, StampCheck

__all__ = [
    "Broker",
    "Campaign",
    "CampaignItem",
    "CampaignPart",
    "CreditorEntity",
    "DatedAmount",
    "DebtKind",
    "IbanCheck",
    "ImportedPosition",
    "Instalment",
    "IuvSequence",
    "NodeCall",
    "Notice",
    "OutsidePayment",
    "PaymentOption",
    "Position",
    "PositionFile",
    "PositionFileReading",
    "ProviderExport",
    "ProviderUpload",
    "QuarantinedMessage",
    "Receipt",
    "ReceiptCase",
    "ReceiptPull",
    "ReceiptTransfer",
    "Refund",
    "Reminder",
    "SpontaneousPayment",
    "SpontaneousPrice",
    "SpontaneousQuestion",
    "SpontaneousService",
    "StampAttachment",
    "StampCheck",
    "Station",
    "StationLink",
    "Transfer",
]
