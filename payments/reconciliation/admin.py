"""The books in the admin: one desk to work on, and the evidence to read. Nothing here is changed by hand."""

from typing import TypeVar

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from payments.admin.base import SettingAdmin
from payments.reconciliation import (
    decision_views,
    evidence_views,
    foreign_views,
    helpdesk,
    link_views,
    report_views,
    views,
    work_views,
)
from payments.reconciliation.access import accountant_entities
from payments.reconciliation.admin_links import verdict_links
from payments.reconciliation.models import (
    EvidenceFile,
    FollowedPayment,
    MovementSource,
    ReconciledReceipt,
    ReportingFlow,
    SuggestionThreshold,
    TreasuryAccount,
    TreasuryJournal,
    TreasuryMovement,
)
from payments.reconciliation.selectors.story import may_read
from payments.reconciliation.services.accounts import account_describe, account_source_set
from payments.reconciliation.services.books import reconcile_and_book
from portal.audit.registers import ReadOnlyAdmin, actor_of
from portal.kernel.money import euro

M = TypeVar("M", bound=Model)


class AccountantAdmin(ReadOnlyAdmin[M]):
    """Rows that only accountants read, and only of their bodies."""

    list_per_page = 50
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[M]:
        """Rows of the bodies where who asks is an accountant."""
        return super().get_queryset(request).filter(entity_id__in=accountant_entities(request))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(accountant_entities(request))

    def has_view_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return bool(accountant_entities(request))


@admin.register(ReconciledReceipt)
class ReconciledReceiptAdmin(AccountantAdmin[ReconciledReceipt]):
    """The desk: its pages take the place of the admin's list and form."""

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        name = "payments_reconciliation"
        return [
            path("", guard(views.square), name=f"{name}_reconciledreceipt_changelist"),
            path("<int:receipt_id>/change/", guard(views.receipt), name=f"{name}_reconciledreceipt_change"),
            path("senza-corrispondenza/", guard(views.unpaired), name=f"{name}_unpaired"),
            path("proposte/", guard(views.suggestions), name=f"{name}_suggestions"),
            path("abbinamento/<int:match_id>/annulla/", guard(views.undo), name=f"{name}_undo"),
            path("coda/", guard(work_views.queue), name=f"{name}_queue"),
            path("coda/<int:verdict_id>/", guard(work_views.work), name=f"{name}_work"),
            path("collega/", guard(link_views.link), name=f"{name}_link"),
            path("coda/<int:verdict_id>/ricevuta/", guard(work_views.ask_receipt), name=f"{name}_ask_receipt"),
            path("doppi/", guard(decision_views.doubles), name=f"{name}_doubles"),
            path("doppi/<int:receipt_id>/", guard(decision_views.double), name=f"{name}_double"),
            path("doppi/riga/<int:line_id>/", guard(decision_views.double_line), name=f"{name}_double_line"),
            path("esteri/", guard(foreign_views.foreign), name=f"{name}_foreign"),
            path("fonti/", guard(evidence_views.sources), name=f"{name}_sources"),
            path("carica/", guard(evidence_views.upload), name=f"{name}_upload"),
            path("rapporti/", guard(report_views.show), name=f"{name}_reports"),
            path("rapporti/fascicolo.pdf", guard(report_views.print_all), name=f"{name}_reports_pdf"),
            path("rapporti/<slug:name>.csv", guard(report_views.download), name=f"{name}_reports_csv"),
            path("rapporti/<slug:name>.xlsx", guard(report_views.spreadsheet), name=f"{name}_reports_xlsx"),
            path("file/<int:evidence_id>/", guard(evidence_views.download), name=f"{name}_download"),
        ]


