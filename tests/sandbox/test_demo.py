"""The demo's processes end together, however it ends, and its visitor tells what is wrong."""

import signal
import socket
import subprocess
import sys
import time

import pytest

from accuconf.sandbox.demo import children, show, visit
from accuconf.sandbox.inbox import free_port

SLEEP = "import time; time.sleep(60)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1); {SLEEP}"
PARENT = f"""
import sys
from pathlib import Path
from accuconf.sandbox.demo import children
with children.together(Path(sys.argv[1])) as all:
    all.start("sleeper", ["-c", "{SLEEP}"], {{}})
    print(all.running["sleeper"].pid, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def together(tmp_path):
    with children.together(tmp_path) as all_of_them:
        yield all_of_them


@pytest.fixture
def parent(tmp_path):
    """A demo in a process of its own, and the process id of its only child."""
    command = [sys.executable, "-c", PARENT, tmp_path]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True
    ) as process:
        yield process, int(process.stdout.readline())
        process.kill()


@pytest.fixture
def taken_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def is_gone(pid):
    for _ in range(100):
        try:
            with open(f"/proc/{pid}/stat") as stat:
                if stat.read().split(")")[1].split()[0] == "Z":
                    return True
        except FileNotFoundError:
            return True
        time.sleep(0.05)
    return False


def test_children_are_stopped_at_the_end(tmp_path):
    with children.together(tmp_path) as together:
        together.start("sleeper", ["-c", SLEEP], {})
        process = together.running["sleeper"]

    assert process.returncode == -signal.SIGTERM


def test_a_stubborn_child_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(children, "SECONDS_TO_STOP", 0.2)
    with children.together(tmp_path) as together:
        together.start("stubborn", ["-u", "-c", STUBBORN], {})
        process = together.running["stubborn"]
        while not (tmp_path / "stubborn.log").read_text():
            time.sleep(0.01)

    assert process.returncode == -signal.SIGKILL


def test_a_child_that_ends_is_told_with_its_last_words(together):
    together.start("web", ["-c", "raise SystemExit('no such port')"], {})

    with pytest.raises(children.ChildStopped, match=r"web stopped with 1:\nno such port"):
        together.wait_for_port(free_port())


def test_a_child_that_never_listens_is_told(together):
    together.start("web", ["-c", SLEEP], {})

    with pytest.raises(children.NotReady, match="does not answer"):
        together.wait_for_port(free_port(), seconds=0.2)


@pytest.mark.parametrize("ending", [*children.ENDINGS, signal.SIGKILL])
def test_no_child_outlives_the_demo(parent, ending):
    process, child = parent

    process.send_signal(ending)
    process.wait()

    assert is_gone(child)


def test_a_port_that_nobody_asked_for_gives_way(taken_port):
    assert show.choose_port(taken_port, is_asked_for=False) > taken_port


def test_a_port_that_was_asked_for_is_told_to_be_taken(taken_port):
    with pytest.raises(show.PortTaken, match=f"Port {taken_port} is taken"):
        show.choose_port(taken_port, is_asked_for=True)


def test_a_second_demo_of_the_same_folder_is_refused(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "new"

    with show.alone(), pytest.raises(show.AlreadyShown), show.alone():
        pass


def test_neighbours_that_are_given_are_kept(monkeypatch):
    monkeypatch.setenv("STRIPE_API_BASE", "https://api.stripe.com")
    monkeypatch.setenv("EMAIL_HOST", "mail.operator.example")

    environment = show.environment_of(8000)

    assert environment["STRIPE_API_BASE"] == "https://api.stripe.com"
    assert environment["EMAIL_HOST"] == "mail.operator.example"


def test_the_visitor_is_told_that_nobody_can_sign_in(live_server):
    with pytest.raises(visit.VisitFailed, match=r"nobody@aurora\.example cannot sign in"):
        visit.visit(live_server.url, "nobody@aurora.example", "a wrong password")


def test_the_visitor_signs_in_and_misses_the_bills(live_server, transactional_db, admin):
    with pytest.raises(visit.VisitFailed, match="/customer/bills/ holds no"):
        visit.visit(live_server.url, admin.email, "a long enough password")
