"""What staff do: they send forms, and send them again where they have seen no answer."""

from tests import make
from tests.billing import faults
from tests.billing.random_runs import forms


def hire():
    for name in (forms.CLERK, forms.SECOND):
        make.user(name=name, is_superuser=True)


def enter_check(run):
    account, cents = run.dice.choice(run.accounts), run.dice.choice([100, 2500, 12_345])
    return sent(run, forms.CheckForm(account, cents, serial=len(run.forms) + 1))


def bounce_check(run):
    checks = [form for form in run.forms if isinstance(form, forms.CheckForm)]
    if not checks:
        return enter_check(run)
    check, now = run.dice.choice(checks), run.now
    check.is_bounced = True
    run.note(f"{check} bounces")
    return lambda: check.bounce(now)


def give_back(run):
    """Part of a call, of which perhaps some was given back before, or all that is left of it."""
    left = {call: call.cents - forms.given_back(run, call) for call in run.calls}
    calls = [call for call in run.calls if left[call]]
    if not calls:
        return enter_check(run)
    call = run.dice.choice(calls)
    cents = run.dice.choice([left[call], run.dice.randint(1, left[call])])
    return sent(run, forms.CreditNoteForm(call.account, cents, len(run.forms) + 1, call=call))


def refund(run):
    """Most likely of an account that has credit; whether it has, its books decide."""
    kinds = (forms.CheckForm, forms.CreditNoteForm)
    credited = [form.account for form in run.forms if isinstance(form, kinds)]
    account, cents = run.dice.choice(credited or run.accounts), run.dice.choice([50, 700, 2100])
    return sent(run, forms.RefundForm(account, cents, serial=len(run.forms) + 1))


def write_off(run):
    """Most likely of an account that owes; whether it does, its books decide."""
    slow = [account for account in run.accounts if account.terms == "check"]
    account, cents = run.dice.choice(slow or run.accounts), run.dice.choice([50, 700, 2100])
    return sent(run, forms.WriteOffForm(account, cents, serial=len(run.forms) + 1))


def sent(run, form):
    run.forms.append(form)
    run.note(str(form))
    now = run.now
    return lambda: form.send(now)


def make_sure(run):
    """Look whether what was sent is there, and send it again: what is answered now is to stand."""
    forms_, now = run.forms, run.now

    def work():
        answers = [form.send(now) for form in forms_]
        for form in forms_:
            if getattr(form, "is_bounced", False):
                form.bounce(now)
        return answers

    for form, answer in zip(forms_, faults.answer_of_child(work), strict=True):
        form.answer = answer
