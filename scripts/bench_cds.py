"""How long a CDS Hooks call takes: JWT, prefetch, ONNX score, policy, audit; beside HealthChain.

Run: python scripts/bench_cds.py [--seconds 10] [--rates 100,200] [--without-healthchain]

Each call is about a new made-up patient and carries 20 KB of prefetch and a token of its own; the
load is open: a call that is due is timed from then on, whether or not it could be sent. HealthChain
runs in an environment of its own, made in the user's cache, and checks no token, reads no value
and scores nothing: its figures are what its endpoint and its JSON cost.
"""

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import requests
from joserfc.jwk import ECKey
from rich.console import Console
from rich.table import Table

import bench_cds_calls as calls
import bench_cds_load as load
from bench_risk import free_port
from wherry.adapters import redis_server
from wherry.codec import encode

ROOT = Path(__file__).parents[1]
SERVICE = "deterioration"
HEALTHCHAIN = "0.16.1"
CACHE = Path.home() / ".cache" / "wherry" / "bench" / f"healthchain-{HEALTHCHAIN}"
PATHS = os.pathsep.join(str(ROOT / one) for one in ("shared", "services/cds", "services/risk"))

READ_RATE = 25  # three reads for each call, from a FHIR server that shares the machine
FIGURES = ("p50 ms", "p95", "p99", "most", "CPU ms", "of risk")

APP = """
from healthchain.gateway import CDSHooksService, HealthChainAPI
from healthchain.models import Card, CDSRequest, CDSResponse
from healthchain.models.responses.cdsresponse import Source

app, cds = HealthChainAPI(), CDSHooksService()

@cds.hook("patient-view", id="bench")
def answer(request: CDSRequest) -> CDSResponse:
    many = len(request.prefetch["observations"]["entry"])
    card = Card(summary=f"{many} values", indicator="info", source=Source(label="bench"))
    return CDSResponse(cards=[card])

app.register_service(cds, path="/cds")
"""


@dataclass(frozen=True, slots=True)
class Place:
    """One endpoint to measure."""

    name: str
    port: int
    path: str
    pid: int
    key: ECKey | None = None
    fhir: str = ""
    risk_pid: int = 0


@contextmanager
def started(
    command: Sequence[str], port: int, log: Path, env: dict[str, str]
) -> Iterator["subprocess.Popen[bytes]"]:
    """A process from when it answers on this port. Exits the program when it does not."""
    with log.open("wb") as said:
        process = subprocess.Popen(command, env=env, stdout=said, stderr=said, cwd=log.parent)  # noqa: S603 - our own
    try:
        _wait(process, port, log)
        yield process
    finally:
        process.terminate()
        process.wait(timeout=15)


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    end = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < end:
        try:
            requests.Session().get(f"http://127.0.0.1:{port}/", timeout=1)
        except requests.RequestException:
            time.sleep(0.1)
            continue
        return
    sys.exit(f"it did not start:\n{log.read_text(errors='replace')[-800:]}")


@contextmanager
def wherry(folder: Path) -> Iterator[list[Place]]:
    """Redis, the tables, the risk service and the CDS service, as `wherry up` starts them."""
    key = ECKey.generate_key("P-384", {"kid": "bench", "use": "sig", "alg": "ES384"})
    client = {
        "id": "bench",
        "iss": calls.ISSUER,
        "tenant": calls.TENANT,
        "jwks": {"keys": [key.as_dict(private=False)]},
    }
    (folder / "clients.json").write_bytes(encode([client]))
    risk, cds, fhir = free_port(), free_port(), free_port()
    redis = redis_server.start(folder / "redis")
    env = {
        "PATH": os.defpath,
        "PYTHONPATH": PATHS,
        "WHERRY_DATABASE_URL": f"sqlite:///{folder}/bench.db",
        "WHERRY_REDIS_URL": redis.url,
        "WHERRY_LOG_LEVEL": "warning",
        "WHERRY_CDS_RISK_URL": f"http://127.0.0.1:{risk}",
        "WHERRY_CDS_CLIENTS": str(folder / "clients.json"),
        "WHERRY_CDS_PUBLIC_URL": f"http://127.0.0.1:{cds}",
        "WHERRY_CDS_FHIR_SERVERS": f"http://127.0.0.1:{fhir}/fhir",
    }
    for module in ("wherry.suite.migrate", "wherry_risk.migrate", "wherry_cds.migrate"):
        subprocess.run([sys.executable, "-m", module], env=env, check=True)  # noqa: S603 - our own
    path = f"/cds-services/{SERVICE}"
    with ExitStack() as stack:
        stack.callback(redis.stop)
        scorer = stack.enter_context(
            started(_granian("wherry_risk", risk), risk, folder / "risk.log", env)
        )
        serve = [sys.executable, str(ROOT / "scripts/bench_cds_calls.py"), "serve", str(fhir)]
        paths = os.pathsep.join((PATHS, str(ROOT / "scripts")))
        own = {**env, "PYTHONPATH": paths}
        stack.enter_context(started(serve, fhir, folder / "fhir.log", own))
        process = stack.enter_context(
            started(_granian("wherry_cds", cds), cds, folder / "cds.log", env)
        )
        place = partial(Place, port=cds, path=path, pid=process.pid, key=key, risk_pid=scorer.pid)
        reads = f"http://127.0.0.1:{fhir}/fhir"
        yield [place("Wherry, prefetch"), place("Wherry, read by FHIR", fhir=reads)]


