"""Which of our forms allauth uses, for the settings: names only, nothing of Django is read here."""

ACCOUNT_FORMS = {
    "login": "portal.accounts.forms.StaffLoginForm",
    "reauthenticate": "portal.accounts.forms.StaffReauthenticateForm",
    "change_password": "portal.accounts.forms.StaffPasswordForm",
    "reset_password": "portal.accounts.forms.AskResetForm",
    "reset_password_from_key": "portal.accounts.forms.ResetPasswordForm",
}

MFA_FORMS = {
    "authenticate": "portal.accounts.forms.SecondFactorForm",
    "reauthenticate": "portal.accounts.forms.SecondFactorAgainForm",
    "activate_totp": "portal.accounts.forms.ActivateAppForm",
    "authenticate_webauthn": "portal.accounts.forms.PasskeyForm",
    "reauthenticate_webauthn": "portal.accounts.forms.PasskeyAgainForm",
    "add_webauthn": "portal.accounts.forms.AddPasskeyForm",
    "edit_webauthn": "portal.accounts.forms.RenamePasskeyForm",
}
