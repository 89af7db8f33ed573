-- For wrk: counts the answers by their bodies, and prints "BODY COUNT" for each at the end.
local threads = {}
function setup(thread) table.insert(threads, thread) end
function init() counts = {} end
function response(status, headers, body)
    local key = status == 200 and body:gsub("\n", "") or "status-" .. status
    counts[key] = (counts[key] or 0) + 1
end
function done()
    local sums = {}
    for _, thread in ipairs(threads) do
        for key, count in pairs(thread:get("counts")) do sums[key] = (sums[key] or 0) + count end
    end
    for key, count in pairs(sums) do print("answer", key, count) end
end
