"""Forms of the staff's login. allauth checks; here are the words: labels above, no placeholders."""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts
from django.utils.translation import gettext_lazy as _


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


class _CodeWords:
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, {"code": _("Codice")})  # type: ignore[arg-type]
        self.fields["code"].widget.attrs |= {"inputmode": "text", "autocapitalize": "none", "spellcheck": "false"}  # type: ignore[attr-defined]


class SecondFactorForm(_CodeWords, mfa.AuthenticateForm):  # type: ignore[misc]
    """The code of the app, or one of the recovery codes."""


class SecondFactorAgainForm(_CodeWords, mfa.ReauthenticateForm):  # type: ignore[misc]
    """The code again, before something delicate."""


class ActivateAppForm(_CodeWords, totp.ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new app: proves that the app has the secret."""
