"""How long one POST /v1/score takes: in process, and over granian on loopback.

Run: python scripts/bench_risk.py [--requests 400]
All patients and values are made up.
"""

import argparse
import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from base64 import b64encode
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from bench_risk_bodies import AT, HOURLY, MODEL, body, icu_body, observation
from wherry_risk.migrate import upgrade
from wherry_risk.settings import Settings

ROOT = Path(__file__).parents[1]
KEY = b64encode(b"made up for this bench, 32 bytes").decode()
HEADERS = {"Content-Type": "application/json"}


def timed(send: Callable[[], int], requests: int) -> str:
    """p50 and p99 of this many calls, after a warm-up."""
    taken_ms = []
    for n in range(requests + 20):
        started = time.perf_counter()
        status = send()
        if status != 200:
            raise SystemExit(f"answered {status}")
        if n >= 20:
            taken_ms.append((time.perf_counter() - started) * 1000)
    cuts = statistics.quantiles(taken_ms, n=100)
    return f"p50 {cuts[49]:7.2f} ms   p99 {cuts[98]:7.2f} ms"


def in_process(content: bytes, requests: int, database_url: str) -> str:
    from wherry.collector import spare_the_collector  # noqa: PLC0415 - as wsgi.py does
    from wherry.logs import configure  # noqa: PLC0415 - only this part needs the app
    from wherry_risk.app import create_app  # noqa: PLC0415
    from wherry_risk.wiring import wire  # noqa: PLC0415

    configure("bench", "error")
    settings = Settings(database_url=database_url)
    client = create_app(wire(settings)).test_client()
    spare_the_collector()
    return timed(
        lambda: client.post("/v1/score", data=content, headers=HEADERS).status_code, requests
    )


def over_granian(content: bytes, requests: int, port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)

    def send() -> int:
        connection.request("POST", "/v1/score", body=content, headers=HEADERS)
        answer = connection.getresponse()
        answer.read()
        return answer.status

    try:
        return timed(send, requests)
    finally:
        connection.close()


