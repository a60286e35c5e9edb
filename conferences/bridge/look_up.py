"""What bridges ask when somebody calls: may they enter, and what to do with the call."""

import re

from django.core.exceptions import BadRequest
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from conferences.bridge import answers, freeswitch_xml
from conferences.bridge.authentication import for_bridges
from conferences.entering import Entry, Reason, plain_number
from conferences.models import DialInNumber
from conferences.services.entering import admit

#: How often one call may key in a PIN.
TRIES = 3
#: A bridge's name for a channel, and a context of FreeSWITCH's dialplan.
CALL = re.compile(r"[!-~]{1,200}")
CONTEXT = re.compile(r"[A-Za-z0-9_.-]{1,64}")


@for_bridges
@require_POST
def pin(request, *, bridge):
    """Decide about a call, in JSON."""
    return JsonResponse(answers.facts_of(_decide_by_form(request, bridge)))


@for_bridges
@require_POST
def pin_pairs(request, *, bridge):
    """Decide about a call, in pairs as Asterisk's CURL takes them apart."""
    said = answers.as_pairs(_decide_by_form(request, bridge))
    return HttpResponse(said, content_type="application/x-www-form-urlencoded")


@for_bridges
@require_POST
def freeswitch_dialplan(request, *, bridge):
    """Answer mod_xml_curl: calls to the operator's dial-in numbers come to us."""
    asked = request.POST
    dialled = plain_number(asked.get("Hunt-Destination-Number", ""))
    context = asked.get("Hunt-Context", "")
    is_ours = (
        asked.get("section") == "dialplan"
        and CONTEXT.fullmatch(context)
        and DialInNumber.objects.filter(number=dialled).exists()
    )
    if not is_ours:
        return _xml(freeswitch_xml.not_found())
    return _xml(freeswitch_xml.dialplan_of(dialled, context=context))


@for_bridges
@require_POST
def freeswitch_httapi(request, *, bridge):
    """Lead mod_httapi through a call: ask for the PIN, then let in or turn away."""
    asked = request.POST
    if asked.get("exiting"):
        return _xml(freeswitch_xml.good_bye())
    tries = _number(asked.get("accuconf_tries", ""))
    if not tries:
        return _xml(freeswitch_xml.ask_for_pin(tries=1))
    outcome = _decide(
        bridge,
        digits=asked.get("pin", ""),
        call=asked.get("session_id", ""),
        caller=asked.get("Caller-Caller-ID-Number", ""),
        dialled=asked.get("Caller-Destination-Number", ""),
    )
    if isinstance(outcome, Entry):
        return _xml(freeswitch_xml.let_in(outcome))
    if outcome.reason == Reason.UNKNOWN and tries < TRIES:
        is_wrong = bool(asked.get("pin"))
        return _xml(freeswitch_xml.ask_for_pin(tries=tries + 1, is_wrong=is_wrong))
    return _xml(freeswitch_xml.turn_away(outcome))


def _decide_by_form(request, bridge):
    """Decide about the call that the four fields of the form name."""
    fields = ("digits", "call", "caller", "dialled")
    return _decide(bridge, **{field: request.POST.get(field, "") for field in fields})


def _decide(bridge, *, digits, call, caller, dialled):
    """Decide about a call. Raises BadRequest where it has no name: it could not be counted."""
    if not CALL.fullmatch(call):
        raise BadRequest("the call's name is not one")
    return admit(
        digits,
        bridge=bridge,
        call=call,
        caller_number=caller,
        dialled_number=dialled,
        now=timezone.now(),
    )


def _number(text):
    """Read a small number of ours that a bridge sends back; 0 for anything else."""
    return int(text) if re.fullmatch("[0-9]", text, re.ASCII) else 0


def _xml(said):
    return HttpResponse(said, content_type="text/xml")
