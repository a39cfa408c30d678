"""The office's pages: a file comes in, is looked at, is imported; a fine is served, appealed, taken back."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from payments.admin.forms import OutsideForm
from payments.admin.outside import arrived_of
from payments.domain.states import OPEN, State
from payments.fines.access import reading_bodies, working_bodies
from payments.fines.domain.imports import State as ImportState
from payments.fines.domain.stages import OWN_NUMBERS, TRANSITIONS, Action, AppealTo, ServedHow, Stage
from payments.fines.forms import (
    AppealForm,
    CancelForm,
    DecisionForm,
    ForfeitForm,
    LetGoForm,
    PlanForm,
    SendFeeForm,
    ServeForm,
    UploadForm,
)
from payments.fines.models import FileKind, Fine, FineImport
from payments.fines.selectors import missing, rest_of
from payments.fines.services.fees import fine_send_fee
from payments.fines.services.files import file_check, file_queue, file_receive
from payments.fines.services.importing import progress_key
from payments.fines.services.paid import points_sent
from payments.fines.services.rests import fine_rest_ask, fine_rest_let_go
from payments.fines.services.serving import fine_serve
from payments.fines.services.stages import (
    fine_appeal,
    fine_appeal_closed,
    fine_appeal_decided,
    fine_cancel,
    fine_instalments,
    fine_instalments_closed,
    fine_instalments_forfeited,
)
from payments.models import Position
from payments.services.outside import outside_record
from portal.audit.actor import Actor
from portal.audit.registers import actor_of
from portal.kernel.errors import DomainError
from portal.kernel.money import cents_from_decimal, euro

Run = Callable[[Fine, dict[str, Any], Actor], object]


@dataclass(frozen=True, slots=True)
class Move:
    """Something the office does to a fine: its name in the address, its title, what it asks, what it does."""

    name: str
    title: Any
    form: type[forms.Form]
    run: Run
    of: Action | None = None


def _appeal_rejected(fine: Fine, said: dict[str, Any], actor: Actor) -> Fine:
    """With a sum the decision takes the place of the fine's amounts; without, they are due again as they were."""
    if said["amount"] is None:
        return fine_appeal_closed(fine_id=fine.pk, upheld=False, actor=actor)
    cents = cents_from_decimal(said["amount"])
    return fine_appeal_decided(fine_id=fine.pk, cents=cents, due_on=said["due_on"], actor=actor)


MOVES = (
    Move(
        "notifica",
        gettext_lazy("Registra la notifica"),
        ServeForm,
        lambda fine, said, actor: fine_serve(
            fine_id=fine.pk, served_on=said["served_on"], how=ServedHow(said["how"]), actor=actor
        ),
    ),
    Move(
        "send",
        gettext_lazy("Registra il costo SEND"),
        SendFeeForm,
        lambda fine, said, actor: fine_send_fee(fine_id=fine.pk, cents=cents_from_decimal(said["fee"]), actor=actor),
    ),
    Move(
        "ricorso",
        gettext_lazy("Registra un ricorso"),
        AppealForm,
        lambda fine, said, actor: fine_appeal(fine_id=fine.pk, to=AppealTo(said["to"]), actor=actor),
        Action.APPEAL,
    ),
    Move(
        "ricorso-respinto",
        gettext_lazy("Ricorso respinto"),
        DecisionForm,
        _appeal_rejected,
        Action.APPEAL_REJECTED,
    ),
    Move(
        "ricorso-accolto",
        gettext_lazy("Ricorso accolto"),
        forms.Form,
        lambda fine, said, actor: fine_appeal_closed(fine_id=fine.pk, upheld=True, actor=actor),
        Action.APPEAL_UPHELD,
    ),
    Move(
        "rate",
        gettext_lazy("Concedi la rateazione"),
        PlanForm,
        lambda fine, said, actor: fine_instalments(
            fine_id=fine.pk,
            count=said["count"],
            income_cents=cents_from_decimal(said["income"]),
            relatives=said["relatives"],
            asked_on=said["asked_on"],
            actor=actor,
        ),
        Action.GRANT_PLAN,
    ),
    Move(
        "fine-rate",
        gettext_lazy("Ritira la rateazione"),
        forms.Form,
        lambda fine, said, actor: fine_instalments_closed(fine_id=fine.pk, actor=actor),
        Action.CLOSE_PLAN,
    ),
    Move(
        "decadenza",
        gettext_lazy("Dichiara la decadenza dalle rate"),
        ForfeitForm,
        lambda fine, said, actor: fine_instalments_forfeited(fine_id=fine.pk, reason=said["reason"], actor=actor),
        Action.FORFEIT_PLAN,
    ),
    Move(
        "annulla",
        gettext_lazy("Annulla la multa"),
        CancelForm,
        lambda fine, said, actor: fine_cancel(fine_id=fine.pk, reason=said["reason"], actor=actor),
        Action.CANCEL,
    ),
    Move(
        "punti",
        gettext_lazy("Punti comunicati all'anagrafe"),
        forms.Form,
        lambda fine, said, actor: points_sent(fine_id=fine.pk, actor=actor),
    ),
    Move(
        "fuori-pagopa",
        gettext_lazy("Registra un pagamento fuori da pagoPA"),
        OutsideForm,
        lambda fine, said, actor: outside_record(position_id=_to_pay(fine).pk, arrived=arrived_of(said), actor=actor),
    ),
    Move(
        "differenza",
        gettext_lazy("Chiedi la differenza"),
        forms.Form,
        lambda fine, said, actor: fine_rest_ask(fine_id=fine.pk, actor=actor),
    ),
    Move(
        "saldo",
        gettext_lazy("Accetta come saldo"),
        LetGoForm,
        lambda fine, said, actor: fine_rest_let_go(fine_id=fine.pk, reason=said["reason"], actor=actor),
    ),
)
RESTS = frozenset({"differenza", "saldo"})


