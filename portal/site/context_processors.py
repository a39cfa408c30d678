"""What every template may ask for."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from portal.site.chrome import chrome_of


def portal(request: HttpRequest) -> dict[str, Any]:
    """`chrome`: header, navigation and footer; computed only by the pages that show them."""
    return {"chrome": SimpleLazyObject(lambda: chrome_of(request))}
