"""Positions to the providers: promised in the transaction that changed them, carried by the outbox, told to the office.

What is sent is always the position as it is at that moment, so a message that comes late or twice does no harm.
"""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q

from payments.domain.states import State
from payments.models import Position, ProviderExport, ProviderUpload, StationLink
from payments.providers import events
from payments.providers.base import PaymentProvider
from payments.providers.data import PositionData
from payments.providers.registry import Wanted, destination, link_of, outward, wanted
from payments.providers.snapshot import snapshot
from portal import clock
from portal.audit.actor import Actor
from portal.kernel.errors import DomainError, GatewayError
from portal.outbox import services as outbox

HANDLER = "payments.provider"
# Longer than the slowest exchange: create, replace, ask for the state.
BUSY = timedelta(minutes=2)
State_ = ProviderExport.State
logger = logging.getLogger(__name__)


def enqueue(position: Position) -> None:
    """Promise that the provider will hold the position as it is now; call it in the transaction that changes it.

    For every change: opened, cancelled, suspended, resumed, paid. Needs the scope of the body. Does nothing when
    pagoPA asks our own station and no copy is kept elsewhere.
    """
    link = link_of(position)
    where = destination(link) if link is not None else None
    places = set(ProviderExport.objects.filter(position=position).values_list("provider", flat=True))
    if where is not None and wanted(position, where) in (Wanted.PUBLISHED, Wanted.HELD):
        places.add(where)
    for place in sorted(places):
        _promise(position, ProviderExport.Provider(place))


def _promise(position: Position, where: ProviderExport.Provider) -> None:
    if wanted(position, where) is Wanted.NOTHING:
        return
    export, created = ProviderExport.objects.get_or_create(
        entity_id=position.entity_id, position=position, provider=where, defaults={"created_at": clock.now()}
    )
    if not created:
        _again(export)
    outbox.send(HANDLER, {"export": export.pk}, entity_id=position.entity_id)


def _again(export: ProviderExport) -> None:
    ProviderExport.objects.filter(pk=export.pk).update(
        state=State_.WAITING, revision=F("revision") + 1, last_error="", upload=None
    )


@transaction.atomic
def export_retry(*, export_id: int, actor: Actor) -> None:
    """The office asks to try again what was refused. Raises DomainError."""
    export = ProviderExport.objects.select_for_update(of=("self",)).get(pk=export_id)
    if export.state != State_.FAILED:
        raise DomainError("export_not_failed", "Si riprova soltanto una posizione rifiutata.")
    _again(export)
    outbox.send(HANDLER, {"export": export.pk}, entity_id=export.entity_id)
    events.provider_asked_again(export, actor=actor)


def deliver(*, export_id: int) -> None:
    """Bring the provider up to date. Raises GatewayError (the outbox tries again, unless permanent), DomainError."""
    export = _taken(export_id)
    try:
        reached = _sent(export)
    except (GatewayError, DomainError) as error:
        _refused(export, error)
        raise
    _settled(export, reached)


def _taken(export_id: int) -> ProviderExport:
    """The export, for us alone while the network answers. Raises GatewayError when another worker has it."""
    now = clock.now()
    free = ProviderExport.objects.filter(Q(busy_until=None) | Q(busy_until__lt=now), pk=export_id)
    if not free.update(busy_until=now + BUSY, attempts=F("attempts") + 1):
        raise GatewayError("another worker is telling the provider", permanent=False)
    return ProviderExport.objects.select_related("position__link__station__broker").get(pk=export_id)


def _sent(export: ProviderExport) -> ProviderExport.State:
    position, where = export.position, ProviderExport.Provider(export.provider)
    link = link_of(position)
    if link is None:
        raise DomainError("link_missing", "L'ente non ha più un collegamento per questa posizione.")
    goal = wanted(position, where)
    if destination(link) != where and goal in (Wanted.PUBLISHED, Wanted.HELD):
        goal = Wanted.WITHDRAWN  # the copy is not kept there any more
    if goal is Wanted.NOTHING:
        return ProviderExport.State(export.state)
    if goal is not Wanted.PUBLISHED and _file_in_work(export, link):
        # Taken away before the file is worked, it would be put there again afterwards.
        raise GatewayError("the file that carries it is still in work", permanent=False)
    data = snapshot(position.pk, on=clock.today())
    if where == ProviderExport.Provider.ACA and data.has_stamp:
        return State_.WITHDRAWN  # a digital stamp is sold by our own checkout alone: no copy is kept
    acts: dict[Wanted, tuple[Callable[[PaymentProvider, PositionData], None], ProviderExport.State]] = {
        Wanted.PUBLISHED: (lambda provider, it: provider.publish(it), State_.PUBLISHED),
        Wanted.HELD: (lambda provider, it: provider.hold(it), State_.HELD),
        Wanted.WITHDRAWN: (lambda provider, it: provider.invalidate(it), State_.WITHDRAWN),
    }
    act, reached = acts[goal]
    act(outward(link, where), data)
    return reached


def _file_in_work(export: ProviderExport, link: StationLink) -> bool:
    """Whether a file handed over with this position has not been reported on: both were written at the same time."""
    working = ProviderUpload.objects.filter(link=link, state=ProviderUpload.State.WORKING)
    return export.provider == ProviderExport.Provider.GPD and working.filter(created_at=export.created_at).exists()


def _settled(export: ProviderExport, reached: ProviderExport.State) -> None:
    """What was asked meanwhile has its own message: only the revision we told is settled."""
    with transaction.atomic():
        _free(export)
        same = ProviderExport.objects.filter(pk=export.pk, revision=export.revision)
        if same.update(state=reached, last_error="", answered_at=clock.now()):
            export.state = reached
            events.provider_answered(export)


def _refused(export: ProviderExport, error: GatewayError | DomainError) -> None:
    final = isinstance(error, DomainError) or error.permanent
    values = {"last_error": _words(error), "answered_at": clock.now()}
    with transaction.atomic():
        _free(export)
        same = ProviderExport.objects.filter(pk=export.pk, revision=export.revision)
        if same.update(**values, **({"state": State_.FAILED} if final else {})) and final:
            export.state = State_.FAILED
            events.provider_answered(export)


def _free(export: ProviderExport) -> None:
    ProviderExport.objects.filter(pk=export.pk).update(busy_until=None)


def _words(error: GatewayError | DomainError) -> str:
    """What the office reads: our sentence, or the kind of failure with the provider's reason."""
    if isinstance(error, DomainError):
        return error.message[:300]
    reason = getattr(error, "reason", "")
    return (f"{error} · {reason}" if reason else str(error))[:300]


def refresh_dated_amounts() -> int:
    """Tell the providers the amounts that change today, or changed on a day when nobody told them. Returns how many
    positions. Needs no scope of one body.
    """
    today = clock.today()
    dated = "position__options__instalments__dated_amounts__valid_from"
    untold = ProviderExport.objects.filter(
        Q(**{dated: today}) | Q(answered_at__date__lt=F(dated)),
        **{f"{dated}__lte": today},
        state=State_.PUBLISHED,
        position__state__in=[State.PUBLISHED, State.PARTLY_PAID],
    )
    told = list(Position.objects.filter(pk__in=untold.values("position")))
    for position in told:
        with transaction.atomic():
            enqueue(position)
    return len(told)
