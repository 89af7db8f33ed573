# The sample's part of scripts/demo, which reads it: two workers, SQLite, pictures that nginx sends.
greeting="$url/ is the guestbook; its entries and pictures go when it stops"
packages=(gm:graphicsmagick)

serve_arguments() {
    # The front server's account reads the pictures, and nothing else of the module's.
    install -d "$work/pictures"
    install -d -m 700 "$work/state"
    cat >"$work/gatehouse.yaml" <<YAML
control: $work/control.sock
state: $work/state
pools:
  web:
    listen: fastcgi:$work/gatehouse.sock
    ${group:+"socket: { group: $group }"}
    workers: 2
    modules:
      - path: $work/module.so
        settings:
          database: { url: "sqlite:" }
          pictures: $work/pictures
YAML
    arguments=(--config "$work/gatehouse.yaml")
}

# `internal`: nobody can ask for it, only an answer with X-Accel-Redirect leads there.
locations() {
    echo "fastcgi_param GATEHOUSE_SENDFILE \"nginx $work/pictures/=/sent-by-nginx/\";" >>"$work/gatehouse_params"
    echo "location /sent-by-nginx/ { internal; alias $work/pictures/; add_header Sent-By nginx; }"
}

# page PATH CURL-ARGUMENTS: the status is in $status, the head in $work/head, the body in $work/answer.
page() {
    local path=$1
    shift
    status=$(curl --http1.1 -sS --max-time 30 -b "$work/jar" -c "$work/jar" -D "$work/head" -o "$work/answer" \
        -w '%{http_code}' "$@" "$url$path")
}

# page_has STATUS TEXT PATH CURL-ARGUMENTS
page_has() {
    local expected=$1 text=$2
    shift 2
    page "$@"
    [ "$status" = "$expected" ] && grep -qF -e "$text" "$work/answer" "$work/head"
}

# The job that makes the thumbnail has been done, and nginx sends it.
picture_comes() {
    local path
    for _ in {1..200}; do
        page /
        path=$(grep -oiE '/pictures/[0-9a-f-]{36}' "$work/answer" | head -n 1)
        [ -z "$path" ] || break
        sleep 0.05
    done
    page_has 200 "Sent-By: nginx" "$path" && grep -qi '^content-type: image/jpeg' "$work/head" \
        && [ "$(head -c 3 "$work/answer" | od -An -tx1)" = " ff d8 ff" ]
}

reloads() { .build/release/gatehouse reload --control "$work/control.sock" >/dev/null; }

check_pages() {
    gm convert -size 1200x800 gradient:steelblue-gold "JPEG:$work/picture.jpg"
    local person=(--data-urlencode "name=Ada <Lovelace>" --data email=ada@example.org
        --data-urlencode "password=analytical engine")
    looked_at "the empty guestbook" page_has 200 "Nobody has written yet" /
    looked_at "a sign-up with a short password" page_has 422 'value="ada@example.org"' /sign-up "${person[@]}" \
        --data password=short
    looked_at "a sign-up" page_has 303 "ocation: /" /sign-up "${person[@]}"
    looked_at "a reload" reloads
    looked_at "an entry without a text" page_has 422 'aria-invalid="true"' /entries -F name=Ada -F text= -F picture=
    looked_at "an entry with a picture" page_has 303 "ocation: /" /entries -F "name=Ada <Lovelace>" \
        -F "text=Hello & good evening" -F "picture=@$work/picture.jpg"
    looked_at "its page, with the flash message" page_has 200 "Thank you" /
    looked_at "its thumbnail, by X-Accel-Redirect" picture_comes
    looked_at "the folder that is nginx's alone" page_has 404 "" /sent-by-nginx/
    looked_at "a reload" reloads
    looked_at "the entry, escaped" page_has 200 "Hello &amp; good evening" "/?q=evening"
    looked_at "another site's form" page_has 403 "" /sign-out -X POST -H "Sec-Fetch-Site: cross-site"
    looked_at "a sign-out" page_has 303 "ocation: /" /sign-out -X POST
}
