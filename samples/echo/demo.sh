# The sample's part of scripts/demo, which reads it.
greeting="$url/hello answers; POST /echo gives back what it gets"

serve_arguments() {
    arguments=(--module "$work/module.so" --listen "fastcgi:$work/gatehouse.sock" ${group:+--socket-group "$group"})
}

locations() { :; }

# gives EXPECTED-FILE CURL-ARGUMENTS: whether the answer equals the file.
gives() {
    local expected=$1
    shift
    curl --http1.1 -sS --fail --max-time 30 -o "$work/answer" "$@" && cmp -s "$work/answer" "$expected"
}

check_pages() {
    printf 'Hello from Gatehouse\n' >"$work/hello"
    printf 'name=Ada Lovelace\nyear=1843\n' >"$work/form"
    head -c 5242880 /dev/urandom >"$work/upload"
    printf '5242880\n' >"$work/count"
    local binary=(--data-binary "@$work/upload" -H "Content-Type: application/octet-stream")
    looked_at "GET /hello" gives "$work/hello" "$url/hello"
    looked_at "POST /form" gives "$work/form" --data-urlencode "name=Ada Lovelace" --data year=1843 "$url/form"
    looked_at "POST /count, 5 MiB" gives "$work/count" "${binary[@]}" "$url/count"
    looked_at "POST /echo, 5 MiB" gives "$work/upload" "${binary[@]}" "$url/echo"
}