@admin.register(FollowedPayment)
class FollowedPaymentAdmin(ReadOnlyAdmin[FollowedPayment]):
    """Who answers the phone: pages of their own in place of the admin's list and form. See `may_read`."""

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        name = "payments_reconciliation_followedpayment"
        return [
            path("", guard(helpdesk.find), name=f"{name}_changelist"),
            path("<int:position_id>/change/", guard(helpdesk.told), name=f"{name}_change"),
        ]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(helpdesk.roles_of(request))

    def has_view_permission(self, request: HttpRequest, obj: FollowedPayment | None = None) -> bool:
        roles = helpdesk.roles_of(request)
        return bool(roles) and (obj is None or may_read(obj, roles))


@admin.register(SuggestionThreshold)
class SuggestionThresholdAdmin(SettingAdmin[SuggestionThreshold]):
    """From which amount on two persons confirm: kept by the administrators of each body."""

    list_display = ("valid_from", "amount", "source", "confirmed_by", "entity")
    list_select_related = ("entity",)

    @admin.display(description=_("importo"), ordering="cents")
    def amount(self, threshold: SuggestionThreshold) -> str:
        return euro(threshold.cents)


@admin.register(EvidenceFile)
class EvidenceFileAdmin(AccountantAdmin[EvidenceFile]):
    """Documents as they came, and what reading them gave."""

    list_display = ("name", "kind", "reading_state", "channel", "received_at", "entity")
    list_filter = ("kind", "channel", "reading__state")
    search_fields = ("name", "sha256")
    list_select_related = ("reading", "entity")
    fields = (
        "entity", "kind", "name", "original", "size", "sha256", "channel", "received_at",
        "reading_state", "loaded", "remarks",
    )  # fmt: skip
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[EvidenceFile]:
        """Without the bytes: only the download needs them."""
        return super().get_queryset(request).select_related("reading", "entity").defer("content")

    @admin.display(description=_("lettura"))
    def reading_state(self, evidence: EvidenceFile) -> str:
        reading = getattr(evidence, "reading", None)
        return reading.get_state_display() if reading else str(_("da leggere"))

    @admin.display(description=_("righe caricate"))
    def loaded(self, evidence: EvidenceFile) -> int:
        reading = getattr(evidence, "reading", None)
        return reading.loaded if reading else 0

    @admin.display(description=_("osservazioni"))
    def remarks(self, evidence: EvidenceFile) -> str | SafeString:
        reading = getattr(evidence, "reading", None)
        if reading is None or not reading.warnings:
            return str(_("nessuna"))
        items = format_html_join("", "<li>{}</li>", ((warning["message"],) for warning in reading.warnings))
        return format_html("<ul>{}</ul>", items)

    @admin.display(description=_("originale"))
    def original(self, evidence: EvidenceFile) -> SafeString:
        address = reverse("admin:payments_reconciliation_download", args=[evidence.pk])
        return format_html('<a href="{}">{}</a>', address, _("Scarica il file com'è arrivato"))


@admin.register(ReportingFlow)
class ReportingFlowAdmin(AccountantAdmin[ReportingFlow]):
    """Reporting flows, latest settlement first."""

    list_display = ("iuf", "revision", "psp_name", "regulation_date", "declared_count", "declared", "entity")
    list_filter = ("regulation_date",)
    search_fields = ("iuf", "regulation_id")
    list_select_related = ("entity",)
    fields = (
        "entity", "iuf", "revision", "psp_id", "node_psp", "psp_name", "regulation_id", "regulation_date",
        "declared_count", "declared", "computed_count", "computed", "created_at", "published_at", "evidence",
        "verdicts",
    )  # fmt: skip
    readonly_fields = fields

    @admin.display(description=_("totale dichiarato"), ordering="declared_cents")
    def declared(self, flow: ReportingFlow) -> str:
        return euro(flow.declared_cents)

    @admin.display(description=_("totale calcolato"))
    def computed(self, flow: ReportingFlow) -> str:
        return euro(flow.computed_cents)

    @admin.display(description=_("che cosa ne è del denaro"))
    def verdicts(self, flow: ReportingFlow) -> SafeString:
        return verdict_links(flow)


