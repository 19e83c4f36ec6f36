-- Draws from all windows of a budget, or from none. KEYS[1] is the budget. ARGV: "draw", or "look" to draw nothing; the
-- time, or nothing for that of the server; then for each window its policy, the time in which one call comes back, that in
-- which all of them do, how many are drawn, and what is used by now: at the least, and besides. Times are whole
-- microseconds, which a number of Lua holds exactly. Returns the time, whether was drawn (1 or 0), and the arrival time of
-- each window before that.
local now = tonumber(ARGV[2])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end
local policies = {}
for place = 3, #ARGV, 6 do
  policies[#policies + 1] = ARGV[place]
end
local arrivals = redis.call('HMGET', KEYS[1], unpack(policies))
local answer, before, amounts, passes, is_news = { now, 0 }, {}, {}, true, false
for window, policy in ipairs(policies) do
  local step, whole, amount, known, owed = unpack(ARGV, 6 * window - 2, 6 * window + 2)
  local stored = tonumber(arrivals[window] or 0) - now
  -- Never beyond what this policy lets anybody draw: after a clock that was ahead, nobody waits longer than for a window.
  local used = math.min(math.max(stored, tonumber(known), 0) + owed, tonumber(whole))
  passes = passes and used + step * amount <= tonumber(whole)
  is_news = is_news or used > math.max(stored, 0)
  before[window], amounts[window] = used, step * amount
  answer[window + 2] = now + used
end
local is_drawn = passes and ARGV[1] == 'draw'
if is_drawn or is_news then
  local written, longest = {}, 0
  for window, used in ipairs(before) do
    local after = is_drawn and used + amounts[window] or used
    if after > 0 then
      written[#written + 1] = policies[window]
      written[#written + 1] = string.format('%.0f', now + after)
      longest = math.max(longest, after)
    end
  end
  redis.call('HSET', KEYS[1], unpack(written))
  -- The key is gone when there is nothing left to remember. A time that was given is not the one by which keys expire.
  local rest = math.ceil(longest / 1000)
  if ARGV[2] == '' and redis.call('PTTL', KEYS[1]) < rest then
    redis.call('PEXPIRE', KEYS[1], rest)
  end
  answer[2] = is_drawn and 1 or 0
end
return answer
