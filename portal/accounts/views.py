"""Pages of the staff's second factor that allauth does not have, or has otherwise."""

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn.views import ReauthenticateWebAuthnView, RemoveWebAuthnView
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from portal.accounts.selectors import factors_of


@require_safe
def second_factor(request: HttpRequest) -> HttpResponse:
    """Where whoever must have a second factor is led: an app or a passkey. Who has one goes to the list."""
    if factors_of(request.user):  # type: ignore[arg-type]  # behind the staff's guard
        return redirect("mfa_index")
    return render(request, "account/second_factor.html")


class RemovePasskeyView(RemoveWebAuthnView):  # type: ignore[misc]
    """The last factor of who must have one is not taken away."""

    def form_valid(self, form: Form) -> HttpResponse:
        adapter = get_adapter()
        if adapter.can_delete_authenticator(self.get_object()):
            return super().form_valid(form)  # type: ignore[no-any-return]
        refusal: ValidationError = adapter.validation_error("cannot_delete_authenticator")
        messages.error(self.request, refusal.message)
        return redirect("mfa_index")


class PasskeyAgainView(ReauthenticateWebAuthnView):  # type: ignore[misc]
    """A passkey that did not answer is asked again on the same page."""

    def form_invalid(self, form: Form) -> HttpResponse:
        for text in form.errors.get("credential", []):
            get_account_adapter().add_message(self.request, messages.ERROR, message=text)
        return redirect(self.request.get_full_path())


remove_passkey = RemovePasskeyView.as_view()
passkey_again = PasskeyAgainView.as_view()
