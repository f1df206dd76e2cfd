"""Serving gRPC until told to stop."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from prometheus_client import start_http_server

from yinling_common import logs
from yinling_common.client import message_options
from yinling_common.errors import YinlingError
from yinling_common.health_log import HealthLog
from yinling_common.identity import Verifier
from yinling_common.interceptors import GuardInterceptor

HealthCheck = Callable[[], Awaitable[Mapping[str, str | None]]]
"""Says of each part what is wrong with it; None where nothing is."""

_HEALTH_INTERVAL = 1.0


def build_server(verifier: Verifier, add_servicers: Callable[[grpc.aio.Server], None]) -> grpc.aio.Server:
    """A server with the interceptor and the servicers, not yet bound to a port."""
    server = grpc.aio.server(
        interceptors=[GuardInterceptor(verifier)],
        options=[
            *message_options(),
            ("grpc.so_reuseport", 0),  # a second server on the port is an error, not a silent share
            ("grpc.keepalive_permit_without_calls", 1),
            ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
        ],
        maximum_concurrent_rpcs=1000,
    )
    add_servicers(server)
    return server


async def serve(
    *,
    name: str,
    listen: str,
    verifier: Verifier,
    add_servicers: Callable[[grpc.aio.Server], None],
    service_names: Sequence[str],
    check_health: HealthCheck,
    metrics_listen: str = "",
    grace: float = 10.0,
    stop: asyncio.Event | None = None,
    on_started: Callable[[int], None] = lambda port: None,
) -> None:
    """Serve until SIGTERM, SIGINT or `stop`; then refuse new calls and give those in flight `grace` seconds.

    Args:
        name: For the log.
        listen: "host:port"; port 0 takes a free one.
        verifier: Of the callers' tokens.
        add_servicers: Adds the services to the server.
        service_names: Full names, for the health service. "" stands for all of them.
        check_health: Asked every second.
        metrics_listen: "host:port" for Prometheus; empty for none.
        grace: Seconds.
        stop: Set it to end, where signals are not to be used.
        on_started: Told the port.
    """
    server = build_server(verifier, add_servicers)
    servicer = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    try:
        port = server.add_insecure_port(listen)
    except RuntimeError as error:
        raise SystemExit(
            f"{name}: cannot listen on {listen}: it is taken, or not an address of this machine"
        ) from error
    if metrics_listen:
        host, _, metrics_port = metrics_listen.rpartition(":")
        try:
            start_http_server(int(metrics_port), host or "127.0.0.1")
        except OSError as error:
            raise SystemExit(f"{name}: cannot serve metrics on {metrics_listen}: {error.strerror}") from error
    stop = stop or stop_on_signals()
    for service in ("", *service_names):  # until the first check says otherwise; the library's own default is SERVING
        await servicer.set(service, health_pb2.HealthCheckResponse.NOT_SERVING)
    await server.start()
    watcher = asyncio.create_task(_watch_health(servicer, ["", *service_names], check_health))
    logs.get().info("server.started", name=name, listen=listen, port=port)
    on_started(port)
    await stop.wait()
    logs.get().info("server.stopping", name=name)
    watcher.cancel()
    await servicer.enter_graceful_shutdown()
    await server.stop(grace)
    logs.get().info("server.stopped", name=name)


def stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


async def _watch_health(servicer: health.aio.HealthServicer, names: Sequence[str], check: HealthCheck) -> None:
    log = HealthLog()
    while True:
        try:
            wrong = {part: problem for part, problem in (await check()).items() if problem}
        except YinlingError as error:
            wrong = {"check": error.message}
        except Exception:
            logs.get().exception("health.check_failed")
            wrong = {"check": "failed"}
        status = health_pb2.HealthCheckResponse.NOT_SERVING if wrong else health_pb2.HealthCheckResponse.SERVING
        for name in names:
            await servicer.set(name, status)
        log.note(wrong)
        await asyncio.sleep(_HEALTH_INTERVAL)