def _granian(package: str, port: int) -> list[str]:
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--http", "1", "--no-ws"]
    command += ["--log-level", "warning", "--workers", "1", "--blocking-threads", "4"]
    command += ["--backpressure", "64", "--host", "127.0.0.1", "--port", str(port)]
    return [*command, f"{package}.wsgi:app"]


@contextmanager
def healthchain(folder: Path) -> Iterator[list[Place]]:
    """HealthChain's endpoint in its own environment; nothing, and why, when it cannot be had."""
    if why := _installed():
        sys.stdout.write(f"HealthChain is left out: {why}\n")
        yield []
        return
    (folder / "hc_app.py").write_text(APP)
    port = free_port()
    command = [str(CACHE / "bin/python"), "-m", "uvicorn", "hc_app:app", "--port", str(port)]
    env = {"PATH": os.defpath, "HOME": str(folder), "PYTHONPATH": str(folder)}
    quiet = [*command, "--log-level", "warning", "--no-access-log"]
    with started(quiet, port, folder / "hc.log", env) as process:
        yield [
            Place("HealthChain, no token, no score", port, "/cds/cds-services/bench", process.pid)
        ]


def _installed() -> str:
    """An empty text once it is there, else why it is not."""
    if (CACHE / "bin/uvicorn").exists():
        return ""
    CACHE.parent.mkdir(parents=True, exist_ok=True)
    steps = (
        [sys.executable, "-m", "venv", str(CACHE)],
        [str(CACHE / "bin/pip"), "install", "--quiet", f"healthchain=={HEALTHCHAIN}", "uvicorn"],
    )
    with Console(stderr=True).status(f"Installing healthchain {HEALTHCHAIN} into {CACHE}"):
        for step in steps:
            done = subprocess.run(step, capture_output=True, check=False, timeout=600)  # noqa: S603 - our own
            if done.returncode:
                return done.stderr.decode(errors="replace").strip().splitlines()[-1]
    return ""


def measured(place: Place, folder: Path, *, rate: int, seconds: int) -> list[str]:
    """One row of the table."""
    name = f"{place.name.split(',')[0]}-{'fhir' if place.fhir else 'sent'}-{rate}"
    url = f"http://127.0.0.1:{place.port}{place.path}"
    made = {"url": url, "fhir": place.fhir}
    warm, path = folder / f"{name}-warm", folder / name
    calls.write(warm, f"{name}-warm".replace(" ", "-"), 2 * rate, key=place.key, **made)
    size = calls.write(path, name.replace(" ", "-"), rate * seconds, key=place.key, **made)
    load.send(place.port, place.path, warm, rate=rate, seconds=2)
    before = [cpu_s(pid) for pid in (place.pid, place.risk_pid)]
    found = load.send(place.port, place.path, path, rate=rate, seconds=seconds)
    after = [cpu_s(pid) for pid in (place.pid, place.risk_pid)]
    each = max(1, len(found.taken_ms))
    spent = [f"{1000 * (b - a) / each:.1f}" for a, b in zip(before, after, strict=True)]
    cuts = statistics.quantiles(found.taken_ms, n=1000)
    good = found.statuses.get("200", 0)
    figures = [f"{one:.1f}" for one in (cuts[499], cuts[949], cuts[989], max(found.taken_ms))]
    told = f"{good}/{len(found.taken_ms)}"
    return [
        place.name,
        f"{rate}/s",
        f"{size / 1000:.0f} KB",
        told,
        str(found.cards),
        *figures,
        *spent,
    ]


def cpu_s(pid: int) -> float:
    """Seconds of CPU of a process and its children; none of no process."""
    if not pid:
        return 0.0
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    ticks = 0
    for one in (str(pid), *children):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--rates", default="100,200")
    parser.add_argument("--without-healthchain", action="store_true")
    given = parser.parse_args()
    rates = [int(one) for one in given.rates.split(",")]
    heads = ("endpoint", "rate", "request", "answered 200", "cards", *FIGURES)
    table = Table(*heads, title=f"CDS Hooks calls, open load, {os.cpu_count()} cores")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))  # with everything that was started
    with (
        tempfile.TemporaryDirectory(prefix="wherry-bench-") as made,
        Console(stderr=True).status("Starting") as status,
    ):
        folder = Path(made)
        for kind in (wherry,) if given.without_healthchain else (wherry, healthchain):
            with kind(folder) as places:
                for place in places:
                    for rate in (READ_RATE,) if place.fhir else rates:
                        status.update(f"{place.name}, {rate}/s for {given.seconds} s")
                        row = measured(place, folder, rate=rate, seconds=given.seconds)
                        table.add_row(*row)
    Console(width=130).print(table)


if __name__ == "__main__":
    main()
