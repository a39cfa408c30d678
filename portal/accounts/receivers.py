"""What allauth and Django announce, written down."""

from typing import Any

from allauth.account import signals as account
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.contrib.auth import signals as auth
from django.dispatch import receiver
from django.http import HttpRequest

from portal.accounts import services, session
from portal.accounts.events import actor_for
from portal.accounts.models import User


@receiver(auth.user_logged_in, dispatch_uid="portal.accounts.begin")
def on_session(request: HttpRequest, user: User, **announced: Any) -> None:
    """The clock of a staff session starts."""
    if user.is_staff:
        session.begin(request.session)


@receiver(account.user_logged_in, dispatch_uid="portal.accounts.logged_in")
def on_login(request: HttpRequest, user: User, **announced: Any) -> None:
    """Every step was right."""
    steps = [str(step.get("type") or step["method"]) for step in get_authentication_records(request, user)]
    services.login_complete(user=user, methods=steps)


@receiver(account.password_changed, dispatch_uid="portal.accounts.password_changed")
def on_password_changed(user: User, **announced: Any) -> None:
    """Its owner knew the old one."""
    services.password_changed(user=user, how="changed", actor=actor_for(user))


@receiver(account.password_reset, dispatch_uid="portal.accounts.password_reset")
def on_password_reset(user: User, **announced: Any) -> None:
    """Its owner followed the link of the e-mail."""
    services.password_changed(user=user, how="reset", actor=actor_for(user))


@receiver(mfa.authenticator_added, dispatch_uid="portal.accounts.factor_added")
def on_factor_added(request: HttpRequest, user: User, authenticator: Authenticator, **announced: Any) -> None:
    """A new factor was shown to work: that is the second step of this session."""
    session.note_second_step(request.session, user)
    services.factor_changed(user=user, factor=authenticator, change="added", actor=actor_for(user))


@receiver(mfa.authenticator_removed, dispatch_uid="portal.accounts.factor_removed")
def on_factor_removed(user: User, authenticator: Authenticator, **announced: Any) -> None:
    """Its owner took it away."""
    services.factor_changed(user=user, factor=authenticator, change="removed", actor=actor_for(user))


@receiver(mfa.authenticator_reset, dispatch_uid="portal.accounts.factor_reset")
def on_factor_reset(user: User, authenticator: Authenticator, **announced: Any) -> None:
    """New recovery codes."""
    services.factor_changed(user=user, factor=authenticator, change="reset", actor=actor_for(user))


@receiver(mfa.authenticator_used, dispatch_uid="portal.accounts.factor_used")
def on_factor_used(request: HttpRequest, user: User, **announced: Any) -> None:
    """The second step of a login, or once more before something delicate."""
    session.note_second_step(request.session, user)
