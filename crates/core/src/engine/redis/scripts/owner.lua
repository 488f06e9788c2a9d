-- Goes before each script that needs the name of what is kept of an owner, which can't be among the keys: whose a session is
-- stands in the session.

-- That name without what it ends with, by the owner as 8 bytes and what the name begins with; nil for who has no such record:
-- a guest, and the store.
local function record_of(owner, begin)
    if owner == string.rep('\0', 8) or owner == string.rep('\255', 8) then return nil end
    local byte, letters = string.byte, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    -- 9 bytes are 12 characters of URL-safe base64.
    local function four(one, two, three)
        local sum = one * 65536 + two * 256 + three
        local last = sum % 64
        sum = (sum - last) / 64
        local third = sum % 64
        sum = (sum - third) / 64
        local second = sum % 64
        local first = (sum - second) / 64
        return string.char(
            byte(letters, first + 1), byte(letters, second + 1), byte(letters, third + 1), byte(letters, last + 1)
        )
    end
    local b1, b2, b3, b4, b5, b6, b7, b8 = byte(owner, 1, 8)
    return begin .. four(b1, b2, b3) .. four(b4, b5, b6) .. four(b7, b8, 0)
end

