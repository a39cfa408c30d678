"""A cache that does without Redis when Redis is away: a page is slower, never broken."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from portal.operations.embedded import redis as embedded_redis

logger = logging.getLogger(__name__)


def _fail_open(name: str, answer: Callable[[tuple[Any, ...], dict[str, Any]], Any]) -> Any:
    original = getattr(RedisCache, name)

    @wraps(original)
    def method(self: "FailOpenRedisCache", *args: Any, **kwargs: Any) -> Any:
        try:
            self.ensure_server()
            return original(self, *args, **kwargs)
        except (RedisConnectionError, RedisTimeoutError, OSError, RuntimeError) as error:
            logger.warning("cache away: %s %s", name, type(error).__name__)
            return answer(args, kwargs)

    return method


def _default(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return kwargs.get("default", args[1] if len(args) > 1 else None)


class FailOpenRedisCache(RedisCache):
    """Redis cache whose failures look like an empty cache. Nothing that must not be lost belongs in it."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self.addresses = [server]

    def ensure_server(self) -> None:
        """Start the embedded Redis, when that is the one this cache points to."""
        if settings.EMBEDDED_REDIS and self.addresses == [embedded_redis.url(settings.EMBEDDED_PLACE)]:
            embedded_redis.ensure_running(settings.EMBEDDED_PLACE)

    add = _fail_open("add", lambda args, kwargs: True)
    get = _fail_open("get", _default)
    set = _fail_open("set", lambda args, kwargs: None)
    touch = _fail_open("touch", lambda args, kwargs: False)
    delete = _fail_open("delete", lambda args, kwargs: False)
    get_many = _fail_open("get_many", lambda args, kwargs: {})
    has_key = _fail_open("has_key", lambda args, kwargs: False)
    incr = _fail_open("incr", lambda args, kwargs: kwargs.get("delta", 1))
    set_many = _fail_open("set_many", lambda args, kwargs: [])
    delete_many = _fail_open("delete_many", lambda args, kwargs: None)
    clear = _fail_open("clear", lambda args, kwargs: False)
