from django.http import FileResponse

from portal.documents.models import StoredFile


def file_response(stored: StoredFile, *, inline: bool = False) -> FileResponse:
    """Send a stored file. The caller has checked that the reader may have it."""
    response = FileResponse(
        stored.file.open("rb"), as_attachment=not inline, filename=stored.name, content_type=stored.content_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
