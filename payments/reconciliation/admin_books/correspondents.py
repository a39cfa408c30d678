"""Whom the accountants write to about what does not square."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from payments.reconciliation.admin_books.base import BookSettingAdmin
from payments.reconciliation.domain.letters import Recipient
from payments.reconciliation.models import Correspondent


class CorrespondentForm(forms.ModelForm[Correspondent]):
    """A PSP has its code; the others are one for each body."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        psp, code = data.get("role") == Recipient.PSP, data.get("psp_id", "").strip()
        if psp and not code:
            self.add_error("psp_id", _("Di un PSP scrivi il codice, come lo scrivono i flussi."))
        if not psp and code:
            self.add_error("psp_id", _("Il codice serve soltanto per un PSP."))
        return data


@admin.register(Correspondent)
class CorrespondentAdmin(BookSettingAdmin[Correspondent]):
    """PSPs, intermediary and treasurer of each body, with the address that letters go to."""

    form = CorrespondentForm
    list_display = ("name", "role", "psp_id", "email", "entity")
    list_filter = ("role", "entity")
    list_select_related = ("entity",)
    search_fields = ("name", "psp_id", "email")
    fields = ("entity", "role", "psp_id", "name", "email")
