"""Which provider a position goes to, and what it should find there."""

from enum import StrEnum

from payments.domain import outside
from payments.domain.states import SETTLED, State
from payments.models import Position, ProviderExport, StationLink
from payments.providers.base import PaymentProvider
from payments.providers.gpd import GpdProvider
from payments.providers.iris import IrisProvider
from payments.providers.node import AcaProvider, NodeProvider

Provider = ProviderExport.Provider


class Wanted(StrEnum):
    """What a provider should hold of a position."""

    PUBLISHED = "published"
    HELD = "held"
    WITHDRAWN = "withdrawn"
    NOTHING = "nothing"


def link_of(position: Position) -> StationLink | None:
    """The position's own link, or else the one its body issues with. Needs the scope of the body."""
    if position.link is not None:
        return position.link
    return StationLink.objects.filter(creditor=position.creditor_id, issues=True).first()


def provider_for(link: StationLink) -> PaymentProvider:
    """Who shows the positions of a link to pagoPA."""
    broker = link.station.broker.fiscal_code
    if link.provider == StationLink.Provider.GPD:
        return GpdProvider(broker=broker, segregation_code=link.segregation_code)
    if link.provider == StationLink.Provider.IRIS:
        return IrisProvider(broker=broker, system=link.station.code)
    return NodeProvider()


def destination(link: StationLink) -> Provider | None:
    """Where a copy of the positions of a link must be sent; None when pagoPA asks us."""
    if link.provider == StationLink.Provider.GPD:
        return Provider.GPD
    if link.provider == StationLink.Provider.IRIS:
        return Provider.IRIS
    return Provider.ACA if link.sends_to_aca else None


def outward(link: StationLink, where: Provider) -> PaymentProvider:
    """The provider that holds an export, also when the link has changed since."""
    broker = link.station.broker.fiscal_code
    if where == Provider.ACA:
        return AcaProvider(broker)
    if where == Provider.IRIS:
        return IrisProvider(broker=broker, system=link.station.code)
    return GpdProvider(broker=broker, segregation_code=link.segregation_code)


def wanted(position: Position, where: Provider) -> Wanted:
    """What the provider should hold now. Who collects in our place knows by itself what was paid; ACA does not."""
    state = State(position.state)
    if state is State.DRAFT:
        return Wanted.NOTHING
    if state is State.CANCELLED:
        return Wanted.WITHDRAWN
    if state in SETTLED:
        return Wanted.WITHDRAWN if where == Provider.ACA or _paid_outside(position) else Wanted.NOTHING
    if state is State.PARTLY_PAID and where != Provider.ACA:
        return Wanted.NOTHING
    return Wanted.HELD if position.suspended_at is not None else Wanted.PUBLISHED


def _paid_outside(position: Position) -> bool:
    """Whether money came that nobody at pagoPA knows of."""
    return position.outside_payments.filter(state=outside.State.CONFIRMED, reverses=None).exists()
