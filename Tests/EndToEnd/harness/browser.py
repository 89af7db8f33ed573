"""Chromium without a window, driven as https://www.w3.org/TR/webdriver2 has it, by Debian's chromedriver.

A form is filled in as a person does it: by the words of its labels and buttons."""

import base64
import http.client
import json

from .client import can_connect, free_ports
from .program import Program
from .waiting import until

# The key under which an answer names an element: the specification's own constant.
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
# A phone's screen, in CSS pixels.
PHONE = {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True}


class BrowserError(AssertionError):
    """The browser could not do it; the message is the driver's."""


class Browser:
    """One browser with a profile of its own. `close` ends it."""

    def __init__(self, folder, *, scripts=True):
        (port,) = free_ports(1)
        # Chromium keeps more than its profile: all of it goes into the test's folder.
        own = {"HOME": str(folder), "TMPDIR": str(folder), "XDG_CONFIG_HOME": str(folder)}
        self._driver = Program(["chromedriver", f"--port={port}", "--log-level=SEVERE"], env=own)
        self._port = port
        self._session = None
        try:
            until(lambda: can_connect(port), "chromedriver listens", 30)
            self._session = "/session/" + self._ask("POST", "/session", {"capabilities": {"alwaysMatch": {
                "browserName": "chrome", "pageLoadStrategy": "normal", "timeouts": {"implicit": 3000},
                "goog:chromeOptions": {"args": [
                    # Root may not use the sandbox, and /dev/shm is small in containers.
                    "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu",
                    "--no-first-run", "--disable-background-networking", "--lang=en", "--hide-scrollbars",
                    "--window-size=1000,800", f"--user-data-dir={folder}/profile"]}}}})["sessionId"]
            if not scripts:
                self.command("Emulation.setScriptExecutionDisabled", value=True)
        except BaseException:
            self.close()
            raise

    def close(self):
        try:
            if self._session:
                self._ask("DELETE", self._session)
        finally:
            self._driver.stop()

    def open(self, url):
        self._do("POST", "/url", url=url)

    def reload(self):
        self._do("POST", "/refresh")

    @property
    def url(self):
        return self._do("GET", "/url")

    @property
    def source(self):
        return self._do("GET", "/source")

    @property
    def text(self):
        """The text that a reader sees."""
        return self.find("body").text

    def find(self, selector):
        """The first element of a CSS selector; waits for it for a moment."""
        return self._element("css selector", selector)

    def all(self, selector):
        """Every element of a CSS selector, now."""
        return self.run(
            "return [...document.querySelectorAll(arguments[0])].map(element => element.innerText)", selector)

    def follow(self, words):
        """Clicks the link with these words, and waits for the next page."""
        self._leave(self._element("link text", words))

    def press(self, words, within="body"):
        """Clicks the button with these words, and waits for the next page."""
        self._leave(self.find(within)._element(f".//button[normalize-space()='{words}']"))

    def field(self, label):
        """The field that a label names, as a screen reader finds it."""
        name = self._element("xpath", f"//label[normalize-space(text())='{label}']").attribute("for")
        assert name, f"the label {label!r} names no field"
        return self._element("css selector", f"[id='{name}']")

    def fill(self, **fields):
        """Types into fields by label; an underscore in a name stands for a space."""
        for label, value in fields.items():
            field = self.field(label.replace("_", " "))
            if field.attribute("type") != "file":
                field.clear()
            field.type(value)

    def run(self, script, *arguments):
        """The value of a script in the page; it runs even if the page's own may not."""
        return self._do("POST", "/execute/sync", script=script, args=list(arguments))

    def command(self, name, **parameters):
        """A command of Chromium's own protocol (https://chromedevtools.github.io/devtools-protocol)."""
        return self._do("POST", "/goog/cdp/execute", cmd=name, params=parameters)

    def be_a_phone(self):
        self.command("Emulation.setDeviceMetricsOverride", **PHONE)

    def prefer_dark(self):
        self.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])

    def screenshot(self, file):
        """The whole page as a PNG."""
        answer = self.command("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(answer["data"]))

    def _leave(self, element):
        """A click may be answered before the browser has begun to go elsewhere."""
        page = self.find("html")
        element.click()
        until(lambda: page.is_gone and self.run("return document.readyState") == "complete", "the next page is there")

    def _element(self, using, value):
        try:
            return Element(self, self._do("POST", "/element", using=using, value=value)[ELEMENT])
        except BrowserError as error:
            raise BrowserError(f"{error}\n{self}") from None

    def _do(self, method, path, **parameters):
        return self._ask(method, self._session + path, parameters if method == "POST" else None)

    def _ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            answer = connection.getresponse()
            value = json.loads(answer.read())["value"]
        finally:
            connection.close()
        if answer.status != 200:
            raise BrowserError(f"{method} {path} {body}: {value['error']}: {value['message'].splitlines()[0]}")
        return value

    def __str__(self):
        return f"{self.url}:\n{self.text}"


class Element:
    """An element of the page that is open."""

    def __init__(self, browser, number):
        self._browser = browser
        self._path = f"/element/{number}"

    @property
    def text(self):
        return self._browser._do("GET", self._path + "/text")

    @property
    def value(self):
        """The text that a field holds now."""
        return self._browser._do("GET", self._path + "/property/value")

    @property
    def is_gone(self):
        """Whether its page has been left."""
        try:
            self._browser._do("GET", self._path + "/name")
            return False
        except BrowserError as error:
            return "stale element" in str(error)

    def attribute(self, name):
        return self._browser._do("GET", f"{self._path}/attribute/{name}")

    def click(self):
        self._browser._do("POST", self._path + "/click")

    def clear(self):
        self._browser._do("POST", self._path + "/clear")

    def type(self, text):
        self._browser._do("POST", self._path + "/value", text=str(text))

    def _element(self, xpath):
        found = self._browser._do("POST", self._path + "/element", using="xpath", value=xpath)
        return Element(self._browser, found[ELEMENT])
