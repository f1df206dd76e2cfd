"""`python -m yinling_common.healthcheck HOST:PORT`: exits 0 where the gRPC server there says that it serves."""

import sys

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc


def main(arguments: list[str]) -> int:
    """Ask once, for 3 seconds at most; returns the exit status."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)  # noqa: T201 - a command
        return 2
    with grpc.insecure_channel(arguments[0]) as channel:
        try:
            answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=3)
        except grpc.RpcError as error:
            print(f"no answer: {error.code().name}", file=sys.stderr)  # noqa: T201 - a command
            return 1
    serving: bool = answer.status == health_pb2.HealthCheckResponse.SERVING
    return 0 if serving else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
