"""How soon a change is in force that was made while the gateway runs: from the end of the command
that made it to the event that says so. The aim is 2 s. Prints one line.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time

import peers


def wait_event(process: subprocess.Popen, name: str) -> dict:
    for line in process.stdout:
        event = json.loads(line)
        if event["name"] == name:
            return event
    raise RuntimeError(f"the gateway ended before its event {name}")


def measure_ms(program: str, data: str, process: subprocess.Popen, number: int) -> float:
    """One change; its revision tells it from others."""
    subprocess.run([program, "host", "add", f"h{number}.example", "--data", data], check=True)
    began = time.monotonic()
    while wait_event(process, "ConfigurationApplied")["revision"] != number:
        pass
    return (time.monotonic() - began) * 1e3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=20)
    parser.add_argument("--gateway", default=str(peers.ROOT / "build/native/omsgateway"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as data:
        command = [options.gateway, "run", "--data", data, "--listen", "127.0.0.1:0", "--log",
                   "json"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            wait_event(process, "ServiceStarted")
            times = [measure_ms(options.gateway, data, process, number)
                     for number in range(1, options.changes + 1)]
            process.terminate()
            process.communicate()
    print(f"{len(times)} changes in force after {statistics.median(times):.0f} ms, the worst "
          f"after {max(times):.0f} ms (aim: 2000)")


if __name__ == "__main__":
    sys.exit(main())
