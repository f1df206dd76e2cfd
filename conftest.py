"""Fixtures that every test may use."""

import os

from hypothesis import HealthCheck, settings

# gRPC prepares for each fork of the process while its own threads run, which now and then ends it with a segmentation
# fault. Tests start PostgreSQL and services as children; none of these children uses the channels of its parent.
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"

# Machines are noisy: how long an example takes says nothing about the code. Benchmarks do. And a change is not refused
# for what luck finds in old code: each run takes the same examples. `--hypothesis-profile=search` looks for others.
settings.register_profile(
    "search", settings.default, deadline=None, derandomize=False, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("yinling", settings.get_profile("search"), derandomize=True)
settings.load_profile("yinling")

pytest_plugins = ["yinling_common.testing", "yinling_gateway.testing.fixtures"]
