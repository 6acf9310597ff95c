"""A headless Chromium, spoken to by the DevTools protocol over two pipes: no driver, no port."""

import base64
import contextlib
import json
import os
import select
import shutil
import subprocess
import time
from pathlib import Path

import pytest

fcntl = pytest.importorskip("fcntl", reason="the browser is spoken to over pipes that Windows has not")
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--no-first-run",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)
TIMEOUT = 60.0


class Browser:
    """One page of a headless Chromium; `problems` and `requests` hold what the page complained of and asked for."""

    def __init__(self, program, profile):
        down, self._out = os.pipe()
        self._in, up = os.pipe()
        # Chromium reads from descriptor 3 and writes to 4.
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (down, up)]
        self._process = subprocess.Popen(
            [program, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
            preexec_fn=lambda: [os.dup2(end, number) for number, end in zip((3, 4), ends, strict=True)],
            pass_fds=(3, 4),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for end in (down, up, *ends):
            os.close(end)
        self._rest, self._number, self._session = b"", 0, None
        self.problems, self.requests = [], []
        target = next(one for one in self.call("Target.getTargets")["targetInfos"] if one["type"] == "page")
        self._session = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)[
            "sessionId"
        ]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method, **parameters):
        """The answer to a method of the protocol; events that come in between are noted."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next(TIMEOUT)
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def open(self, path, width=1315, height=1000, dark=False):
        """Load a file; problems and requests begin anew."""
        self.problems, self.requests = [], []
        self.size(width, height)
        self.scheme(dark)
        self.call("Page.navigate", url=Path(path).resolve().as_uri())
        self.until("document.readyState === 'complete'")

    def size(self, width, height):
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def scheme(self, dark, media=""):
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.call("Emulation.setEmulatedMedia", media=media, features=features)

    def ask(self, expression):
        """The value of a JavaScript expression."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in found:
            raise RuntimeError(f"{expression}: {found['exceptionDetails']}")
        return found["result"].get("value")

    def until(self, expression):
        """Wait until an expression is true."""
        end = time.monotonic() + TIMEOUT
        while not self.ask(expression):
            assert time.monotonic() < end, f"never true: {expression}"
            time.sleep(0.05)

    def mouse(self, x, y):
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def key(self, key, code=0, text=""):
        for kind in ("keyDown", "keyUp"):
            extra = {"text": text} if text and kind == "keyDown" else {}
            self.call(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **extra
            )

    def pdf(self, path):
        data = self.call("Page.printToPDF", printBackground=False, paperWidth=8.27, paperHeight=11.69)["data"]
        Path(path).write_bytes(base64.b64decode(data))

    def close(self):
        """End the browser, and wait for it."""
        self._session = None
        with contextlib.suppress(OSError, AssertionError):
            self.call("Browser.close")
        try:
            self._process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._out)
        os.close(self._in)

    def _next(self, timeout):
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._in], [], [], timeout)
            assert ready, "the browser does not answer"
            part = os.read(self._in, 1 << 20)
            if not part:
                raise OSError("the browser has ended")
            self._rest += part
        message, self._rest = self._rest.split(b"\0", 1)
        found = json.loads(message)
        self._note(found.get("method"), found.get("params", {}))
        return found

    def _note(self, method, about):
        if method == "Runtime.exceptionThrown":
            self.problems.append(
                about["exceptionDetails"].get("exception", {}).get("description", str(about))
            )
        elif method == "Log.entryAdded" and about["entry"]["level"] in ("warning", "error"):
            self.problems.append(f"{about['entry']['text']} {about['entry'].get('url', '')}")
        elif method == "Runtime.consoleAPICalled" and about["type"] in ("warning", "error", "assert"):
            self.problems.append(" ".join(str(one.get("value", one)) for one in about["args"]))
        elif method == "Network.requestWillBeSent":
            self.requests.append(about["request"]["url"])


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """The browser of this machine; where there is none, its tests skip."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip(f"no browser: none of {', '.join(NAMES)} is installed")
    found = Browser(program, tmp_path_factory.mktemp("profile"))
    yield found
    found.close()
