"""allauth's OpenID Connect client, as far as it serves us: addresses, PKCE, the state in the browser's session.

allauth trusts the ID token that it fetches by itself, knows no nonce, and makes accounts of its own. So the answer is
fetched raw and judged by `rules`; the request is the same for everybody (allauth lets a visitor add scopes and
parameters to it); no row of SocialApp, SocialAccount or SocialToken is ever read or written.
"""

from typing import Any

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.internal import statekit
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Client
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from spid_auth.oidc import conf, discovery, gateway

PROVIDER_ID = "arpa"


class ClosedAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """No login, sign-up or link of allauth's own: should its pipeline be reached, it ends here."""

    def list_apps(self, request: HttpRequest, provider: Any = None, client_id: Any = None) -> list[SocialApp]:
        return []

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def is_auto_signup_allowed(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def can_authenticate_by_email(self, login: Any, email: str) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        raise PermissionDenied


class TokenClient(OAuth2Client):  # type: ignore[misc]
    """Trades the code for the tokens, and gives back what came."""

    def get_access_token(self, code: str, pkce_code_verifier: str | None = None, extra_data: Any = None) -> Any:
        """The raw answer of the token endpoint. Raises GatewayError."""
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.callback_url,
            "code_verifier": pkce_code_verifier or "",
        }
        if self.basic_auth:
            return gateway.post(self.access_token_url, fields, auth=(self.consumer_key, self.consumer_secret))
        secret = {"client_id": self.consumer_key, "client_secret": self.consumer_secret}
        return gateway.post(self.access_token_url, fields | secret)


class Adapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """Addresses from the checked and cached description; our own address from the settings, never from the Host."""

    client_class = TokenClient

    def __init__(self, request: HttpRequest, provider: "Provider") -> None:
        super().__init__(request, PROVIDER_ID)
        self._provider = provider

    def get_provider(self) -> "Provider":
        return self._provider

    @property
    def openid_config(self) -> dict[str, Any]:
        return self._provider.described

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return conf.return_url()


class Provider(OpenIDConnectProvider):  # type: ignore[misc]
    """One agreement as a provider of allauth: its application is never saved."""

    pkce_enabled_default = True

    def __init__(self, request: HttpRequest, agreement: conf.Agreement) -> None:
        own = {
            "server_url": agreement.issuer,
            "scope": list(agreement.scopes),
            "oauth_pkce_enabled": True,
            "token_auth_method": agreement.token_auth,
        }
        app = SocialApp(
            provider="openid_connect",
            provider_id=PROVIDER_ID,
            name=agreement.name,
            client_id=agreement.client_id,
            secret=agreement.client_secret,
            settings=own,
        )
        super().__init__(request, app=app)
        self.described = discovery.document(agreement.issuer)

    def get_oauth2_adapter(self, request: HttpRequest) -> Adapter:
        return Adapter(request, self)

    def leave(self, request: HttpRequest, *, state: str, parameters: dict[str, str]) -> HttpResponse:
        """The redirect to the provider; `state` and the secret of PKCE stay in this browser's session."""
        answer: HttpResponse = self.redirect(
            request, "login", auth_params=parameters, scope=self.get_scope(), state_id=state
        )
        return answer

    def trade(self, request: HttpRequest, *, code: str, verifier: str) -> gateway.Reply:
        """The raw answer of the token endpoint. Raises GatewayError."""
        client = self.get_oauth2_adapter(request).get_client(request, self.app)
        reply: gateway.Reply = client.get_access_token(code, pkce_code_verifier=verifier)
        return reply


def verifier_of(request: HttpRequest, state: str) -> str:
    """The secret of PKCE that this session kept for a state, once; empty when it has none, or no longer."""
    kept = statekit.unstash_state(request, provider_id=PROVIDER_ID, state_id=state)
    return str(kept.get("pkce_code_verifier") or "") if kept else ""