def _to_pay(fine: Fine) -> Position:
    """What is to be paid of a fine: itself, or the difference that was asked for."""
    rest = None if fine.position.state in OPEN else rest_of(fine)
    return rest.position if rest and rest.position else fine.position


def _also_paid(fine: Fine) -> set[str]:
    """What is still to be said of a fine once it is paid: its points, and the day of service if nobody knew it."""
    return {"punti"} if fine.served_on else {"punti", "notifica"}


# Once something was paid of a plan, neither can be any more.
_UNTOUCHED = frozenset({Action.CLOSE_PLAN, Action.CANCEL})


def moves_of(fine: Fine) -> list[Move]:
    """What can be done to a fine as it stands."""
    if fine.position.state not in OPEN and missing(fine) is not None:
        return [move for move in MOVES if _possible(fine, move) or move.name in RESTS]
    return [move for move in MOVES if _possible(fine, move) and move.name not in RESTS]


def _possible(fine: Fine, move: Move) -> bool:
    if move.name == "fuori-pagopa":
        return _to_pay(fine).state in OPEN
    return _follows(fine, move.of) if move.of else _may_be_said(fine, move.name)


def _follows(fine: Fine, action: Action) -> bool:
    state = fine.position.state
    begun = state == State.PARTLY_PAID and action in _UNTOUCHED
    return (Stage(fine.stage), action) in TRANSITIONS and state in OPEN and not begun


def _may_be_said(fine: Fine, name: str) -> bool:
    """Moves without an action: of a fine that is not cancelled, and while they change something."""
    if fine.stage == Stage.CANCELLED or (name == "send" and fine.stage not in OWN_NUMBERS):
        return False
    if name == "notifica" and fine.served_on and fine.stage not in OWN_NUMBERS:
        return False
    return fine.position.state in OPEN or name in _also_paid(fine)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def action(request: HttpRequest, fine_id: int, name: str) -> HttpResponse:
    """One move: what it asks, then what it did. A refusal is told with its reason."""
    fine = Fine.objects.select_related("position").filter(pk=fine_id, entity__in=working_bodies(request)).first()
    move = next((move for move in MOVES if move.name == name), None)
    if fine is None or move is None:
        raise Http404
    is_post = request.method == "POST"
    form = move.form(request.POST if is_post else None, request.FILES if is_post else None)
    if form.is_valid():
        try:
            move.run(fine, form.cleaned_data, actor_of(request))
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, _("Fatto: %(what)s.") % {"what": move.title})
        return redirect("admin:payments_fines_fine_change", fine.pk)
    frame = admin.site.each_context(request)
    context = {**frame, "title": move.title, "fine": fine, "form": form, "facts": _facts(fine, move)}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "payments/fines/admin_action.html", context, status=status)


def _facts(fine: Fine, move: Move) -> list[tuple[Any, str]]:
    """What who is asked has to know."""
    short = missing(fine) if move.name in RESTS else None
    if short is None:
        return []
    return [
        (_("Pagato il"), f"{short.paid_on:%d/%m/%Y}"),
        (_("Pagato"), euro(short.paid)),
        (_("Dovuto quel giorno"), euro(short.due)),
        (_("Differenza"), euro(short.cents)),
    ]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Take a file: it is kept and checked, and nothing of it is imported yet."""
    bodies = working_bodies(request)
    if not bodies:
        raise PermissionDenied
    form = UploadForm(request.POST or None, request.FILES or None, entity_ids=bodies)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        reading = file_receive(
            entity=said["entity"],
            kind=FileKind(said["kind"]),
            name=said["file"].name,
            content=said["file"].read(),
            actor=actor_of(request),
        )
        return redirect("admin:payments_fines_fineimport_change", reading.pk)
    context = {**admin.site.each_context(request), "title": _("Carica un file"), "form": form}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "payments/fines/admin_upload.html", context, status=status)


@require_POST
def start(request: HttpRequest, import_id: int) -> HttpResponse:
    """Import a checked file; a worker does it."""
    reading = _import(request, import_id)
    try:
        file_queue(import_id=reading.pk, actor=actor_of(request))
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("L'importazione è partita: questa pagina dice a che punto è."))
    return redirect("admin:payments_fines_fineimport_change", reading.pk)


@require_POST
def check(request: HttpRequest, import_id: int) -> HttpResponse:
    """Look at a refused file again, once what was missing is there."""
    reading = _import(request, import_id)
    file_check(file_id=reading.file_id)
    return redirect("admin:payments_fines_fineimport_change", reading.pk)


@never_cache
@require_safe
def download(request: HttpRequest, import_id: int) -> HttpResponse:
    """The bytes of a file, exactly as they came."""
    reading = FineImport.objects.select_related("file").filter(
        pk=import_id, entity__in=reading_bodies(request)
    ).first()  # fmt: skip
    if reading is None:
        raise Http404
    name = reading.file.name.replace('"', "").replace("\\", "")
    return HttpResponse(
        bytes(reading.file.content),
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


def progress_of(reading: FineImport) -> int | None:
    """How far a running import is, in hundredths; None when none runs."""
    if reading.state != ImportState.QUEUED:
        return None
    rows = reading.totals.get("rows", 0) or 1
    return min(100, 100 * int(cache.get(progress_key(reading.file_id), 0)) // rows)


def _import(request: HttpRequest, import_id: int) -> FineImport:
    reading = FineImport.objects.filter(pk=import_id, entity__in=working_bodies(request)).first()
    if reading is None:
        raise Http404
    return reading
