"""What a load balancer asks: whether this process lives, and whether it can serve."""

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

SECONDS_TO_WAIT = 2


@login_not_required
@never_cache
@require_safe
def alive(request):
    return HttpResponse("alive\n", content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def ready(request):
    """Answer 200 when database, its tables and the queue are there, 503 and which is not else."""
    parts = {"database": database_state(), "queue": queue_state()}
    status = 200 if set(parts.values()) == {"ok"} else 503
    return JsonResponse(parts, status=status)


def database_state():
    """Return `ok`, or what is wrong with the database in a word."""
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "unreachable"
    return "migrations pending" if pending else "ok"


def queue_state():
    """Return `ok`, or what is wrong with the queue in a word."""
    client = redis.Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=SECONDS_TO_WAIT,
        socket_timeout=SECONDS_TO_WAIT,
    )
    try:
        client.ping()
    except redis.RedisError:
        return "unreachable"
    finally:
        client.close()
    return "ok"
