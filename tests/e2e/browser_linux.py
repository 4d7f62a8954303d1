"""A browser through the gateway: its hello, with a key share that no quantum computer breaks, takes
more than one packet. Named on the command line of pytest, because not every machine has one."""

import shutil
import subprocess

import pytest

from forward import Forward
from program import LIMIT_S
from session import BODY, Page, make_key
from world import HOST, Server, allowing

X25519MLKEM768 = b"\x11\xec"
PACKET = 1460


def test_chromium(tmp_path):
    browser = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if not browser:
        pytest.skip("chromium is not installed")
    server = make_key(tmp_path, "server", "p256", f"/CN={HOST}")
    with Server(Page(server, [])) as origin:
        with allowing(tmp_path, [origin.port], LogLevel="debug") as gateway:
            with Forward(gateway.port) as forward:
                result = subprocess.run(
                    [browser, "--headless", "--no-sandbox", "--disable-gpu",
                     f"--user-data-dir={tmp_path / 'profile'}", "--ignore-certificate-errors",
                     f"--proxy-server=http://127.0.0.1:{forward.port}", "--dump-dom",
                     f"https://{HOST}:{origin.port}/"],
                    capture_output=True, text=True, timeout=LIMIT_S, check=False)
                assert BODY in result.stdout, result.stderr
                assert X25519MLKEM768 in forward.seen and len(forward.seen) > PACKET
                event = gateway.wait_event(107)
                assert (event["version"], event["sni"]) == ("TLS 1.3", HOST)
