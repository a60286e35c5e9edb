"""What staff who look are answered where they may not go on."""

from urllib.parse import urlsplit

from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accuconf.looking.forms import AllowForm


def refuse_change(request):
    """Say that the look only reads, and offer to allow changes."""
    form = AllowForm(initial={"next": page_before(request)})
    return render(request, "looking/allow.html", {"form": form, "is_refused": True}, status=403)


def refuse_what_is_theirs(request):
    """Say that this belongs to the person alone, whatever was allowed."""
    return render(request, "looking/theirs_alone.html", status=403)


def page_before(request):
    """Return the path of the page on which the reader was, the start page if that is unknown."""
    came_from = urlsplit(request.headers.get("Referer", ""))
    if came_from.netloc != request.get_host():
        return reverse("home")
    return own_path(came_from._replace(scheme="", netloc="").geturl())


def own_path(path):
    """Return `path` if it is one of ours, and not that of the question, else the start page's."""
    is_ours = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if is_ours and not path.startswith(reverse("look_allow")) else reverse("home")
