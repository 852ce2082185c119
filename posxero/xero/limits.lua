-- Acquire a slot for one call to Xero. One script, so that all processes together stay within the limits.
-- KEYS: the organisation's calls of the last minute (zset), its calls in flight (zset by expiry: the slot of a crashed
--       caller expires), its count of the day, its block (from Retry-After), the app's calls of the last minute, the
--       app's block, the time since which this server has counted our calls, the organisation's background calls of
--       the last minute (zset)
-- ARGV: calls a minute, in flight, a day, a minute by the app, lifetime of a slot in ms, id of this call,
--       calls a minute that are reserved for people: 0 for a person's call
-- Returns {granted, ms to wait, limit that is reached}.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local minute, in_flight, day, app = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local reserved = tonumber(ARGV[7])

-- A time in the future was written before this server's clock was set back, and would last as long as the clock was
-- ahead. Such a block is over; such a call counts as made now.
local step = 5000  -- ms; a clock that is corrected by less changes nothing
for _, key in ipairs({KEYS[4], KEYS[6]}) do
  local left = redis.call('PTTL', key)
  if left > 0 then
    local value = redis.call('GET', key)
    local since, limit = string.match(value, '^(%d+) (.*)$')
    if not since then return {0, left, value} end  -- written before blocks had a beginning
    if tonumber(since) <= now + step then return {0, left, limit} end
    redis.call('DEL', key)
  end
end
local function bound(key, latest)
  for _, call in ipairs(redis.call('ZRANGEBYSCORE', key, latest + step, '+inf')) do
    redis.call('ZADD', key, latest, call)
    redis.call('PEXPIRE', key, latest - now + 60000)
  end
end
bound(KEYS[1], now)
bound(KEYS[5], now)
bound(KEYS[8], now)
bound(KEYS[2], now + tonumber(ARGV[5]))
if redis.call('PTTL', KEYS[3]) > 86400000 then redis.call('PEXPIRE', KEYS[3], 86400000) end
if tonumber(redis.call('GET', KEYS[7]) or '0') > now + step then redis.call('DEL', KEYS[7]) end

-- A server that lost its memory starts with half: Xero still remembers the calls of the last minute.
if redis.call('SET', KEYS[7], now, 'NX') or now - tonumber(redis.call('GET', KEYS[7])) < 60000 then
  minute, in_flight, app = math.ceil(minute / 2), math.ceil(in_flight / 2), math.ceil(app / 2)
  reserved = math.ceil(reserved / 2)
end

redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 60000)
redis.call('ZREMRANGEBYSCORE', KEYS[5], '-inf', now - 60000)
redis.call('ZREMRANGEBYSCORE', KEYS[8], '-inf', now - 60000)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
if tonumber(redis.call('GET', KEYS[3]) or '0') >= day then
  -- Xero's day need not begin with ours: who waits looks again within the hour.
  return {0, math.min(math.max(redis.call('PTTL', KEYS[3]), 1000), 3600000), 'day'}
end
-- People's calls do not shrink the share of background calls until they use up their reserve; then a little stays free.
local headroom = 2
if reserved > 0 then
  local background = redis.call('ZCARD', KEYS[8])
  local limit = math.max(minute - math.max(reserved, redis.call('ZCARD', KEYS[1]) - background + headroom), 1)
  if background >= limit then
    local oldest = redis.call('ZRANGE', KEYS[8], background - limit, background - limit, 'WITHSCORES')
    return {0, math.max(oldest[2] + 60000 - now, 1), 'minute'}
  end
end
for why, window in pairs({minute = {KEYS[1], minute}, appminute = {KEYS[5], app}}) do
  local used = redis.call('ZCARD', window[1])
  if used >= window[2] then  -- free again when all but one below the limit are a minute old
    local oldest = redis.call('ZRANGE', window[1], used - window[2], used - window[2], 'WITHSCORES')
    return {0, math.max(oldest[2] + 60000 - now, 1), why}
  end
end
if redis.call('ZCARD', KEYS[2]) >= in_flight then return {0, 200, 'concurrent'} end

redis.call('ZADD', KEYS[1], now, ARGV[6])
redis.call('ZADD', KEYS[5], now, ARGV[6])
if reserved > 0 then
  redis.call('ZADD', KEYS[8], now, ARGV[6])
  redis.call('PEXPIRE', KEYS[8], 60000)
end
redis.call('ZADD', KEYS[2], now + tonumber(ARGV[5]), ARGV[6])
redis.call('PEXPIRE', KEYS[1], 60000)
redis.call('PEXPIRE', KEYS[5], 60000)
redis.call('PEXPIRE', KEYS[2], 2 * tonumber(ARGV[5]))
if redis.call('INCR', KEYS[3]) == 1 then redis.call('PEXPIRE', KEYS[3], 86400000) end
return {1, 0, ''}
