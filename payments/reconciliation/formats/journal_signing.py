"""The signature of a treasury journal, as treasurers put it: the sandbox and made-up years need one."""

import xmlsec
from lxml import etree


def sign(root: etree._Element, key: bytes, certificate: bytes) -> bytes:
    """The journal with its enveloped signature (XML-DSig, RSA-SHA256), as bytes."""
    template = xmlsec.template.create(
        root, xmlsec.constants.TransformExclC14N, xmlsec.constants.TransformRsaSha256, ns="ds"
    )
    reference = xmlsec.template.add_reference(template, xmlsec.constants.TransformSha256, uri="")
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformEnveloped)
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformExclC14N)
    xmlsec.template.add_x509_data(xmlsec.template.ensure_key_info(template))
    root.append(template)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(key, xmlsec.constants.KeyDataFormatPem, None)
    context.key.load_cert_from_memory(certificate, xmlsec.constants.KeyDataFormatPem)
    context.sign(template)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
