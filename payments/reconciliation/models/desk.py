"""Rows of other rooms seen from the desks of this one."""

from django.utils.translation import gettext_lazy as _

from payments.models import Position, Receipt


class ReconciledReceipt(Receipt):
    """A receipt seen beside the flow and the treasury (quadratura)."""

    class Meta:
        proxy = True
        verbose_name = _("quadratura di una ricevuta")
        verbose_name_plural = _("quadratura dei pagamenti")


class FollowedPayment(Position):
    """A position told from its notice to the treasury, for who answers the phone (dov'è il mio pagamento)."""

    class Meta:
        proxy = True
        verbose_name = _("pagamento da ritrovare")
        verbose_name_plural = _("dov'è il mio pagamento?")
