"""The agreement between the portal and the test provider: what ARPA_OIDC would say."""

from hashlib import sha256
from typing import Any

from django.conf import settings

NAME = "OpenID provider di prova"
CLIENT_ID = "portale"
SCOPES = ["openid", "profile", "email", "fiscal_code"]
# Names of the sandbox alone.
ACR = {1: "urn:sandbox:livello:1", 2: "urn:sandbox:livello:2", 3: "urn:sandbox:livello:3"}
CLAIM_MAP = {
    "fiscal_code": "fiscal_code",
    "first_name": "given_name",
    "last_name": "family_name",
    "birth_date": "birthdate",
    "email": "email",
    "spid_code": "spid_code",
    "company_name": "company_name",
    "company_fiscal_code": "company_fiscal_code",
    "company_vat_number": "company_vat_number",
}


def issuer() -> str:
    """The issuer of the test provider: its address."""
    return f"{settings.SANDBOX_BASE_URL}/op"


def secret() -> str:
    """The client's secret: the sandbox and the portal derive it from the same key, it stands nowhere."""
    return sha256(f"op:{settings.SECRET_KEY}".encode()).hexdigest()


def setting() -> dict[str, Any]:
    """What ARPA_OIDC says when it says nothing, outside production."""
    if not settings.SANDBOX_BASE_URL:
        return {}
    return {
        "issuer": issuer(),
        "client_id": CLIENT_ID,
        "name": NAME,
        "scopes": SCOPES,
        "acr_values": {str(level): [value] for level, value in ACR.items()},
        "claim_map": CLAIM_MAP,
        "prefixes": ["TINIT-"],
    }
