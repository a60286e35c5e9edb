"""Reports of channels as mod_json_cdr writes them, for tests."""

import json
from urllib.parse import quote

from tests.conferences.freeswitch_writer import DIALLED

SESSION = "5f2d1a52-1f7c-4a7e-9d0b-2f9c6b1f0e11"
T0 = 1788271200  # 2026-09-01 14:00 UTC


def report(uuid, *, started, ended, number, dialled=DIALLED, switch="bridge1", **variables):
    """Return the report of one channel as a document; `variables` say what differs."""
    told = {
        "uuid": uuid,
        "direction": "inbound",
        "start_stamp": "2026-09-01 14:01:35",
        "start_uepoch": f"{started}000000",
        "answer_uepoch": f"{started}500000",
        "end_uepoch": f"{ended}250000",
        "hangup_cause": "NORMAL_CLEARING",
        "hangup_cause_q850": "16",
        "sip_hangup_disposition": "recv_bye",
        "conference_name": "30125",
        "conference_uuid": SESSION,
        "last_app": "conference",
        **variables,
    }
    caller = {"caller_id_number": number, "destination_number": dialled, "uuid": uuid}
    return {
        "core-uuid": "c0de0000-0000-4000-8000-000000000001",
        "switchname": switch,
        "channel_data": {"state": "CS_REPORTING", "direction": told["direction"]},
        "callStats": {"audio": {"inbound": {"raw_bytes": 17}}},
        "variables": {name: value for name, value in told.items() if value is not None},
        "callflow": [{"dialplan": "XML", "caller_profile": caller, "times": {}}],
    }


def encoded(document):
    """Return the document as the module writes it by default, its variables percent-encoded."""
    variables = {name: quote(text, safe="/") for name, text in document["variables"].items()}
    return {**document, "variables": variables}


def write_report(folder, document):
    path = folder / f"{document['variables']['uuid']}.cdr.json"
    path.write_text(json.dumps(document))
    return path
