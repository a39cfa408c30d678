"""Which service providers the test identity provider knows: every body of this installation, as it is published."""

from lxml import etree

from spid_auth.domain.schemes import Scheme
from spid_auth.keys import (
    NotConfigured,
    entity_id,
    key_pair,
    membership,
    published_certificates,
    service_provider,
)
from spid_auth.models import ServiceProviderEntity
from spid_auth.saml import metadata as saml_metadata
from spid_auth.saml.xml import one, text
from spid_auth.sandbox.requests import RequestRefused, ServiceProviderMetadata, read_metadata


def sender_of(root: etree._Element, scheme: Scheme) -> ServiceProviderMetadata:
    """The metadata of who says they sent a message. Raises RequestRefused when they are not in this federation."""
    return metadata_of(text(one(root, "saml:Issuer")), scheme)


def metadata_of(issuer: str, scheme: Scheme) -> ServiceProviderMetadata:
    """The metadata of a service provider by entityID, read as they are published now. Raises RequestRefused."""
    own = Scheme.CIE if scheme is Scheme.CIE else Scheme.SPID
    try:
        for row in _members(scheme):
            if entity_id(row, own) == issuer:
                described = service_provider(own, of=row)
                return read_metadata(saml_metadata.build(described, key_pair(row), published_certificates(row)))
    except NotConfigured as error:
        raise RequestRefused(str(error)) from error
    raise RequestRefused("Issuer non è tra i fornitori di servizi di questa federazione.")


def _members(scheme: Scheme) -> list[ServiceProviderEntity]:
    """The bodies registered with this face. The default body is in SPID also without a row."""
    rows = ServiceProviderEntity.objects.select_related("body", "aggregator__body")
    if scheme is Scheme.CIE:
        return list(rows.filter(with_cie=True))
    if scheme is Scheme.EIDAS:
        return list(rows.filter(with_eidas=True))
    return [membership(), *rows.exclude(body__is_default=True)]
