"""Who is owed, through which station, and the dated kinds of debt."""

from django.contrib import admin

from payments.admin.base import SettingAdmin
from payments.models import Broker, CreditorEntity, DebtKind, Station, StationLink


@admin.register(CreditorEntity)
class CreditorEntityAdmin(SettingAdmin[CreditorEntity]):
    list_display = ("entity", "cbill_code", "iban", "postal_account")
    list_select_related = ("entity",)


@admin.register(Broker)
class BrokerAdmin(SettingAdmin[Broker]):
    list_display = ("name", "fiscal_code", "entity")
    list_select_related = ("entity",)


@admin.register(Station)
class StationAdmin(SettingAdmin[Station]):
    list_display = ("code", "broker", "entity")
    list_select_related = ("entity", "broker")


@admin.register(StationLink)
class StationLinkAdmin(SettingAdmin[StationLink]):
    list_display = ("creditor", "station", "segregation_code", "provider", "active", "issues")
    list_select_related = ("creditor__entity", "station")


@admin.register(DebtKind)
class DebtKindAdmin(SettingAdmin[DebtKind]):
    """A row without «confermato da» asks for no money."""

    list_display = (
        "code",
        "description",
        "taxonomy_code",
        "valid_from",
        "valid_until",
        "source",
        "confirmed_by",
        "entity",
    )
    list_filter = ("code", "entity")
    list_select_related = ("entity",)
