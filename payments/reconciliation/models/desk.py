"""The accountant's view of receipts: same rows, another desk."""

from django.utils.translation import gettext_lazy as _

from payments.models import Receipt


class ReconciledReceipt(Receipt):
    """A receipt seen beside the flow and the treasury (quadratura)."""

    class Meta:
        proxy = True
        verbose_name = _("quadratura di una ricevuta")
        verbose_name_plural = _("quadratura dei pagamenti")
