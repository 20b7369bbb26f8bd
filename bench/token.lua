-- wrk script for token endpoints. TB_FILE holds the requests; every answer but 200 is counted and the first one kept.
-- Plain mode: one form body a line, sent round-robin.
-- Two-step mode (TB_TWO_STEP set): a line is AGENT <TAB> body of step one <TAB> body of step two without the assertion.
-- Each T1 that arrives is used for exactly one step two of the agent it names, so the count of both steps is equal.
-- Prints one machine-readable line that begins with TB.
local HEADERS = { ["Content-Type"] = "application/x-www-form-urlencoded", ["Accept"] = "application/json" }
local two_step = os.getenv("TB_TWO_STEP") ~= nil
local threads = {}

function setup(thread)
  thread:set("tid", #threads)
  table.insert(threads, thread)
end

local sextet = {}
local letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
for i = 1, #letters do sextet[letters:byte(i)] = i - 1 end

local function decoded(text)
  local out, bits, held = {}, 0, 0
  for i = 1, #text do
    held = (held * 64 + sextet[text:byte(i)]) % 65536
    bits = bits + 6
    if bits >= 8 then
      bits = bits - 8
      out[#out + 1] = string.char(math.floor(held / 2 ^ bits) % 256)
    end
  end
  return table.concat(out)
end

local requests, second_bodies, ready, at = {}, {}, {}, 0

function init()
  for line in io.lines(os.getenv("TB_FILE")) do
    local agent, first, second = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)$")
    if two_step then second_bodies[agent] = second end
    requests[#requests + 1] = wrk.format("POST", nil, HEADERS, two_step and first or line)
  end
  at = math.floor((tid or 0) * #requests / 2) -- threads begin at different places
  refused, first_refused, finished = 0, "", 0
end

function request()
  local body = table.remove(ready)
  if body then return wrk.format("POST", nil, HEADERS, body) end
  at = at % #requests + 1
  return requests[at]
end

function response(status, _, body)
  if status ~= 200 then
    refused = refused + 1
    if first_refused == "" then first_refused = status .. " " .. body:sub(1, 300) end
    return
  end
  if two_step then
    local token = body:match('"access_token"%s*:%s*"([^"]+)"')
    local agent = decoded(token:match("^[^.]+%.([^.]+)")):match('"sub"%s*:%s*"\\?/eid1[^"]*/([^"/]+)"')
    if agent then
      ready[#ready + 1] = second_bodies[agent] .. "&client_assertion=" .. token
      return
    end
  end
  finished = finished + 1
end

function done(summary, latency)
  local refusals, seen, tokens = 0, "", 0
  for _, thread in ipairs(threads) do
    refusals = refusals + thread:get("refused")
    tokens = tokens + thread:get("finished")
    if seen == "" then seen = thread:get("first_refused") end
  end
  local broken = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format(
    'TB {"requests":%d,"tokens":%d,"seconds":%.3f,"refused":%d,"broken":%d,"p50_us":%d,"p99_us":%d}\n',
    summary.requests, tokens, summary.duration / 1e6, refusals, broken, latency:percentile(50), latency:percentile(99)))
  if seen ~= "" then io.write("TB-REFUSED " .. seen:gsub("[\r\n]", " ") .. "\n") end
end
