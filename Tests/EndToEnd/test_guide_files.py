"""FILES.md: its module serves assets with fingerprints, and hands downloads to real front servers."""

import re
import time

import pytest

from harness import documents, guide, procfs
from harness.apache import apache_sending
from harness.client import ask, connect
from harness.client import get as raw_get
from harness.front_servers import lighttpd_sending
from harness.gatehouse import module_pool, serve_configuration
from harness.nginx import nginx_over, params

# Names that a front server would take apart if it did not get them encoded, or encoded twice.
NAMES = ["gate.png", "100% ä?#&;.png", "a+b 'c'.png", "%41.png", "deep.dir.png"]
SAFE = "-._~"


def quoted(name):
    return "".join(chr(byte) if chr(byte).isalnum() and byte < 128 or chr(byte) in SAFE else f"%{byte:02X}"
                   for byte in name.encode())


@pytest.fixture(scope="module")
def module(tmp_path_factory):
    return guide.build("FILES.md", tmp_path_factory.mktemp("page"))


class Gallery:
    def __init__(self, folder, module, mount):
        self.folder = folder
        (folder / "state").mkdir(mode=0o755)
        pool = module_pool(folder, module, workers=1)
        pool["modules"][0]["mount"] = mount
        self.server = serve_configuration(
            folder, {"state": str(folder / "state"), "pools": {"web": pool}}, fastcgi_socket=str(folder / "web.sock"))
        (self.state,) = (folder / "state" / "modules").iterdir()
        self.pictures = self.state / "pictures"
        self.pictures.mkdir()
        for name in NAMES:
            (self.pictures / name).write_bytes(name.encode() * 1000)
        (self.pictures / "page.html").write_text("<script>alert(1)</script>")
        (self.pictures / "secret.png").write_text("secret")
        (self.state / "outside.png").write_text("outside")
        (self.pictures / "link.png").symlink_to("../outside.png")
        # The front server's account reads the files.
        for place in (folder, folder / "state", folder / "state" / "modules", self.state, self.pictures):
            place.chmod(0o755)
        self.front_folder = folder / "front"
        self.front_folder.mkdir()
        self.front_folder.chmod(0o777)


@pytest.fixture
def gallery(folder, module):
    """The page's module at the root."""
    made = Gallery(folder, module, "/")
    yield made
    assert made.server.stop() == 0, made.server.lines()[-20:]


def the_pages_location(word):
    """The directives of the page's location that has a word."""
    blocks = "".join(documents.blocks(documents.text("FILES.md"), "nginx"))
    (location,) = [location for location in re.findall(r"^location .*? {\n(.*?)^}", blocks, re.M | re.S)
                   if word in location]
    return location


def front_of(kind, gallery):
    folder = gallery.front_folder
    if kind == "apache":
        return apache_sending(folder, gallery.server, gallery.pictures)
    if kind == "lighttpd":
        return lighttpd_sending(folder, gallery.server, gallery.pictures)
    word = f'fastcgi_param GATEHOUSE_SENDFILE "nginx {gallery.pictures}/=/protected/";'
    accelerated = word if kind == "nginx" else ""
    return nginx_over(folder, {
        "/": f"{accelerated} include {folder}/params; fastcgi_pass unix:{gallery.folder}/web.sock;",
        "/protected/": the_pages_location("internal").replace(
            "/var/lib/gatehouse/modules/Gallery/pictures", str(gallery.pictures)),
    })


@pytest.fixture(params=["nginx", "lighttpd", "apache", "nothing"])
def front(request, gallery):
    """The port of a front server that sends files, and of one that does not."""
    (gallery.front_folder / "params").write_text(params())
    server = front_of(request.param, gallery)
    server.kind = request.param
    yield server
    server.stop()


def get(front, target, **headers):
    return ask(next(iter(front.ports.values())), target, headers={k.replace("_", "-"): v for k, v in headers.items()})


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_sent(front, name):
    answer = get(front, f"/pictures/{quoted(name)}")
    assert (answer.status, answer.body) == (200, name.encode() * 1000)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Disposition"].startswith("inline; filename=")
    assert "X-Sendfile" not in answer.headers and "X-Accel-Redirect" not in answer.headers
    part = get(front, f"/pictures/{quoted(name)}", Range="bytes=1-3")
    assert (part.status, part.body) == (206, (name.encode() * 1000)[1:4])


def test_who_sends_it_is_as_the_variable_says(front):
    """A file that the module cannot know of: nginx's error for it is nginx's own."""
    answer = get(front, "/pictures/missing.png")
    assert answer.status == 404
    head = get(front, "/pictures/gate.png")
    # The worker makes ETags of sixteen hexadecimal digits and a point; front servers have others.
    etag = head.headers.get("ETag", "")
    assert (re.fullmatch(r'"[0-9a-f]+-[0-9a-f]+\.\d+"', etag) is not None) == (front.kind == "nothing")


