"""The HTTP-Redirect binding: messages packed in the address, signed over its very text."""

import base64
import binascii
import zlib
from urllib.parse import parse_qsl, urlencode

from spid_auth.saml import backend
from spid_auth.saml.names import RSA_SHA256
from spid_auth.saml.parties import KeyPair

MAX_XML = 64 * 1024


class NotPacked(ValueError):
    """A value that is not base64, or not deflated, or too large once inflated."""


def signed_query(field: str, xml: bytes, relay_state: str, keys: KeyPair) -> str:
    """The query that carries `xml` as SAMLRequest or SAMLResponse: the signature covers the text that precedes it."""
    deflate = zlib.compressobj(wbits=-15)
    packed = deflate.compress(xml) + deflate.flush()
    signed = urlencode({field: base64.b64encode(packed).decode(), "RelayState": relay_state, "SigAlg": RSA_SHA256})
    signature = base64.b64encode(backend.sign_bytes(signed.encode(), keys)).decode()
    return f"{signed}&{urlencode({'Signature': signature})}"


def query_signed_by(query: str, certificate: str) -> bool:
    """Whether the query ends with a signature of all that precedes it, good for this certificate.

    Only the order in which we and the federation write it is read: message, RelayState, SigAlg, Signature.
    """
    signed, mark, rest = query.partition("&Signature=")
    names = [name for name, _ in parse_qsl(query, keep_blank_values=True)]
    if not mark or "&" in rest or names[-2:] != ["SigAlg", "Signature"] or len(set(names)) != len(names):
        return False
    values = dict(parse_qsl(query, keep_blank_values=True))
    try:
        signature = unpacked(values["Signature"])
    except NotPacked:
        return False
    return backend.bytes_signed_by(signed.encode(), signature, values["SigAlg"], certificate)


def unpacked(value: str) -> bytes:
    """Base64 undone. Raises NotPacked."""
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise NotPacked from None


def inflated(value: str) -> bytes:
    """Base64 and deflate undone, up to MAX_XML. Raises NotPacked."""
    inflate = zlib.decompressobj(wbits=-15)
    try:
        xml = inflate.decompress(unpacked(value), MAX_XML)
    except zlib.error:
        raise NotPacked from None
    if inflate.unconsumed_tail:
        raise NotPacked
    return xml
