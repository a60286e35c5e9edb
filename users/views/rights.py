"""Edit User Rights: the role and the table of ticks, saved by Update and by nothing else."""

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actors import actor_of
from accounts.editing import ChangedMeanwhile
from users.forms.rights import DraftForm, RightsForm
from users.policy import Role
from users.rights_table import RightsTable
from users.services.locks import LastAdmin, PersonRemoved
from users.services.rights import UnknownConference, change_rights, standing
from users.views.people import only_admin, person_to_change


@require_http_methods(["GET", "HEAD", "POST"])
def rights_edit(request, pk):
    """Show what somebody may do; by Update, change it."""
    person = person_to_change(request, pk)
    if request.method != "POST":
        table = RightsTable(person, role=person.role, ticked=person.ticked_rights)
        return _page(request, person, table, seen=standing(person))
    form = RightsForm(request.POST)
    if not form.is_valid():
        return _again(request, person, form, form.cleaned_data)
    if Role.ADMIN == form.cleaned_data["role"] != person.role:
        raise_if_reauthentication_required(request, app="users")
    return _update(request, person, form)


@require_POST
def rights_draft(request, pk):
    """Show the page filtered by words, or with a column ticked, and save nothing.

    With `part` in the form, only what the choice allows, in words: for a page that follows live.
    """
    person = person_to_change(request, pk)
    form = DraftForm(request.POST)
    form.is_valid()  # what could not be read is said beside it; the rest is kept
    draft = form.cleaned_data
    table = RightsTable(
        person,
        role=draft.get("role") or person.role,
        ticked=draft.get("ticked", person.ticked_rights),
        words=draft.get("words", ""),
    )
    if "part" in request.POST:
        return render(request, "users/_allows.html", {"person": person, "table": table})
    if draft.get("column"):
        table.tick_column(draft["column"], of_rows_with=draft.get("shown", ""))
    return _page(request, person, table, seen=draft.get("seen", ""), form=form)


def _update(request, person, form):
    """Save the choice; where that is not possible, say why beside it."""
    chosen = dict(form.cleaned_data)  # kept: an error takes its field out of there
    try:
        changed = change_rights(person, **chosen, by=actor_of(request), now=timezone.now())
    except (PersonRemoved, UnknownConference):
        raise Http404 from None
    except ChangedMeanwhile:
        person.refresh_from_db()
        current = RightsTable(person, role=person.role, ticked=person.ticked_rights)
        return _again(request, person, form, {**chosen, "seen": standing(person)}, current=current)
    except LastAdmin:
        form.add_error("role", only_admin(person))
        return _again(request, person, form, chosen)
    messages.success(request, _("The rights of %(name)s are updated.") % {"name": person.name})
    reader = changed if changed == request.user else request.user
    if not reader.has_perm("users.view_user"):  # who takes the own role away
        return redirect("home")
    return redirect("users:user_view", person.pk)


def _again(request, person, form, chosen, *, current=None):
    """Show the page with what was chosen, and what is wrong with it."""
    table = RightsTable(
        person,
        role=chosen.get("role", person.role),
        ticked=chosen.get("ticked", person.ticked_rights),
    )
    seen = chosen.get("seen", "")
    return _page(request, person, table, seen=seen, form=form, current=current)


def _page(request, person, table, *, seen, form=None, current=None):
    return render(
        request,
        "users/rights_edit.html",
        {
            "person": person,
            "table": table,
            "seen": seen,
            "role_errors": form.errors.get("role", []) if form else [],
            "tick_errors": form.errors.get("ticked", []) if form else [],
            "current": current,
        },
    )
