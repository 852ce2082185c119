-- Ask for a place for one call to Xero. One script, so that all processes together stay within the limits.
-- KEYS: the organisation's last minute (zset), its calls in flight (zset by expiry: a crashed caller's place frees
--       itself), its calls of the day, its block (from Retry-After), the app's last minute, the app's block,
--       the sign that this server has known our calls for a minute, the part of the organisation's last minute that
--       was not for people
-- ARGV: per minute, in flight, per day, per minute for the app, lease of a place in ms, id of this call,
--       how many of a minute's calls are kept for people: 0 for a person's call
-- Answers {granted, ms to wait, why}.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local minute, in_flight, day, app = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local kept = tonumber(ARGV[7])

-- What was written in the future was written before this server's clock was set back: it would last as long as the
-- clock was ahead. A block of that kind is over; calls count as made now.
local step = 5000  -- ms; a clock that is corrected by less changes nothing
for _, key in ipairs({KEYS[4], KEYS[6]}) do
  local left = redis.call('PTTL', key)
  if left > 0 then
    local value = redis.call('GET', key)
    local since, why = string.match(value, '^(%d+) (.*)$')
    if not since then return {0, left, value} end  -- written before blocks had a beginning
    if tonumber(since) <= now + step then return {0, left, why} end
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
  minute, in_flight, app, kept = math.ceil(minute / 2), math.ceil(in_flight / 2), math.ceil(app / 2), math.ceil(kept / 2)
end

redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 60000)
redis.call('ZREMRANGEBYSCORE', KEYS[5], '-inf', now - 60000)
redis.call('ZREMRANGEBYSCORE', KEYS[8], '-inf', now - 60000)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
if tonumber(redis.call('GET', KEYS[3]) or '0') >= day then
  return {0, math.max(redis.call('PTTL', KEYS[3]), 1000), 'day'}
end
-- People's own calls do not shrink the rest's part until they use up what is kept for them; then a little stays free.
local headroom = 2
if kept > 0 then
  local rest = redis.call('ZCARD', KEYS[8])
  local limit = math.max(minute - math.max(kept, redis.call('ZCARD', KEYS[1]) - rest + headroom), 1)
  if rest >= limit then
    local oldest = redis.call('ZRANGE', KEYS[8], rest - limit, rest - limit, 'WITHSCORES')
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
if kept > 0 then
  redis.call('ZADD', KEYS[8], now, ARGV[6])
  redis.call('PEXPIRE', KEYS[8], 60000)
end
redis.call('ZADD', KEYS[2], now + tonumber(ARGV[5]), ARGV[6])
redis.call('PEXPIRE', KEYS[1], 60000)
redis.call('PEXPIRE', KEYS[5], 60000)
redis.call('PEXPIRE', KEYS[2], 2 * tonumber(ARGV[5]))
if redis.call('INCR', KEYS[3]) == 1 then redis.call('PEXPIRE', KEYS[3], 86400000) end
return {1, 0, ''}
