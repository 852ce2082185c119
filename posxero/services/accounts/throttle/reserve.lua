-- Count an attempt as a failure at every gate, or say how long the gate that is closed longest stays closed.
-- KEYS: the gates. ARGV: the time, then free, first wait, longest wait and drain of each gate; times in ms.
-- Returns the wait and the number of the gate that asks for it (0 and 0: all are open), then the failures at each.
-- The same rule as MemoryCounters.reserve. A wait longer than the gate's longest is of a clock that was put back.
local now = tonumber(ARGV[1])
local wait, closed, gates = 0, 0, {}
for i, key in ipairs(KEYS) do
  local at = 2 + (i - 1) * 4
  local gate = { free = tonumber(ARGV[at]), first = tonumber(ARGV[at + 1]), longest = tonumber(ARGV[at + 2]),
    drain = tonumber(ARGV[at + 3]) }
  local kept = redis.call('HMGET', key, 'level', 'at', 'open_at', 'failures')
  local drained = math.max(0, now - tonumber(kept[2] or now)) / gate.drain
  gate.level = math.max(0, tonumber(kept[1] or 0) - drained)
  gate.failures = tonumber(kept[4] or 0)
  gates[i] = gate
  local left = tonumber(kept[3] or 0) - now
  if left > wait and left <= gate.longest then wait, closed = left, i end
end
local answer = { string.format('%.0f', wait), closed }
for i, key in ipairs(KEYS) do
  local gate = gates[i]
  if closed == 0 then
    gate.level, gate.failures = gate.level + 1, gate.failures + 1
    local doublings, wait_now = math.ceil(gate.level) - gate.free, 0
    if doublings >= 0 then wait_now = math.min(gate.longest, gate.first * 2 ^ math.min(doublings, 30)) end
    redis.call('HSET', key, 'level', tostring(gate.level), 'at', ARGV[1], 'failures', gate.failures,
      'open_at', string.format('%.0f', now + wait_now))
    redis.call('PEXPIRE', key, string.format('%.0f', math.ceil(gate.level * gate.drain + wait_now)))
  end
  answer[#answer + 1] = gate.failures
end
return answer
