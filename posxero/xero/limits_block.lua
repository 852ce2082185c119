-- Hold back every call to an organisation, or of the whole app, for a while.
-- KEYS: the block
-- ARGV: the limit that was reached, for how many ms
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
return redis.call('SET', KEYS[1], string.format('%.0f %s', now, ARGV[1]), 'PX', ARGV[2])