@admin.register(TreasuryJournal)
class TreasuryJournalAdmin(AccountantAdmin[TreasuryJournal]):
    """Treasury journals, latest day first."""

    list_display = ("journal_id", "page", "pages", "day_from", "day_to", "entity")
    list_filter = ("year",)
    search_fields = ("journal_id",)
    list_select_related = ("entity",)
    fields = (
        "entity", "journal_id", "layout", "page", "pages", "exercise", "day_from", "day_to",
        "opening", "income", "expense", "closing", "evidence",
    )  # fmt: skip
    readonly_fields = fields

    @admin.display(description=_("esercizio"), ordering="year")
    def exercise(self, journal: TreasuryJournal) -> str:
        return str(journal.year)

    @admin.display(description=_("saldo precedente"))
    def opening(self, journal: TreasuryJournal) -> str:
        return _amount(journal.opening_cents)

    @admin.display(description=_("entrate"))
    def income(self, journal: TreasuryJournal) -> str:
        return _amount(journal.income_cents)

    @admin.display(description=_("uscite"))
    def expense(self, journal: TreasuryJournal) -> str:
        return _amount(journal.expense_cents)

    @admin.display(description=_("saldo finale"))
    def closing(self, journal: TreasuryJournal) -> str:
        return _amount(journal.closing_cents)


@admin.register(TreasuryMovement)
class TreasuryMovementAdmin(AccountantAdmin[TreasuryMovement]):
    """Treasury movements, latest first."""

    list_display = (
        "document_number",
        "exercise",
        "document_type",
        "operation",
        "booked_on",
        "amount",
        "remittance_kind",
    )
    list_filter = ("remittance_kind", "direction", "operation", "year")
    search_fields = ("document_number", "remittance", "operation_reference")
    fields = (
        "entity", "journal", "account", "exercise", "direction", "document_type", "operation", "document_number",
        "amount", "booked_on", "value_on", "suspended_on", "operation_reference", "end_to_end", "customer",
        "remittance", "remittance_kind", "remittance_reference", "remittance_confidence", "verdicts",
    )  # fmt: skip
    readonly_fields = fields

    @admin.display(description=_("esercizio"), ordering="year")
    def exercise(self, movement: TreasuryMovement) -> str:
        return str(movement.year)

    @admin.display(description=_("importo"), ordering="cents")
    def amount(self, movement: TreasuryMovement) -> str:
        return euro(movement.cents)

    @admin.display(description=_("che cosa ne è del denaro"))
    def verdicts(self, movement: TreasuryMovement) -> SafeString:
        return verdict_links(movement)


@admin.register(TreasuryAccount)
class TreasuryAccountAdmin(AccountantAdmin[TreasuryAccount]):
    """Accounts that documents named: accountants say which document counts for each."""

    list_display = ("code", "description", "iban", "source", "entity")
    list_filter = ("source",)
    list_select_related = ("entity",)
    fields = ("body", "code", "description", "iban", "source")
    readonly_fields = ("body", "code")

    def has_change_permission(self, request: HttpRequest, obj: TreasuryAccount | None = None) -> bool:
        entities = accountant_entities(request)
        return bool(entities) and (obj is None or obj.entity_id in entities)

    def save_model(
        self, request: HttpRequest, obj: TreasuryAccount, form: ModelForm[TreasuryAccount], change: bool
    ) -> None:
        """The movements already read follow the choice, and everything is judged again."""
        account_describe(account=obj, iban=obj.iban, description=obj.description, actor=actor_of(request))
        if "source" in form.changed_data:
            account_source_set(account=obj, source=MovementSource(obj.source), actor=actor_of(request))
            reconcile_and_book(entity=obj.entity, actor=actor_of(request), full=True)


def _amount(cents: int | None) -> str:
    return "" if cents is None else euro(cents)
