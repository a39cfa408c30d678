"""Steps made of one form: type of permit, load, period."""

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exceptional_transport.domain.terms import PermitKind, check_period, is_short_notice, trips_of
from exceptional_transport.wizard.core import Answers, Page, Wizard, bind, errors_of, raw
from exceptional_transport.wizard.forms import KindForm, LoadForm, PeriodForm
from portal.kernel.errors import DomainError
from portal.words import told

WORDS = {
    PermitKind.SINGLE: gettext_lazy("Singola: un viaggio, fino a {months} mesi"),
    PermitKind.MULTIPLE: gettext_lazy("Multipla: un numero fissato di viaggi uguali, fino a {months} mesi"),
    PermitKind.PERIODIC: gettext_lazy("Periodica: viaggi senza limite di numero, fino a {months} mesi"),
}


def read_kind(post: QueryDict) -> Answers:
    return raw(KindForm, post)


def build_kind(wizard: Wizard, answers: Answers, check: bool) -> Page:
    """Type of permit and number of trips. Who applies is known and only shown."""
    choices = [
        (kind.value, str(words).format(months=wizard.figures[f"{kind}_months"])) for kind, words in WORDS.items()
    ]
    form = bind(KindForm, answers, check=check, choices=choices)
    page = Page({"form": form, "person": wizard.acting.person, "company": wizard.acting.company})
    if check:
        page.errors = errors_of(form)
    if check and page.is_good:
        kind = PermitKind(form.cleaned_data["kind"])
        page.value = (kind, trips_of(kind, form.cleaned_data["trips"]))
    return page


def read_load(post: QueryDict) -> Answers:
    return raw(LoadForm, post)


def build_load(wizard: Wizard, answers: Answers, check: bool) -> Page:
    """The load, and the size of the convoy as it travels."""
    form = bind(LoadForm, answers, check=check)
    page = Page({"form": form})
    if check:
        page.errors = errors_of(form)
        page.value = form.cleaned_data if page.is_good else None
    return page


def read_period(post: QueryDict) -> Answers:
    return raw(PeriodForm, post)


def build_period(wizard: Wizard, answers: Answers, check: bool) -> Page:
    """From when to when. How long a permit may last depends on its type."""
    notice = wizard.figures["notice_days"]
    form = bind(PeriodForm, answers, check=check)
    form.fields["urgent_reason"].help_text = _("Serve solo se il viaggio inizia prima di %(days)s giorni da oggi.") % {
        "days": notice
    }
    page = Page({"form": form, "notice_days": notice})
    if check:
        if form.is_valid():
            _judge_period(wizard, form)
        page.errors = errors_of(form)
        page.value = form.cleaned_data if page.is_good else None
    return page


def _judge_period(wizard: Wizard, form: PeriodForm) -> None:
    data = form.cleaned_data
    kind = wizard.answers("richiedente").get("kind")
    asked = PermitKind(kind) if kind in set(PermitKind) else PermitKind.PERIODIC
    try:
        check_period(asked, start=data["start_on"], end=data["end_on"], today=wizard.today, figures=wizard.figures)
    except DomainError as error:
        form.add_error("start_on" if error.code == "period_past" else "end_on", told(error))
        return
    if (
        is_short_notice(start=data["start_on"], today=wizard.today, figures=wizard.figures)
        and not data["urgent_reason"]
    ):
        form.add_error(
            "urgent_reason",
            _("Il viaggio inizia tra meno di %(days)s giorni: scrivi perché è urgente, o scegli una data successiva.")
            % {"days": wizard.figures["notice_days"]},
        )
