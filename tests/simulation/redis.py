"""Redis under virtual time: the real server and the real scripts, whose clock and expiries are the world's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redis import ConnectionError as RedisConnectionError
from redis import Redis

if TYPE_CHECKING:
    from redis.connection import ConnectionPool

    from tests.simulation.clock import VirtualClock
    from tests.simulation.process import Process

# Put before a script, it answers TIME with the last argument (ms) and keeps expiries by that time, in a hash.
VIRTUAL_TIME = """
local server, now = redis, tonumber(table.remove(ARGV))
local redis = {}
local function expire(key, ms) server.call('HSET', 'simulation:expiry', key, now + ms) end
function redis.call(command, key, ...)
  if command == 'TIME' then return {math.floor(now / 1000), (now % 1000) * 1000} end
  local expiry = tonumber(server.call('HGET', 'simulation:expiry', key) or nil)
  if expiry and expiry <= now then
    server.call('DEL', key)
    server.call('HDEL', 'simulation:expiry', key)
    expiry = nil
  end
  if command == 'PEXPIRE' then return expire(key, (...)) end
  if command == 'PTTL' then return server.call('EXISTS', key) == 0 and -2 or expiry and expiry - now or -1 end
  if command == 'DEL' then server.call('HDEL', 'simulation:expiry', key) end
  local value, option, ms = ...
  if command == 'SET' and option == 'PX' then
    expire(key, ms)
    return server.call('SET', key, value)
  end
  return server.call(command, key, ...)
end
"""


class Outage:
    """Whether Redis can be reached."""

    def __init__(self) -> None:
        self.is_on = False


class VirtualRedis(Redis):
    """A process's client of a Redis that lives in virtual time; only what `posxero.xero.limits` uses."""

    def __init__(self, pool: ConnectionPool, process: Process, clock: VirtualClock, outage: Outage) -> None:
        super().__init__(connection_pool=pool)
        self._process, self._clock, self._outage = process, clock, outage

    def execute_command(self, *args: Any, **options: Any) -> Any:
        self._process.check()
        if self._outage.is_on:
            raise RedisConnectionError("Redis is away")
        return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]  # redis-py has no types there

    def register_script(self, script: Any) -> Any:
        registered = super().register_script(VIRTUAL_TIME + script)
        clock = self._clock

        def run(keys: list[Any], args: list[Any]) -> Any:
            return registered(keys=keys, args=[*args, int(clock.now().timestamp() * 1000)])

        return run
