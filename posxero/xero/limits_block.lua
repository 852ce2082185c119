-- Hold back every call to an organisation, or of the whole app, for a while.
-- KEYS: the block, the organisation's calls of the day, which end with a block of the day
-- ARGV: the limit that was reached, for how many ms
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
if ARGV[1] == 'day' then redis.call('PEXPIRE', KEYS[2], ARGV[2]) end
return redis.call('SET', KEYS[1], string.format('%.0f %s', now, ARGV[1]), 'PX', ARGV[2])
