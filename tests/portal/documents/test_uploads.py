import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from portal.documents.domain.uploads import MEGABYTE, UploadRules, check_upload, safe_name
from portal.documents.models import StoredFile
from portal.documents.services import store_upload
from portal.kernel.errors import DomainError

PDF = b"%PDF-1.7\n%%EOF"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
RULES = UploadRules()


@pytest.mark.parametrize(("head", "kind"), [(PDF, "application/pdf"), (PNG, "image/png")])
def test_the_type_is_read_from_the_bytes(head, kind):
    assert check_upload(head=head, size=len(head), rules=RULES) == kind


@pytest.mark.parametrize(
    ("head", "size", "code"),
    [
        (b"", 0, "empty_file"),
        (PDF, 11 * MEGABYTE, "file_too_large"),
        (b"MZ\x90\x00" + b"\0" * 60, 64, "file_type_not_allowed"),
        (b"<html><script>alert(1)</script>", 31, "file_type_not_allowed"),
        (b"PK\x03\x04" + b"\0" * 60, 64, "file_type_not_allowed"),
    ],
)
def test_what_is_empty_too_large_or_something_else_is_refused_in_italian(head, size, code):
    with pytest.raises(DomainError) as refused:
        check_upload(head=head, size=size, rules=RULES)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\x\\disegno.exe", "disegno.pdf"),
        ("fattura\u202efdp.exe", "fatturafdp.pdf"),
        ("a\r\nSet-Cookie: x", "aSet-Cookie_ x.pdf"),
        ("", "documento.pdf"),
        ("....", "documento.pdf"),
    ],
)
def test_hostile_names_become_harmless(name, expected):
    assert safe_name(name, content_type="application/pdf") == expected


@given(st.text(max_size=300))
def test_no_name_keeps_a_path_a_control_character_or_a_quote(name):
    clean = safe_name(name, content_type="application/pdf")
    assert not set(clean) & set('/\\"<>|:?*;%\r\n\0')
    assert clean.endswith(".pdf")
    assert len(clean) <= 84


@pytest.mark.django_db
def test_a_stored_file_has_an_opaque_place_and_its_fingerprint():
    stored = store_upload(upload=SimpleUploadedFile("Mario Rossi.pdf", PDF), rules=RULES)
    assert "Rossi" not in (stored.file.name or "")
    assert stored.name == "Mario Rossi.pdf"
    assert len(stored.sha256) == 64


@pytest.mark.django_db
def test_a_refused_file_leaves_nothing_behind():
    with pytest.raises(DomainError):
        store_upload(upload=SimpleUploadedFile("x.pdf", b"MZ"), rules=RULES)
    assert not StoredFile.objects.exists()