def serve(port: int, database_url: str) -> subprocess.Popen[bytes]:
    """Start granian and return when it answers; records are kept in this database."""
    upgrade(database_url)
    paths = [str(ROOT / "shared"), str(ROOT / "services" / "risk")]
    command = ["granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(  # noqa: S603 - our own command line
        [sys.executable, "-m", *command, "--no-access-log", "wherry_risk.wsgi:app"],
        env={
            "PATH": os.defpath,
            "PYTHONPATH": os.pathsep.join(paths),
            "WHERRY_DATABASE_URL": database_url,
            "WHERRY_INBOX_KEY": KEY,
            "WHERRY_LOG_LEVEL": "error",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for _ in range(100):
        time.sleep(0.1)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process
    process.terminate()
    raise SystemExit("granian did not start")


def graph_alone() -> list[str]:
    """Rows through the shipped graph, and through LightGBM and scikit-learn of the same size."""
    import lightgbm  # noqa: PLC0415 - training packages, needed here only
    import numpy as np  # noqa: PLC0415
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415

    from wherry_risk.onnx.load import PACKAGES, load  # noqa: PLC0415
    from wherry_risk.training.recipes import RECIPES  # noqa: PLC0415

    recipe = RECIPES[MODEL]
    model = load(PACKAGES / MODEL / recipe.version)
    random = np.random.default_rng(1)
    rows = random.normal(size=(10_000, len(recipe.features))).astype(np.float32)
    died = (random.random(len(rows)) < 1 / (1 + np.exp(1 - rows[:, 0] - rows[:, 1]))).astype(int)
    trees = lightgbm.train(dict(recipe.parameters), lightgbm.Dataset(rows, died), recipe.rounds)
    forest = HistGradientBoostingClassifier(
        max_iter=recipe.rounds, max_leaf_nodes=8, early_stopping=False, random_state=1
    ).fit(rows, died)
    ways: dict[str, Callable[[Any], object]] = {
        "ONNX, probability and contributions": model.session.run,
        "LightGBM, probability": lambda x: trees.predict(x, num_threads=1),
        "LightGBM, contributions": lambda x: trees.predict(x, pred_contrib=True, num_threads=1),
        "scikit-learn HGB, probability": forest.predict_proba,
    }
    return [
        f"{name:36s} one row p50 {_p50_us(partial(run, rows[:1]), 300):9.1f} µs   "
        f"10,000 rows {len(rows) / _p50_us(partial(run, rows), 3) * 1e6:9,.0f} rows/s"
        for name, run in ways.items()
    ]


def _p50_us(run: Callable[[], object], times: int) -> float:
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        run()
        taken.append((time.perf_counter() - started) * 1e6)
    return statistics.median(taken)


def assembly() -> list[str]:
    """500 Observations as JSON has them, to the row of each trained model; CPU time."""
    from wherry.codec import decode  # noqa: PLC0415
    from wherry_risk.model.facts import facts  # noqa: PLC0415
    from wherry_risk.model.record import record  # noqa: PLC0415
    from wherry_risk.onnx.load import load_all  # noqa: PLC0415
    from wherry_risk.onnx.trained import Trained, vector  # noqa: PLC0415

    told = decode(icu_body())
    resources = told["resources"][:501] if isinstance(told, dict) else []
    while len(resources) < 501:
        n = len(resources)
        resources.append(observation(n, *HOURLY[n % len(HOURLY)], n))
    lines = [f"{'record of 500 Observations':36s} {_cpu_ms(lambda: record(resources)):7.2f} ms"]
    known = record(resources)
    for id_, model in sorted(load_all().models.items()):
        if isinstance(model, Trained):
            taken_ms = _cpu_ms(
                lambda m=model: vector(m.columns, facts(m.spec, known, at=AT))  # type: ignore[misc]
            )
            lines.append(f"{'row of ' + id_:36s} {taken_ms:7.2f} ms")
    return lines


def _cpu_ms(run: Callable[[], object]) -> float:
    taken = []
    for _ in range(50):
        started = time.process_time()
        run()
        taken.append((time.process_time() - started) * 1000)
    return statistics.median(taken)


def at_a_rate(content: bytes, port: int, *, rate: int, seconds: int) -> str:
    """p50 and p99 from the moment each request was due, so that waiting counts."""
    taken_ms: list[float] = []

    def lane(first: int, of: int, began: float) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        for n in range(first, rate * seconds, of):
            due = began + n / rate
            time.sleep(max(0.0, due - time.perf_counter()))
            connection.request("POST", "/v1/score", body=content, headers=HEADERS)
            connection.getresponse().read()
            taken_ms.append((time.perf_counter() - due) * 1000)
        connection.close()

    began, lanes = time.perf_counter() + 0.2, 8
    threads = [threading.Thread(target=lane, args=(n, lanes, began)) for n in range(lanes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cuts = statistics.quantiles(taken_ms, n=100)
    return f"{rate}/s for {seconds} s: p50 {cuts[49]:7.2f} ms   p99 {cuts[98]:7.2f} ms"


def memory(pid: int) -> list[str]:
    """Resident memory of the server and of each of its workers."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [f"process {one}: {_resident_mib(one)} MiB resident" for one in (str(pid), *children)]


def _resident_mib(pid: str) -> int:
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in status if line.startswith("VmRSS")).split()[1]) // 1024


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=400)
    requests = parser.parse_args().requests
    port = free_port()
    folder = tempfile.TemporaryDirectory(prefix="wherry-bench-")
    database_url = f"sqlite:///{folder.name}/wherry.db"
    process = serve(port, database_url)
    try:
        for observations in (8, 100, 500):
            content = body(observations)
            size = f"{observations:4d} Observations, {len(content) // 1024:4d} KiB"
            sys.stdout.write(f"{size}  in process  {in_process(content, requests, database_url)}\n")
            sys.stdout.write(f"{size}  granian     {over_granian(content, requests, port)}\n")
        content = icu_body()
        size = f"{MODEL}, {len(content) // 1024:4d} KiB"
        sys.stdout.write(f"{size}  in process  {in_process(content, requests, database_url)}\n")
        sys.stdout.write(f"{size}  granian     {over_granian(content, requests, port)}\n")
        for model, sent in ((MODEL, content), ("news2", body(100))):
            sys.stdout.write(f"{model}  {at_a_rate(sent, port, rate=100, seconds=10)}\n")
        for line in (*memory(process.pid), *assembly(), *graph_alone()):
            sys.stdout.write(f"{line}\n")
    finally:
        process.terminate()
        process.wait(timeout=10)
        folder.cleanup()


if __name__ == "__main__":
    main()
