"""Who walks over the pages, and what there is to walk over: every address of the URLconf."""

import datetime as dt

from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.test import Client
from django.urls import resolve, reverse
from django.utils import timezone

from billing.links import pay_link
from billing.models import Bill, JournalEntry
from conferences.models import Invitation
from tests import make
from tests.access.addresses import addresses as declared
from tests.pages import prove, sign_in
from tests.users import factors
from users.models import EmailChange, User
from users.services.email_change import End, token_of

#: Walked over elsewhere: the back office by test_back_office.py, the inbox by its own tests.
ELSEWHERE = {"admin", "sandbox", "bridge"}
#: What is no page: a way on, files, and what load balancers ask.
NO_PAGES = {
    "",
    "conferences:live_people",
    "accounts:log_export",
    "billing:bill_csv",
    "billing:bill_excel",
    "billing:bill_xml",
    "billing:receipt_pdf",
    "billing:statement_pdf",
    "billing:unbilled_csv",
    "billing:unbilled_excel",
    "conferences:call_export_csv",
    "conferences:call_export_excel",
    "conferences:recording_audio",
    "conferences:recording_download",
    "mfa_download_recovery_codes",
    "mfa_login_webauthn",
    "alive",
    "ready",
    "stripe_webhook",
    "billing:credit_note_pdf",
    "look_start",
}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
#: Pages that look otherwise when asked for something else.
MORE = {
    "billing:statement_view": ["?since=2026-01-01&until=2026-04-01", "?since=2026-02-01&until="],
    "billing:bill_compare": ["?before=2026-01&after=2026-02", "?before=2026-01&after=1999-01"],
    "accounts:account_view": ["?page=2"],
    "accounts:log_list": [
        "?page=2",
        "?q=nothing+of+that+name",
        "?since=2026-02-01&until=2026-01-01",
    ],
    "conferences:call_list": ["?caller=nobody", "?since=2026-02-01&until=2026-01-01"],
    "conferences:conference_list": ["?page=2", "?q=nothing+of+that+name"],
    "conferences:calendar_view": ["?month=2020-02"],
    "conferences:recordings": [
        "?page=2",
        "?q=nothing+of+that+name",
        "?since=2026-03-04&until=2026-03-01",
    ],
}
#: Pages so long that one of them is enough.
LONG = {"users:rights_edit"}
REFUSALS = {403: "forbidden", 404: "not there", 405: "only changes"}


def nobody(company):
    return Client()


def admin(company):
    """With everything on their own pages: second factors, other sign-ins, a change of e-mail."""
    factors.app(company.admin)
    EmailChange.objects.create(
        user=company.admin,
        old_email=company.admin.email,
        new_email=f"{'n' * 60}@northwind.example",
        asked_at=timezone.now(),
    )
    for _ in range(3):
        _signed_in(company.admin)
    return _signed_in(company.admin)


def basic(company):
    return _signed_in(company.basic)


def schedule(company):
    return _signed_in(company.scheduler)


def billing(company):
    """Without a password, as those who come through their company are."""
    company.biller.set_unusable_password()
    company.biller.save()
    return _signed_in(company.biller)


def with_a_temporary_password(company):
    until = timezone.now() + dt.timedelta(hours=72)
    return _signed_in(make.user(account=company.admin.account, password_expires_at=until))


def who_must_set_up_a_second_factor(company):
    account = make.account(requires_second_factor=True)
    return _signed_in(make.user(account=account, role="admin"))


def staff(company):
    return _signed_in(User.objects.get(name="Lou Looker"))


def staff_who_look(company):
    client = staff(company)
    client.post(reverse("look_start", args=[company.admin.pk]))
    return client


def staff_who_may_change(company):
    client = staff_who_look(company)
    client.post(reverse("look_allow"), {"reason": "They asked us to, by telephone."})
    return client


VISITORS = [
    nobody,
    admin,
    basic,
    schedule,
    billing,
    with_a_temporary_password,
    who_must_set_up_a_second_factor,
    staff,
    staff_who_look,
    staff_who_may_change,
]


def _signed_in(user):
    client = Client()
    sign_in(client, user)
    prove(client, user)
    UserSession.objects.create(
        user=user, ip="2001:db8::1", session_key=client.session.session_key, user_agent=FIREFOX
    )
    return client


#: Who sees the Admin's pages, only with less on them: each walks over another third of them.
THIRDS = [schedule, staff_who_look, staff_who_may_change]
#: Pages of these places nobody else sees.
THEIRS_ALONE = "/looking/"


