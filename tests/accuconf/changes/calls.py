"""How calls, their billing codes and recordings are changed, asked about and heard."""

from functools import partial

from django.urls import reverse

from accuconf.sandbox.bridge import Caller
from conferences.bridge.control import Order
from tests import make
from tests.accuconf.changes.asking import post


def export_calls(here, name):
    def export():
        response = here.client.get(reverse(name, args=[here.conference.pk]))
        assert list(response)  # taken whole, so that the file is closed
        return response

    return export


def mend_code(here, name):
    call = make.session(conference=here.conference)
    return post(here, name, here.conference.pk, call.pk, code="CC-7")


def give_missing_code(here, name):
    call = make.session(conference=here.conference)
    return post(here, name, **{f"code-{call.pk}": "CC-7"})


def ask_about_line(here, name):
    bill = make.issued(here.admin.account, "2026-03", dollars=10)
    return post(here, name, bill.number, 1, text="Who called?")


def hear(here, name):
    address = reverse(name, args=[make.recording(conference=here.conference).pk])
    return lambda: here.client.get(address)


def delete_recording(here, name):
    return post(here, name, make.recording(conference=here.conference).pk)


def in_a_call(here):
    """Let a caller be on the conference, and return them."""
    caller = Caller("Renée", "33142685300")
    here.connect_bridge().open(here.conference.number, caller)
    return caller


def order(here, name, *what, **typed):
    in_a_call(here)
    return post(here, name, here.conference.pk, *what, **typed)


def lock_call(here, name):
    return order(here, name, Order.LOCK)


def drop_caller(here, name):
    caller = in_a_call(here)
    return post(here, name, here.conference.pk, caller.uuid, Order.DROP)


CHANGES = {
    "conferences:call_export_csv": export_calls,
    "conferences:call_export_excel": export_calls,
    "billing:session_code_edit": mend_code,
    "billing:missing_code_list": give_missing_code,
    "billing:line_question": ask_about_line,
    "conferences:recording_audio": hear,
    "conferences:recording_download": hear,
    "conferences:recording_delete": delete_recording,
    "conferences:live_call_out": partial(order, number="617 555 0123"),
    "conferences:live_order": lock_call,
    "conferences:live_caller_order": drop_caller,
}
