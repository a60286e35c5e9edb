"""The sandbox's inbox in the browser: every letter the portal has sent, whoever it is for."""

from csp.decorators import csp_replace
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from accuconf.sandbox import letters


@login_not_required
@require_safe
def letter_list(request):
    return render(request, "sandbox/letter_list.html", {"letters": letters.newest()})


@login_not_required
@require_safe
def letter_view(request, name):
    letter = _letter_or_404(name)
    context = {"letter": letter, "text": letter.body("plain"), "has_html": letter.body("html")}
    return render(request, "sandbox/letter_view.html", context)


@csp_replace({"default-src": ["'none'"], "style-src": ["'unsafe-inline'"], "img-src": ["data:"]})
@login_not_required
@require_safe
def letter_html(request, name):
    """Show the letter as its author designed it: a letter styles itself inline."""
    return HttpResponse(_letter_or_404(name).body("html"))


@login_not_required
@require_safe
def letter_attachment(request, name, number):
    attachments = _letter_or_404(name).attachments
    if number >= len(attachments):
        raise Http404
    file = attachments[number]
    disposition = content_disposition_header(True, file.get_filename("attachment"))
    return HttpResponse(
        file.get_payload(decode=True),
        content_type=file.get_content_type(),
        headers={"Content-Disposition": disposition},
    )


def _letter_or_404(name):
    letter = letters.find(name)
    if letter is None:
        raise Http404
    return letter
