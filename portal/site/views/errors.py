"""Error pages that Django does not render with a context of their own."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was opened too long ago, or the session ended: say so, and offer the way back."""
    referer = request.META.get("HTTP_REFERER", "")
    hosts = {request.get_host()}
    retry_url = referer if url_has_allowed_host_and_scheme(referer, hosts) else request.path
    return render(request, "403_csrf.html", {"retry_url": retry_url}, status=403)
