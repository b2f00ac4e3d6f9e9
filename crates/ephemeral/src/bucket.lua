-- Quota::admit up to the point where the wait is known. The caller derives the rest of the answer from the wait.
-- The key holds the time when the bucket is full, in microseconds since 1970 by the clock of Redis, which all replicas
-- share. It expires when the bucket is full, because an unknown bucket is full.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval = tonumber(ARGV[1])
local fill_time = tonumber(ARGV[2])
local full_at = tonumber(redis.call('GET', KEYS[1]) or now)
local wait = math.min(math.max(full_at - now, 0), fill_time)
local wait_after = wait
if wait + interval <= fill_time then
  wait_after = wait + interval
end
if now + wait_after ~= full_at then
  redis.call('SET', KEYS[1], string.format('%.0f', now + wait_after), 'PX', math.ceil(wait_after / 1000))
end
return wait
