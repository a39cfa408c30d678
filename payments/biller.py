"""What portal.billing asks of payments."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.urls import reverse
from django_scopes import scope

from payments.domain.states import State
from payments.models import Instalment, Position
from payments.selectors import standings
from payments.services.documents import notice_document, receipt_document
from payments.services.positions import position_cancel, position_open
from portal.billing.models import Charge
from portal.billing.socket import OpenedCharge, Payer, PlannedInstalment, Standing
from portal.documents.models import Document


class PagoPaBiller:
    """Implements portal.billing.socket.Biller."""

    def open(self, charge: Charge, *, payer: Payer, plan: Sequence[PlannedInstalment]) -> OpenedCharge:
        """Make the position, in the caller's transaction. Raises DomainError when the body is not set up."""
        return OpenedCharge(notice_number=position_open(charge=charge, payer=payer, plan=plan).nav)

    def cancel(self, charge: Charge) -> None:
        """Take the position back. Raises DomainError when it was paid."""
        position_cancel(charge=charge)

    def page_url(self, charge: Charge) -> str:
        """The citizen's page of the position, without a query: lists call this for each row."""
        return reverse("payments:position", args=[charge.uuid])

    def standings(self, charges: Sequence[Charge], *, on: date) -> Mapping[int, Standing]:
        """What each costs on a day, until when, and why it cannot be paid if it cannot."""
        return standings(charges, on=on)

    def public_url(self) -> str:
        """The page where anybody pays a notice by its number and the debtor's tax code."""
        return reverse("payments:find")

    def unasked_url(self) -> str:
        """The list of what can be paid without an avviso."""
        return reverse("payments:spontaneous")

    def notice_document(self, charge: Charge) -> Document | None:
        """The printable notice, made now if the worker has not yet; None of a cancelled position, which must not be
        paid, and of one that was closed without ever being printed.
        """
        position = self._position(charge)
        if position.state == State.CANCELLED:
            return None
        return notice_document(position_id=position.pk, entity_id=charge.entity_id)

    def receipt_document(self, charge: Charge) -> Document | None:
        """The payment receipt, once paid; of a plan, the last one."""
        with scope(entity=charge.entity):
            paid = Instalment.objects.filter(option__position__charge=charge, paid_at__isnull=False).order_by(
                "-paid_at"
            )
            row = paid.values_list("pk", flat=True).first()
        return receipt_document(instalment_id=row, entity_id=charge.entity_id) if row else None

    @staticmethod
    def _position(charge: Charge) -> Position:
        with scope(entity=charge.entity):
            return Position.objects.get(charge=charge)
