"""Digital stamps as the e.bollo service sells them, signed by an authority of the sandbox that nobody should trust."""

import os
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import NameOID
from django.conf import settings
from lxml import etree

from portal import clock

DOCUMENT = b"La domanda da bollare"
NS = "http://www.agenziaentrate.gov.it/2014/MarcaDaBollo"
DS = "http://www.w3.org/2000/09/xmldsig#"
C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
ECDSA = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"


@dataclass(frozen=True)
class Signer:
    """Who signs stamps."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        """The certificate."""
        return self.certificate.public_bytes(Encoding.PEM)


def make_signer(name: str, *, issuer: Signer | None = None, authority: bool = False, days: int = 3650) -> Signer:
    """A new signer; without an issuer it signs its own certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start = clock.now() - timedelta(days=3650)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=3650 + days))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    return Signer(key, builder.sign(issuer.key if issuer else key, hashes.SHA256()))


def authority() -> Signer:
    """The authority of the installation: made at the first use and kept with the sandbox's data, its certificate where
    the portal of the demonstration looks for those it may trust.
    """
    return _authority(settings.DATA_DIR / "sandbox")


@cache
def _authority(folder: Path) -> Signer:
    kept, anchor = folder / "stamp-authority.pem", folder / "stamps" / "authority.crt"
    anchor.parent.mkdir(parents=True, exist_ok=True)
    if not kept.exists():
        fresh = make_signer("Autorita' di prova", authority=True)
        draft = folder / f"stamp-authority.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_bytes(_private(fresh.key) + fresh.pem)
        # Of two processes at once one makes it, the other finds it made.
        with suppress(FileExistsError):
            os.link(draft, kept)
        draft.unlink()
    content = kept.read_bytes()
    key = load_pem_private_key(content, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    signer = Signer(key, x509.load_pem_x509_certificate(content))
    anchor.write_bytes(signer.pem)
    return signer


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def seller() -> Signer:
    """The seller it vouches for."""
    return _seller(settings.DATA_DIR / "sandbox")


@cache
def _seller(folder: Path) -> Signer:
    return make_signer("Bollo di prova", issuer=_authority(folder))


@dataclass(frozen=True)
class Stamp:
    """What the stamp says; `text` is put in place of the elements to spoil them."""

    digest: bytes = sha256(DOCUMENT).digest()
    amount: str = "16.00"
    iubd: str = "01234567890123"
    bought_at: str = "2026-11-22T10:00:00"
    kind: str = "01"

    def but(self, **changes: Any) -> "Stamp":
        """The same with something else in it."""
        return replace(self, **changes)

    def unsigned(self) -> str:
        """The document before the signature."""
        return (
            f'<marcaDaBollo xmlns="{NS}"><PSP><CodiceFiscale>99999999999</CodiceFiscale>'
            f"<Denominazione>PSP di prova</Denominazione></PSP><IUBD>{self.iubd}</IUBD>"
            f"<OraAcquisto>{self.bought_at}</OraAcquisto><Importo>{self.amount}</Importo>"
            f"<TipoBollo>{self.kind}</TipoBollo><ImprontaDocumento>"
            f'<DigestMethod Algorithm="{SHA256}"/>'
            f'<ds:DigestValue xmlns:ds="{DS}">{b64encode(self.digest).decode()}</ds:DigestValue>'
            "</ImprontaDocumento></marcaDaBollo>"
        )

    def signed(self, signer: Signer | None = None, *, method: str = ECDSA, certificates: bool = True) -> bytes:
        """The whole document with an enveloped signature."""
        signer = signer or seller()
        root = etree.fromstring(self.unsigned())
        signature = _template(method)
        root.append(signature)
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_memory(_private(signer.key), xmlsec.constants.KeyDataFormatPem, None)
        if certificates:
            context.key.load_cert_from_memory(signer.pem, xmlsec.constants.KeyDataFormatCertPem)
            info = xmlsec.template.ensure_key_info(signature)
            xmlsec.template.x509_data_add_certificate(xmlsec.template.add_x509_data(info))
        context.sign(signature)
        return etree.tostring(root)


def _template(method: str) -> Any:
    return etree.fromstring(
        f'<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{C14N}"/>'
        f'<ds:SignatureMethod Algorithm="{method}"/><ds:Reference URI=""><ds:Transforms>'
        f'<ds:Transform Algorithm="{DS}enveloped-signature"/><ds:Transform Algorithm="{C14N}"/></ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{SHA256}"/><ds:DigestValue/></ds:Reference></ds:SignedInfo>'
        "<ds:SignatureValue/></ds:Signature>"
    )
