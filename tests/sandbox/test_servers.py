"""The sandbox's own servers: shared, stopped by the last, taken over after a kill."""

import os
import shutil
import signal
import subprocess
import sys

import psycopg
import pytest
import redis

from accuconf.sandbox import folders, postgres, servers

OWNER = """
import sys, time
from accuconf.sandbox import servers
with servers.running(sys.argv[1], durable=False):
    print("up", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def no_servers_given(monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)


@pytest.fixture
def data_dir(tmp_path):
    yield tmp_path / "data"
    shutil.rmtree(folders.OUTSIDE / folders.digest(tmp_path / "data"), ignore_errors=True)
    shutil.rmtree(folders.runtime_folder(tmp_path / "data"), ignore_errors=True)


@pytest.fixture
def other_process(data_dir):
    """Another user of the servers: it leaves when its standard input ends."""
    command = [sys.executable, "-c", OWNER, data_dir]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout.readline() == "up\n"
        yield process
        process.kill()


def database_answers(data_dir):
    try:
        with psycopg.connect(servers.database_url(data_dir)) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


def queue_answers(data_dir):
    client = redis.Redis.from_url(servers.redis_url(data_dir))
    try:
        return client.ping()
    except redis.ConnectionError:
        return False
    finally:
        client.close()


def both_answer(data_dir):
    return database_answers(data_dir), queue_answers(data_dir)


def test_addresses_fit_into_a_socket_whatever_the_folder(tmp_path):
    deep = tmp_path / ("very-long-name-" * 10)

    assert len(servers.redis_url(deep).removeprefix("unix://").partition("?")[0]) < 100


@pytest.mark.parametrize(
    ("redis_url", "broker_url"),
    [
        ("redis://127.0.0.1:6379/3", "redis://127.0.0.1:6379/3"),
        ("rediss://cache.example:6380/0", "rediss://cache.example:6380/0"),
        ("unix:///run/valkey.sock?db=2", "redis+socket:///run/valkey.sock?virtual_host=2"),
        ("unix:///run/valkey.sock", "redis+socket:///run/valkey.sock?virtual_host=0"),
    ],
)
def test_celery_is_told_of_sockets_in_its_own_words(redis_url, broker_url):
    assert servers.broker_url(redis_url) == broker_url


def test_servers_run_inside_the_block_only(data_dir):
    with servers.running(data_dir, durable=False):
        inside = both_answer(data_dir)

    assert (inside, both_answer(data_dir)) == ((True, True), (False, False))


def test_the_last_to_leave_stops_them(data_dir, other_process):
    with servers.running(data_dir, durable=False):
        other_process.communicate()
        after_the_first_left = both_answer(data_dir)

    assert (after_the_first_left, both_answer(data_dir)) == ((True, True), (False, False))


def test_leaving_does_not_stop_them_under_others(data_dir, other_process):
    with servers.running(data_dir, durable=False):
        pass

    assert both_answer(data_dir) == (True, True)
    other_process.communicate()
    assert both_answer(data_dir) == (False, False)


def test_what_a_killed_owner_left_is_taken_over_and_stopped(data_dir, other_process):
    with psycopg.connect(servers.database_url(data_dir), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (n integer)")
    other_process.send_signal(signal.SIGKILL)
    other_process.wait()

    with (
        servers.running(data_dir, durable=False),
        psycopg.connect(servers.database_url(data_dir)) as connection,
    ):
        kept = connection.execute("SELECT count(*) FROM kept").fetchone()

    assert (kept, both_answer(data_dir)) == ((0,), (False, False))


def test_a_removed_data_folder_starts_afresh_beside_its_old_server(data_dir, other_process):
    with psycopg.connect(servers.database_url(data_dir), autocommit=True) as connection:
        connection.execute("CREATE TABLE gone (n integer)")
    other_process.send_signal(signal.SIGKILL)
    other_process.wait()
    shutil.rmtree(data_dir)

    with (
        servers.running(data_dir, durable=False),
        psycopg.connect(servers.database_url(data_dir)) as connection,
    ):
        tables = connection.execute("SELECT to_regclass('gone')").fetchone()

    assert tables == (None,)


def test_a_killed_database_comes_up_again(data_dir):
    with servers.running(data_dir, durable=False):
        pid = (data_dir / "postgres" / "postmaster.pid").read_text().split()[0]
        os.kill(int(pid), signal.SIGKILL)

    with servers.running(data_dir, durable=False):
        assert database_answers(data_dir)


def test_a_given_server_is_not_started(data_dir, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://db.example/accuconf")

    with servers.running(data_dir, durable=False):
        assert (queue_answers(data_dir), data_dir.exists()) == (True, False)


def test_a_missing_wheel_is_named(data_dir, monkeypatch):
    monkeypatch.setattr(postgres.importlib.util, "find_spec", lambda name: None)

    with (
        pytest.raises(servers.ServerUnavailable, match="install requirements-sandbox"),
        servers.running(data_dir),
    ):
        pass


def test_a_runtime_folder_open_to_others_is_refused(data_dir):
    folder = folders.runtime_folder(data_dir)
    folder.mkdir()
    folder.chmod(0o755)

    with (
        pytest.raises(servers.ServerUnavailable, match="not private"),
        servers.running(data_dir),
    ):
        pass


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
def test_a_closed_home_of_root_stays_closed(data_dir):
    data_dir.mkdir()
    data_dir.parent.chmod(0o700)

    with servers.running(data_dir, durable=False):
        assert database_answers(data_dir)

    assert data_dir.parent.stat().st_mode & 0o777 == 0o700
    assert (data_dir / "postgres").readlink().is_relative_to(folders.OUTSIDE)
