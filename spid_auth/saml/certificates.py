"""Keys and certificates: made off line, kept as files that only the owner can read.

The certificate of a public service provider follows AgID notice 29: the entityID as URI (2.5.4.83), the body's
identifier `PA:IT-<IPA code>` (2.5.4.97), the two certificate policies, signature and content commitment only.
"""

import os
import secrets
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID, ObjectIdentifier

from spid_auth.saml.parties import KeyPair

URI = ObjectIdentifier("2.5.4.83")
ORGANISATION_IDENTIFIER = ObjectIdentifier("2.5.4.97")
POLICY_AGID = ObjectIdentifier("1.3.76.16.6")
POLICY_PUBLIC_SP = ObjectIdentifier("1.3.76.16.4.2.1")
KEY_BITS = 3072
DAYS = 730
KEY_FILE, CERTIFICATE_FILE = "key.pem", "certificate.pem"


def subject(*, name: str, entity_id: str, ipa_code: str, locality: str) -> x509.Name:
    """The subject AgID notice 29 asks of a public body."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, name),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, name),
            x509.NameAttribute(URI, entity_id),
            x509.NameAttribute(ORGANISATION_IDENTIFIER, f"PA:IT-{ipa_code}"),
            x509.NameAttribute(NameOID.COUNTRY_NAME, "IT"),
            x509.NameAttribute(NameOID.LOCALITY_NAME, locality),
        ]
    )


def make(holder: x509.Name, *, now: datetime, days: int = DAYS) -> KeyPair:
    """A new RSA key and its self-signed certificate, valid from `now` for `days`."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(holder)
        .issuer_name(holder)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=False)
        .add_extension(_signature_only(), critical=True)
        .add_extension(_policies(), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return KeyPair(
        private_key=key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode(),
        certificate=certificate.public_bytes(serialization.Encoding.PEM).decode(),
    )


def _signature_only() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _policies() -> x509.CertificatePolicies:
    return x509.CertificatePolicies(
        [
            x509.PolicyInformation(POLICY_AGID, [x509.UserNotice(None, "agIDcert")]),
            x509.PolicyInformation(POLICY_PUBLIC_SP, [x509.UserNotice(None, "cert_SP_Pub")]),
        ]
    )


def store(pair: KeyPair, folder: Path) -> None:
    """Write both files (mode 0600, folder 0700), each whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, content in ((KEY_FILE, pair.private_key), (CERTIFICATE_FILE, pair.certificate)):
        draft = folder / f".{name}.{secrets.token_hex(4)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(content)
        draft.replace(folder / name)


def load(folder: Path) -> KeyPair | None:
    """The pair kept in `folder`, None when either file is missing."""
    try:
        return KeyPair((folder / KEY_FILE).read_text(), (folder / CERTIFICATE_FILE).read_text())
    except FileNotFoundError:
        return None


def entity_id_of(certificate: str) -> str:
    """The entityID written in a certificate's subject, empty when there is none."""
    names = x509.load_pem_x509_certificate(certificate.encode()).subject.get_attributes_for_oid(URI)
    return str(names[0].value) if names else ""


def valid_from(certificate: str) -> datetime:
    """The first moment of a certificate's validity (aware, UTC)."""
    return x509.load_pem_x509_certificate(certificate.encode()).not_valid_before_utc


def valid_until(certificate: str) -> datetime:
    """The last moment of a certificate's validity (aware, UTC)."""
    return x509.load_pem_x509_certificate(certificate.encode()).not_valid_after_utc


def matches(pair: KeyPair) -> bool:
    """Whether the private key is the one of the certificate."""
    key = serialization.load_pem_private_key(pair.private_key.encode(), password=None)
    certificate = x509.load_pem_x509_certificate(pair.certificate.encode())
    encoding = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return key.public_key().public_bytes(*encoding) == certificate.public_key().public_bytes(*encoding)


def fingerprint(certificate: str) -> str:
    """SHA-256 of a certificate, in hexadecimal."""
    return x509.load_pem_x509_certificate(certificate.encode()).fingerprint(hashes.SHA256()).hex()
