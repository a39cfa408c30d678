"""Forms of the staff's login. allauth checks; here are the words: labels above, no placeholders."""

import struct
from typing import Any

from allauth.account import forms as account
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.accounts import services

# What the library raises on a credential that is not one.
NOT_A_CREDENTIAL = (TypeError, ValueError, KeyError, IndexError, AttributeError, struct.error)


def _plain(form: forms.Form, labels: dict[str, Any]) -> None:
    """Our labels; no placeholder, which repeats the label and disappears while typing; no link to a closed door."""
    for name, label in labels.items():
        field = form.fields[name]
        field.label, field.help_text = label, ""
        field.widget.attrs.pop("placeholder", None)
        field.widget.attrs.pop("tabindex", None)


class StaffLoginForm(account.LoginForm):  # type: ignore[misc]
    """Name and password. The session always ends with the browser: nobody is remembered."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, {"login": _("Nome utente"), "password": _("Password")})
        self.fields["login"].widget.attrs |= {"autocapitalize": "none", "spellcheck": "false"}


class StaffReauthenticateForm(account.ReauthenticateForm):  # type: ignore[misc]
    """The password again, before something delicate."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, {"password": _("Password")})


class StaffPasswordForm(account.ChangePasswordForm):  # type: ignore[misc]
    """The old password and twice the new one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {"oldpassword": _("Password attuale"), "password1": _("Nuova password")}
        _plain(self, labels | {"password2": _("Nuova password, di nuovo")})
        self.fields["password1"].help_text = " ".join(password_validators_help_texts())

    def clean_oldpassword(self) -> str:
        """Who found a desk unattended does not guess here what they may not guess at the door."""
        with services.judged(self.user, step="password"):
            return str(super().clean_oldpassword())


class AskResetForm(account.ResetPasswordForm):  # type: ignore[misc]
    """Where to send the link. Nothing is looked up here: the answer is the same for every address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, {"email": _("Indirizzo e-mail di lavoro")})

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"])

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        services.password_reset_ask(email=self.cleaned_data["email"])
        return str(self.cleaned_data["email"])


class ResetPasswordForm(account.ResetPasswordKeyForm):  # type: ignore[misc]
    """Twice the new password, from the link of the e-mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, {"password1": _("Nuova password"), "password2": _("Nuova password, di nuovo")})
        self.fields["password1"].help_text = " ".join(password_validators_help_texts())


class _CodeWords:
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, {"code": _("Codice")})  # type: ignore[arg-type]
        self.fields["code"].widget.attrs |= {"inputmode": "text", "autocapitalize": "none", "spellcheck": "false"}  # type: ignore[attr-defined]


class _CodeOnce(_CodeWords):
    """Counted like a password, and good once."""

    def clean_code(self) -> str:
        with services.judged(self.user, step="code"):  # type: ignore[attr-defined]
            code = str(super().clean_code())  # type: ignore[misc]
            factor = self.authenticator  # type: ignore[attr-defined]
            if factor.type == Authenticator.Type.TOTP and not services.totp_take(factor_id=factor.pk, code=code):
                raise get_adapter().validation_error("incorrect_code")
            factor.refresh_from_db(fields=["data"])
            return code


class SecondFactorForm(_CodeOnce, mfa.AuthenticateForm):  # type: ignore[misc]
    """The code of the app, or one of the recovery codes."""


class SecondFactorAgainForm(_CodeOnce, mfa.ReauthenticateForm):  # type: ignore[misc]
    """The code again, before something delicate."""


class ActivateAppForm(_CodeWords, totp.ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new app: proves that the app has the secret."""


class CredentialField(forms.JSONField):
    """What the browser answers for a passkey; brackets within brackets without end are not it."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except RecursionError as error:
            raise _unrecognised(error) from error

    def bound_data(self, data: Any, initial: Any) -> Any:
        return data

    def prepare_value(self, value: Any) -> str:
        """A refused answer is not sent again: the page starts empty."""
        return ""


def _unrecognised(error: Exception) -> ValidationError:
    """Words for a passkey; the brake on an address keeps its own."""
    if isinstance(error, ValidationError) and getattr(error, "code", None) in services.NOT_JUDGED:
        return error
    return ValidationError(_("La passkey non è stata riconosciuta. Riprova."), code="passkey")


class _PasskeyCounted(forms.Form):
    credential = CredentialField()

    def clean_credential(self) -> Authenticator:
        with services.judged(self.user, step="passkey"):  # type: ignore[attr-defined]
            try:
                return super().clean_credential()  # type: ignore[misc]
            except (ValidationError, *NOT_A_CREDENTIAL) as error:
                raise _unrecognised(error) from error


class PasskeyForm(_PasskeyCounted, webauthn.AuthenticateWebAuthnForm):  # type: ignore[misc]
    """What the passkey signed, at the login."""


class PasskeyAgainForm(_PasskeyCounted, webauthn.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """What the passkey signed, before something delicate."""


class AddPasskeyForm(webauthn.AddWebAuthnForm):  # type: ignore[misc]
    """A new passkey and the name its owner gives it."""

    credential = CredentialField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name_field(self)

    def clean(self) -> dict[str, Any]:
        try:
            return dict(super().clean())
        except (ValidationError, *NOT_A_CREDENTIAL) as error:
            raise _unrecognised(error) from error


class RenamePasskeyForm(webauthn.EditWebAuthnForm):  # type: ignore[misc]
    """Another name for a passkey."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name_field(self)


def _name_field(form: forms.Form) -> None:
    _plain(form, {"name": _("Nome della passkey")})
    form.fields["name"].help_text = _('Per riconoscerla: ad esempio "computer dell\'ufficio".')
    form.fields["name"].validators.append(MaxLengthValidator(60))
