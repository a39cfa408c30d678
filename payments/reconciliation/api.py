"""Documents from the systems of others: kept and read like those of every other door, and what became of them."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.http import parse_header_parameters
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import exceptions, parsers, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from payments.reconciliation import conf
from payments.reconciliation.formats import archives
from payments.reconciliation.models import Channel, EvidenceFile
from payments.reconciliation.services.books import reconcile_and_book
from payments.reconciliation.services.ingest import ingest_many
from payments.reconciliation.services.sniffing import refusal
from portal.api.access import ServiceView
from portal.api.problems import TooLarge, Unprocessable
from portal.api.schema import PROBLEMS

DOCUMENTS = "ragioneria:documenti"
RAW = (
    "application/xml", "text/xml", "text/csv", "application/json", "application/zip", "application/octet-stream",
    "application/vnd.ms-excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)  # fmt: skip
_SHA256 = re.compile(r"[0-9a-f]{64}")
PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Sent:
    """A document as it was sent."""

    name: str
    content: bytes


class _RawParser(parsers.BaseParser):
    """The body of the request is the document; its name stands in Content-Disposition."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Sent:
        """The document, not looked at yet."""
        header = (parser_context or {})["request"].META.get("HTTP_CONTENT_DISPOSITION", "")
        _kind, parts = parse_header_parameters(header)
        return Sent(str(parts.get("filename") or "documento")[:120], stream.read())


RAW_PARSERS: tuple[type[parsers.BaseParser], ...] = tuple(
    type("RawParser", (_RawParser,), {"media_type": name}) for name in RAW
)


class FindingSerializer(serializers.Serializer[Any]):
    """What was noticed while reading a document."""

    code = serializers.CharField()
    message = serializers.CharField()
    severity = serializers.ChoiceField(["note", "fault", "broken"])


class DocumentSerializer(serializers.Serializer[Any]):
    """What became of a document."""

    name = serializers.CharField()
    sha256 = serializers.CharField()
    kind = serializers.CharField()
    known = serializers.BooleanField(help_text="Era già arrivato, anche con un altro nome.")
    outcome = serializers.ChoiceField(["read", "flagged", "broken", PENDING])
    rows = serializers.IntegerField(help_text="Righe caricate da questo documento.")
    findings = FindingSerializer(many=True)


class DocumentsSerializer(serializers.Serializer[Any]):
    """What became of the documents of a request, in their order."""

    documents = DocumentSerializer(many=True)


class DocumentsView(ServiceView):
    """Where other systems leave their documents."""

    needs = DOCUMENTS
    parser_classes = (parsers.MultiPartParser, *RAW_PARSERS)

    @extend_schema(
        operation_id="ragioneria_documenti_invia",
        summary="Manda uno o più documenti",
        description="Un documento come corpo della richiesta, con il nome in Content-Disposition, o più documenti in "
        "multipart/form-data. Un archivio ZIP vale per i documenti che contiene. Lo stesso documento entra una volta.",
        request={
            "multipart/form-data": {"type": "object", "additionalProperties": {"type": "string", "format": "binary"}},
            **dict.fromkeys(RAW, OpenApiTypes.BINARY),
        },
        responses={
            201: OpenApiResponse(DocumentsSerializer, description="Almeno un documento è nuovo."),
            200: OpenApiResponse(DocumentsSerializer, description="I documenti erano già tutti noti."),
            **PROBLEMS,
        },
    )
    def post(self, request: Request) -> Response:
        """Keep what is sent, read it, match it; say of each document what became of it."""
        sent = _sent(request)
        _check(sent)
        entity = self.key.entity
        names = [(name, hashlib.sha256(content).hexdigest()) for name, content in _documents(sent)]
        before = set(_stored([digest for _name, digest in names]))
        ingest_many(entity=entity, files=_documents(sent), channel=Channel.SERVICE, actor=self.actor)
        if any(digest not in before for _name, digest in names):
            reconcile_and_book(entity=entity, actor=self.actor)
        rows = _stored([digest for _name, digest in names])
        answer = [_answer(rows[digest], name=name, known=digest in before) for name, digest in names]
        return Response({"documents": answer}, status=200 if all(row["known"] for row in answer) else 201)


class DocumentView(ServiceView):
    """What became of a document."""

    needs = DOCUMENTS

    @extend_schema(
        operation_id="ragioneria_documenti_esito",
        summary="Leggi l'esito di un documento",
        description="L'esito della lettura di un documento, dalla sua impronta SHA-256.",
        responses={200: DocumentSerializer, **PROBLEMS},
    )
    def get(self, request: Request, sha256: str) -> Response:
        """The outcome of reading a document of the body of the key."""
        row = _stored([sha256.lower()]).get(sha256.lower()) if _SHA256.fullmatch(sha256.lower()) else None
        if row is None:
            raise exceptions.NotFound(_("Nessun documento dell'ente ha questa impronta."))
        return Response(_answer(row, name=row.name, known=True))


def _sent(request: Request) -> list[Sent]:
    """The documents of a request. Raises UnsupportedMediaType, ParseError."""
    data = request.data
    if isinstance(data, Sent):
        return [data]
    files = [file for _name, several in request.FILES.lists() for file in several]
    return [Sent((file.name or "documento")[:120], file.read()) for file in files]


def _check(sent: Sequence[Sent]) -> None:
    """All of them can be taken. Raises Unprocessable, TooLarge: then none was."""
    if not sent:
        raise Unprocessable(_("La richiesta non contiene nessun documento."))
    if any(len(document.content) > conf.MAX_UPLOAD_BYTES for document in sent):
        raise TooLarge(_("Un documento supera i 50 MB: dividilo in più documenti."))
    refused = [(document.name, refusal(document.content, document.name)) for document in sent]
    errors = [{"name": name, "detail": why} for name, why in refused if why]
    if errors:
        raise Unprocessable(_("Almeno un documento non si riconosce: non ne è stato preso nessuno."), errors)


def _documents(sent: Sequence[Sent]) -> Iterator[tuple[str, bytes]]:
    for document in sent:
        yield from archives.documents(document.name, document.content)


def _stored(digests: Sequence[str]) -> dict[str, EvidenceFile]:
    """Documents of the body that are kept, by their SHA-256; of one read in two ways, the way that says more."""
    rows = EvidenceFile.objects.filter(sha256__in=set(digests)).select_related("reading").defer("content")
    return {row.sha256: row for row in rows.order_by("reading__loaded", "-pk")}


def _answer(row: EvidenceFile, *, name: str, known: bool) -> dict[str, Any]:
    reading = getattr(row, "reading", None)
    return {
        "name": name,
        "sha256": row.sha256,
        "kind": row.kind,
        "known": known,
        "outcome": reading.state if reading else PENDING,
        "rows": reading.loaded if reading else 0,
        "findings": reading.warnings if reading else [],
    }
