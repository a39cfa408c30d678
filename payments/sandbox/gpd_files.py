"""Files of positions in the demonstration's archive: taken at once, worked when their state is first asked."""

import io
import json
import zipfile
import zlib

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParser, MultiPartParserError

from payments.sandbox import gpd
from payments.sandbox.platform import Problem, product
from portal import clock
from portal.operations.sandbox.store import Store, Value

FILES = "gpd_files"
LARGEST = 16 * 1024 * 1024


@product("upload", "POST", "PUT", "DELETE")
def files(request: HttpRequest, broker: str, entity: str) -> HttpResponse:
    """`/brokers/{code}/organizations/{ec}/debtpositions/file`: 202, and where to ask how it goes."""
    content = _file(request)
    key = "paymentPositionIUPDs" if request.method == "DELETE" else "paymentPositions"
    try:
        rows = json.loads(content)[key]
    except (ValueError, KeyError, TypeError) as error:
        raise Problem(400, "INVALID JSON", "Given JSON is invalid for required API payload") from error
    if not isinstance(rows, list) or not rows:
        raise Problem(400, "INVALID DEBT POSITIONS", "The list is empty")
    store = Store()
    file_id = f"{len(store.list(FILES)) + 1:08d}"
    value = {"entity": entity, "operation": request.method, "rows": rows, "responses": None}
    store.put(FILES, file_id, value | {"started": clock.now().isoformat()})
    answer = HttpResponse(status=202)
    answer["Location"] = f"brokers/{broker}/organizations/{entity}/debtpositions/file/{file_id}/status"
    answer["Retry-After"] = "2000 ms"
    return answer


@product("upload_status", "GET")
def status(request: HttpRequest, broker: str, entity: str, file_id: str) -> HttpResponse:
    """`.../file/{file-id}/status`. The first question starts the work: the report is ready from the second on."""
    found = _found(entity, file_id)
    done = found["responses"] is not None
    if not done:
        _work(file_id, found)
    count = len(found["rows"])
    answer = {"uploadID": file_id, "submittedItem": count, "processedItem": count if done else 0}
    return JsonResponse(answer | {"startTime": found["started"]})


@product("upload_report", "GET")
def report(request: HttpRequest, broker: str, entity: str, file_id: str) -> HttpResponse:
    """`.../file/{file-id}/report`; 425 until it is ready."""
    found = _found(entity, file_id)
    if found["responses"] is None:
        raise Problem(425, "TOO EARLY", "The report is not ready")
    count = len(found["rows"])
    answer = {"fileId": file_id, "submittedItem": count, "processedItem": count, "responses": found["responses"]}
    return JsonResponse(answer | {"startTime": found["started"], "endTime": clock.now().isoformat()})


def _file(request: HttpRequest) -> bytes:
    """The one JSON of the ZIP. Raises Problem."""
    try:
        _, sent = MultiPartParser(request.META, io.BytesIO(request.body), request.upload_handlers).parse()
    except MultiPartParserError as error:
        raise Problem(400, "EMPTY FILE", "The zip file is missing") from error
    file = sent.get("file")
    if file is None or not (file.name or "").endswith(".zip"):
        raise Problem(400, "NOT A ZIP FILE", "Only ZIP files can be uploaded.")
    try:
        with zipfile.ZipFile(file) as archive:
            (name,) = archive.namelist()
            if archive.getinfo(name).file_size > LARGEST:
                raise Problem(400, "INVALID FILE", "Unzipped content exceeds size limit.")
            return archive.read(name)
    except (zipfile.BadZipFile, zlib.error, ValueError) as error:
        raise Problem(400, "INVALID FILE", "No valid file found in ZIP.") from error


def _found(entity: str, file_id: str) -> Value:
    found = Store().get(FILES, file_id)
    if found is None or found["entity"] != entity:
        raise Problem(404, "FILE NOT FOUND")
    return found


def _work(file_id: str, found: Value) -> None:
    results: dict[tuple[int, str], list[str]] = {}
    for row in found["rows"]:
        iupd = row if isinstance(row, str) else str(row.get("iupd", ""))
        results.setdefault(_one(found, row), []).append(iupd)
    responses = [
        {"statusCode": code, "statusMessage": message, "iupds": iupds} for (code, message), iupds in results.items()
    ]
    Store().put(FILES, file_id, found | {"responses": responses})


def _one(found: Value, row: Value | str) -> tuple[int, str]:
    entity, operation = found["entity"], found["operation"]
    try:
        if isinstance(row, str):
            gpd.delete(entity, row)
        elif operation == "PUT":
            gpd.replace(entity, row["iupd"], row, publish=True)
        else:
            gpd.create(entity, row, publish=True)
    except Problem as problem:
        return problem.status, problem.title
    return (201, "Debt position CREATED") if operation == "POST" else (200, "Debt position worked")
