"""The names fixed by SAML 2.0, XML Signature and the SPID technical rules."""

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
MD = "urn:oasis:names:tc:SAML:2.0:metadata"
DS = "http://www.w3.org/2000/09/xmldsig#"
XS = "http://www.w3.org/2001/XMLSchema"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
SPID = "https://spid.gov.it/saml-extensions"
CIE = "https://www.cartaidentita.interno.gov.it/saml-extensions"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

NAMESPACES = {"saml": SAML, "samlp": SAMLP, "md": MD, "ds": DS, "spid": SPID, "cie": CIE}

BINDING_POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
BINDING_REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"

FORMAT_ENTITY = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
FORMAT_TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
FORMAT_BASIC = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"
METHOD_BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"

STATUS_SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
STATUS_RESPONDER = "urn:oasis:names:tc:SAML:2.0:status:Responder"
STATUS_PARTIAL_LOGOUT = "urn:oasis:names:tc:SAML:2.0:status:PartialLogout"
STATUS_AUTHN_FAILED = "urn:oasis:names:tc:SAML:2.0:status:AuthnFailed"

LEVELS = {level: f"https://www.spid.gov.it/SpidL{level}" for level in (1, 2, 3)}

RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SIGNATURE_ALGORITHMS = frozenset(
    f"http://www.w3.org/2001/04/xmldsig-more#rsa-{digest}" for digest in ("sha256", "sha384", "sha512")
)
DIGEST_ALGORITHMS = frozenset(
    {
        "http://www.w3.org/2001/04/xmlenc#sha256",
        "http://www.w3.org/2001/04/xmldsig-more#sha384",
        "http://www.w3.org/2001/04/xmlenc#sha512",
    }
)
EXCLUSIVE_C14N = frozenset(
    {"http://www.w3.org/2001/10/xml-exc-c14n#", "http://www.w3.org/2001/10/xml-exc-c14n#WithComments"}
)
ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"


def level_of(class_ref: str) -> int | None:
    """The SPID level (1-3) an AuthnContextClassRef names, None when it names none."""
    return next((level for level, name in LEVELS.items() if name == class_ref), None)
