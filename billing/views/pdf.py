"""Serving kept PDFs, or saying that they are still being made or cannot be had."""

import io
import logging

from django.http import FileResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag

from billing.services.documents import DocumentDamaged, read_document

logger = logging.getLogger(__name__)


def served(request, document, *, bill):
    """Answer with the PDF of `document`, which belongs to `bill` or is about it."""
    if document.made_at is None:
        context = {"bill": bill, "address": request.path}
        return render(request, "billing/bill_pdf_waiting.html", context, status=202)
    etag = quote_etag(document.sha256)
    unchanged = get_conditional_response(request, etag=etag)
    if unchanged is not None:
        return unchanged
    try:
        content = read_document(document)
    except DocumentDamaged:
        logger.exception("%s cannot be shown", document)
        return render(request, "billing/bill_pdf_damaged.html", {"bill": bill}, status=503)
    return FileResponse(
        io.BytesIO(content),
        filename=document.filename,
        content_type="application/pdf",
        headers={"ETag": etag, "Cache-Control": "private, no-cache"},
    )
