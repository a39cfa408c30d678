"""How a counterpart shows a page: without the portal's request, session or menus."""

from typing import Any

from django.http import HttpResponse
from django.template.loader import render_to_string


def page(template: str, context: dict[str, Any] | None = None, *, status: int = 200) -> HttpResponse:
    """A page of the sandbox. Its template extends `portal/operations/sandbox/base.html`."""
    return HttpResponse(render_to_string(template, context), status=status)