def test_what_may_contain_a_script_is_saved(front):
    answer = get(front, "/pictures/page.html")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_nobody_reaches_more_than_the_folder(front):
    """Rows L1 and L2: no way out of the folder, with a real front server's own idea of paths between."""
    for target in ["/pictures/..%2foutside.png", "/pictures/%2e%2e%2foutside.png", "/protected/gate.png",
                   "/protected/../../outside.png", "/pictures/%2Fetc%2Fpasswd", "/pictures/link.png",
                   "/pictures/..%5coutside.png", "/pictures/gate.png%00", "/pictures/.hidden"]:
        answer = get(front, target)
        if front.kind in ("lighttpd", "apache") and "link" in target:
            # They follow links in the folder: whoever can make one there is the module.
            continue
        assert answer.status in (400, 403, 404), (target, answer)
        assert b"outside" not in answer.body
    assert get(front, "/pictures/secret.png").status == 403


def test_a_client_cannot_choose_the_way(gallery):
    (gallery.front_folder / "params").write_text(params())
    front = front_of("nothing", gallery)
    try:
        answer = get(front, "/pictures/gate.png", X_Accel_Redirect="/protected/", X_Sendfile="on",
                     X_Sendfile_Type="X-Accel-Redirect", Gatehouse_Sendfile="nginx /=/protected/")
        assert answer.body == b"gate.png" * 1000
    finally:
        front.stop()


def test_assets_behind_nginx(folder, module):
    """Under a mount; and nginx serves the same files by the location of the page."""
    gallery = Gallery(folder, module, "/gallery")
    resources = str(module).removesuffix(".so") + ".resources"
    place = re.search(r"^location (.*ending.*) {$", documents.text("FILES.md"), re.M)[1]
    directives = the_pages_location("$ending").replace(
        "/usr/local/lib/gatehouse/libGallery.resources", resources)
    front = nginx_over(gallery.front_folder, {
        "/": f"fastcgi_pass unix:{folder}/web.sock;",
        place: directives,
    })
    try:
        page = get(front, "/gallery/").body.decode()
        address = re.search(r'href="(/gallery/assets/app\.[0-9a-f]{8}\.css)"', page)[1]
        sheet = gallery.server.get(address)
        assert sheet.status == 200 and re.search(rb"url\(icon\.[0-9a-f]{8}\.svg\)", sheet.body)
        from_nginx = get(front, address)
        assert from_nginx.status == 200 and b"url(icon.svg)" in from_nginx.body
        for answer in (sheet, from_nginx):
            headers = {name.lower(): value for name, value in dict(answer.headers).items()}
            assert headers["cache-control"] == "public, max-age=31536000, immutable"
            assert headers["x-content-type-options"] == "nosniff"
        icon = get(front, "/gallery/favicon.ico")
        assert icon.headers["Content-Type"] == "image/svg+xml"
        again = get(front, "/gallery/favicon.ico", If_None_Match=icon.headers["ETag"])
        assert (again.status, again.body) == (304, b"")
        assert get(front, "/gallery/assets/../../etc/passwd").status in (400, 404)
    finally:
        front.stop()
        assert gallery.server.stop() == 0


def test_a_large_file_to_slow_readers_holds_up_nobody(gallery):
    """The worker sends it itself, to four readers that stop and go on."""
    size = 256 << 20
    with open(gallery.pictures / "large.png", "wb") as file:
        file.truncate(size)
    (gallery.front_folder / "params").write_text(params() + "\nfastcgi_buffering off;")
    front = front_of("nothing", gallery)
    try:
        port, worker = next(iter(front.ports.values())), gallery.server.worker
        get(front, "/")
        before = procfs.memory(worker)
        procfs.reset_peak_memory(worker)
        readers = [connect(port, raw_get("/pictures/large.png"), receive_buffer=65536) for _ in range(4)]
        received = [len(reader.recv(65536)) for reader in readers]
        slowest = 0
        for _ in range(50):
            began = time.monotonic()
            assert get(front, "/").status == 200
            slowest = max(slowest, time.monotonic() - began)
        for number, reader in enumerate(readers):
            while more := reader.recv(1 << 20):
                received[number] += len(more)
            reader.close()
        print(f"slowest of 50 pages meanwhile {slowest * 1000:.1f} ms, "
              f"growth {(procfs.memory(worker, 'VmHWM') - before) >> 10} KiB")
        assert all(size < count < size + 2000 for count in received)
        assert procfs.memory(worker, "VmHWM") - before < 16 << 20
        assert slowest < 2
    finally:
        front.stop()
