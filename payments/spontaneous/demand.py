"""What a counter asks through the node (paDemandPaymentNotice) becomes a spontaneous payment."""

from django_scopes import scopes_disabled

from payments import events
from payments.domain.spontaneous import Asked
from payments.models import Instalment, StationLink
from payments.node.demand import DemandData, UnknownService
from payments.services.numbers import issuing_link
from payments.services.spontaneous import Channel, Wanted, spontaneous_open
from payments.spontaneous.selectors import Offer, offer_of
from portal import clock
from portal.billing.socket import Payer
from portal.kernel.errors import DomainError


def demand(entity_id: int, service: str, data: DemandData) -> str:
    """The number of the notice made for a counter; the same one when the node repeats itself.

    Raises UnknownService, or DomainError when the data cannot become a debt: `kind` is the code of the service's kind
    of debt, and what has compulsory questions cannot be asked at a counter, which has no room for the answers.
    """
    offer = offer_of(entity=entity_id, code=service, on=clock.today())
    if offer is None:
        raise UnknownService
    if data.kind != offer.service.debt_kind:
        raise DomainError("kind", "Il tipo di dovuto non è quello del servizio.")
    if _station_of(offer).provider != StationLink.Provider.NODE:
        raise DomainError("provider", "Le posizioni di questo servizio non si pubblicano dalla stazione dell'ente.")
    wanted = Wanted(
        payer=Payer(data.debtor_kind, data.debtor_fiscal_code, data.debtor_name, data.debtor_email),
        asked=Asked(cents=data.cents, quantity=data.quantity),
        reason=data.reason,
    )
    payment = spontaneous_open(
        service=offer.service, wanted=wanted, channel=Channel.NODE, actor=events.NODE, about=data.subject
    )
    with scopes_disabled():
        return Instalment.objects.values_list("nav", flat=True).get(option__position__charge=payment.charge_id)


def _station_of(offer: Offer) -> StationLink:
    with scopes_disabled():
        return issuing_link(entity_id=offer.service.entity_id, kind=offer.kind)
