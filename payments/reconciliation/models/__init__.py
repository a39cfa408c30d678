"""Tables of reconciliation: evidence as it came, what was read in it, and the matches between the two."""

from payments.reconciliation.models.assessments import AllocationRule, AssessmentFile, RevenueAssessment
from payments.reconciliation.models.decisions import DuplicateMark, OutsideCredit
from payments.reconciliation.models.desk import FollowedPayment, ReconciledReceipt
from payments.reconciliation.models.evidence import Channel, EvidenceFile, EvidenceKind, EvidenceReading, ReadingState
from payments.reconciliation.models.flows import FlowLine, ReportingFlow
from payments.reconciliation.models.ledger import LedgerEntry, LedgerPosting
from payments.reconciliation.models.matching import Match, MatchKind, PullCursor, PullSource, ReconciliationRun
from payments.reconciliation.models.proposals import (
    CollectionOrderLine,
    CollectionOrderProposal,
    CollectionOrderVoid,
    ProposalExport,
)
from payments.reconciliation.models.requests import ReceiptRequest, RequestState
from payments.reconciliation.models.treasury import (
    AccountBalance,
    MovementSource,
    TreasuryAccount,
    TreasuryJournal,
    TreasuryMovement,
)
from payments.reconciliation.models.verdicts import Suggestion, SuggestionState, SuggestionThreshold, Verdict
from payments.reconciliation.models.work import Correspondent, WorkItem, WorkStep

__all__ = [
    "AccountBalance",
    "AllocationRule",
    "AssessmentFile",
    "Channel",
    "CollectionOrderLine",
    "CollectionOrderProposal",
    "CollectionOrderVoid",
    "Correspondent",
    "DuplicateMark",
    "EvidenceFile",
    "EvidenceKind",
    "EvidenceReading",
    "FlowLine",
    "FollowedPayment",
    "LedgerEntry",
    "LedgerPosting",
    "Match",
    "MatchKind",
    "MovementSource",
    "OutsideCredit",
    "ProposalExport",
    "PullCursor",
    "PullSource",
    "ReadingState",
    "ReceiptRequest",
    "ReconciledReceipt",
    "ReconciliationRun",
    "ReportingFlow",
    "RequestState",
    "RevenueAssessment",
    "Suggestion",
    "SuggestionState",
    "SuggestionThreshold",
    "TreasuryAccount",
    "TreasuryJournal",
    "TreasuryMovement",
    "Verdict",
    "WorkItem",
    "WorkStep",
]
