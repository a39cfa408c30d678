"""Run inside the portal that is going to be examined: its bodies, its keys, and the tool as identity provider.

`python -m scripts.conformance.prepare spid=FILE cie=FILE eidas=FILE`, each file the metadata of one identity provider.
"""

import sys
from pathlib import Path

import django
from lxml import etree

MD = {"md": "urn:oasis:names:tc:SAML:2.0:metadata", "ds": "http://www.w3.org/2000/09/xmldsig#"}
BINDINGS = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-"
# Pisa is there on its own account and as aggregator of two others; the fourth works for itself and for others.
AGGREGATED = {"FI": "pub-ag-full", "LI": "pub-ag-lite"}
OPERATOR = {
    "code": "OP",
    "ipa_code": "op_demo",
    "fiscal_code": "80000000002",
    "name": "Gestore di servizi di prova",
    "phone": "+39050000001",
    "email": "servizi@gestore.example",
}


def prepare(providers: dict[str, Path]) -> None:
    """Everything a first login needs, in an empty database."""
    from django_scopes import scopes_disabled

    from portal.operations import seeds as bodies
    from spid_auth.keys import ensure_key_pair

    with scopes_disabled():
        bodies.seed()
        _memberships(ensure_key_pair().certificate)
        for scheme, file in providers.items():
            _register(scheme, file.read_bytes())


def _memberships(certificate: str) -> None:
    from portal.entities.models import Entity
    from spid_auth.keys import default_folder, make_key_pair, service_provider
    from spid_auth.models import ServiceProviderEntity

    def member(code: str, **how: object) -> ServiceProviderEntity:
        body = Entity.objects.get(code=code)
        return ServiceProviderEntity.objects.update_or_create(body=body, defaults=how)[0]

    pisa = member("PI", with_cie=True, with_eidas=True, municipality="G702", province="PI", locality="Pisa")
    for code, mode in AGGREGATED.items():
        light = {"validation_certificate": certificate} if mode == "pub-ag-lite" else {}
        member(code, mode=mode, aggregator=pisa, **light)
    Entity.objects.get_or_create(code=OPERATOR["code"], defaults=OPERATOR)
    operator = member("OP", mode="pub-op-full")
    make_key_pair(service_provider(of=operator), default_folder(operator))


def _register(scheme: str, metadata: bytes) -> None:
    from spid_auth.models import IdentityProvider

    root = etree.fromstring(metadata)

    def address(service: str, binding: str) -> str:
        path = f"//md:{service}[@Binding='{BINDINGS}{binding}']/@Location"
        return str(root.xpath(path, namespaces=MD)[0])

    body = "".join(root.xpath("string(//ds:X509Certificate)", namespaces=MD).split())
    provider = IdentityProvider(
        issuer=root.get("entityID", ""),
        scheme=scheme,
        name=f"spid-sp-test ({scheme})",
        sso_post_url=address("SingleSignOnService", "POST"),
        sso_redirect_url=address("SingleSignOnService", "Redirect"),
        slo_post_url=address("SingleLogoutService", "POST"),
        certificates=f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n",
    )
    provider.full_clean()
    provider.save()


if __name__ == "__main__":
    django.setup()
    prepare({scheme: Path(file) for scheme, _, file in (argument.partition("=") for argument in sys.argv[1:])})
