-- Adopt what Xero says is left. A window that Xero counts fuller than we do is filled up; its day replaces ours.
-- KEYS: the organisation's last minute, its calls of the day, the app's last minute
-- ARGV: used this minute, used this day, used by the app this minute (each "" when Xero did not say), id of the call,
--       calls a day
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
for i, key in pairs({[1] = KEYS[1], [3] = KEYS[3]}) do
  local missing = (tonumber(ARGV[i]) or 0) - redis.call('ZCARD', key)
  for n = 1, math.min(missing, 1000) do redis.call('ZADD', key, now, ARGV[4] .. ':' .. n) end
  if missing > 0 then redis.call('PEXPIRE', key, 60000) end
end
if ARGV[2] ~= '' then
  local left = redis.call('PTTL', KEYS[2])
  left = left > 0 and left or 86400000
  -- A day that is used up is looked at again after an hour: Xero refuses one call, and says when its day ends.
  if tonumber(ARGV[2]) >= tonumber(ARGV[5]) then left = math.min(left, 3600000) end
  redis.call('SET', KEYS[2], math.max(tonumber(ARGV[2]), 0), 'PX', left)
end
return 1
