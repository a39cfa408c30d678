"""Pages of the desk that are not the admin's own: one for a row, and one that asks before it acts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern
from django.views.decorators.cache import never_cache

from payments.admin.base import BooksAdmin, M, roles
from portal.entities.models import Role
from portal.entities.selectors import has_role
from portal.kernel.errors import DomainError


def is_accountant(request: HttpRequest, entity_id: int) -> bool:
    """Whether who asks keeps the books of that body."""
    return has_role(roles(request), Role.ACCOUNTANT, entity_id=entity_id)


def accountant_bodies(request: HttpRequest) -> list[int]:
    """The bodies whose books who asks keeps."""
    return sorted({role.entity_id for role in roles(request) if role.role == Role.ACCOUNTANT})


class DeskAdmin(BooksAdmin[M]):
    """Rows with a page of their own in place of the admin's form."""

    list_per_page = 50
    show_full_result_count = False
    page_template = ""

    def row(self, request: HttpRequest, object_id: str) -> M:
        """A row of the bodies of who asks. Raises Http404, PermissionDenied."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = self.get_object(request, object_id)
        if found is None:
            raise Http404
        return found

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page of a row."""
        row = self.row(request, object_id)
        return self.shown(request, self.page_template, **self.page_context(request, row))

    def page_context(self, request: HttpRequest, row: M) -> dict[str, Any]:
        """What the page of a row shows."""
        raise NotImplementedError

    def shown(self, request: HttpRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
        """A page in the frame of the admin, never kept by caches."""
        frame = {**self.admin_site.each_context(request), "opts": self.model._meta}
        return never_cache(render)(request, template, {**frame, **context}, status=status)

    def own_urls(self) -> list[URLPattern]:
        """Addresses besides the admin's."""
        return []

    def get_urls(self) -> list[URLPattern]:
        return [*self.own_urls(), *super().get_urls()]


@dataclass(frozen=True, slots=True)
class Question:
    """A page that says what is about to happen, asks what it needs and does it only on POST."""

    title: Any
    submit: Any
    back: str
    form: type[forms.Form]
    act: Callable[[dict[str, Any]], Any]
    done: Any
    lead: Any = ""
    facts: Sequence[tuple[Any, Any]] = ()
    initial: dict[str, Any] | None = None
    danger: bool = False


def ask(admin: DeskAdmin[Any], request: HttpRequest, question: Question) -> HttpResponse:
    """Show the question, or act on its answer and go back where it came from. A refusal is told on the page."""
    posted = request.method == "POST"
    form = question.form(request.POST if posted else None, request.FILES if posted else None, initial=question.initial)
    if request.method == "POST" and form.is_valid():
        try:
            question.act(form.cleaned_data)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, question.done)
            return redirect(question.back)
    return admin.shown(
        request,
        "payments/admin/question.html",
        status=422 if form.errors else 200,
        title=question.title,
        question=question,
        form=form,
    )