def share_of(visitor, pages):
    """Return those of the visitor's `pages` that they walk over: all, or a third of them."""
    if visitor not in THIRDS:
        return pages
    third = pages[THIRDS.index(visitor) :: len(THIRDS)]
    return [page for page in pages if page in third or THEIRS_ALONE in page]


def pages_of(client, company):
    """List the addresses that have a page for this visitor, and one refusal of each kind."""
    answers = list(answers_to(client, company))
    refused = {"forbidden", "not there"}
    refusals = {answer: address for _, address, answer in answers if answer in refused}
    pages = [address for _, address, answer in answers if answer == "page"]
    return [*pages, *refusals.values()]


def answers_to(client, company):
    """Ask for every address; yield (view name, address, how it was answered)."""
    is_stranger = settings.SESSION_COOKIE_NAME not in client.cookies
    for name, address in addresses(company, is_stranger=is_stranger):
        response = client.get(address, follow=True)
        yield name, address, answer_of(response, name)


def answer_of(response, name):
    """Say what came back: a page, a refusal, something else, or where the reader was led."""
    if response.status_code in REFUSALS:
        return REFUSALS[response.status_code]
    reached = resolve(response.request["PATH_INFO"]).view_name
    if reached != name:
        return f"led to {reached}"
    is_html = response.headers.get("Content-Type", "").startswith("text/html")
    return "page" if is_html else "no page"


def addresses(company, *, is_stranger):
    """Yield (view name, address) of all that can be asked for, each with things that are there.

    A stranger gets a link to choose a password too, which signs out whoever opens it.
    """
    things = things_of(company)
    if not is_stranger:
        things["", "uidb36", "key"].pop()
    for address in pages():
        name, names = address.name, address.arguments
        found = things[address.namespace, *names] if names else [[]]
        for arguments in found[:1] if name in LONG else found:
            for more in ["", *MORE.get(name, [])]:
                yield name, reverse(name, args=arguments) + more


def things_of(company):
    """Return the things that addresses of each namespace name, by the names of their arguments."""
    changes = EmailChange.objects.all()
    tokens = [[token_of(change, end)] for change in changes for end in End]
    invited = company.invited
    key = default_token_generator.make_token(invited)
    newest = Bill.objects.latest("number")
    return {
        ("conferences", "pk"): [[company.conference.pk], [company.once.pk], [0]],
        ("conferences", "conference_pk", "session_pk"): calls_of(company),
        ("billing", "conference_pk", "session_pk"): calls_of(company),
        ("conferences", "conference_pk", "invitation_pk"): [
            [invitation.conference_id, invitation.pk] for invitation in Invitation.objects.all()[:1]
        ],
        ("conferences", "conference_pk"): [[company.conference.pk]],
        ("conferences", "conference_pk", "pk"): [
            [pin.conference_id, pin.pk] for pin in company.conference.pins.filter(maximum_uses=5)
        ],
        ("conferences", "pk", "order"): [[company.conference.pk, "lock"]],
        ("conferences", "pk", "member", "order"): [[company.conference.pk, "a-caller", "mute"]],
        ("conferences", "recording_pk"): [[pk] for pk in (company.recording, company.held, 0)],
        ("billing", "number"): [[company.bill_number], [newest.number]],
        ("billing", "number", "position"): [[company.bill_number, 1]],
        ("billing", "pk"): [[payment.pk] for payment in JournalEntry.objects.payments()],
        ("users", "pk"): [[company.basic.pk], [invited.pk], [company.disabled.pk]],
        ("profile", "pk"): [[0]],
        ("profile", "token"): [*tokens, ["never-given"]],
        ("", "pk"): [[factor.pk] for factor in Authenticator.objects.all()],
        ("", "uidb36", "key"): [["1", "never-given"], [user_pk_to_url_str(invited), key]],
        ("", "provider_id"): [["nowhere"]],
        ("", "token"): [["never-given"], [pay_link(newest).rstrip("/").rpartition("/")[2]]],
    }


def calls_of(company):
    """Return how addresses name two calls: one that a bill holds, and one that none does."""
    calls = company.conference.sessions.order_by("started_at")
    return [[call.conference_id, call.pk] for call in (calls.first(), calls.last())]


def pages():
    """Return the addresses that are pages of the portal."""
    return [
        address
        for address in declared()
        if address.namespace not in ELSEWHERE and address.name not in NO_PAGES
    ]
