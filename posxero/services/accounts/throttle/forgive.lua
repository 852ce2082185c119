-- Take one failure back at each gate and open it. KEYS: the gates.
for _, key in ipairs(KEYS) do
  local kept = redis.call('HMGET', key, 'level', 'failures')
  if kept[1] then
    redis.call('HSET', key, 'level', tostring(math.max(0, tonumber(kept[1]) - 1)), 'open_at', '0',
      'failures', math.max(0, tonumber(kept[2]) - 1))
  end
end
return 0
