"""Fixtures that every test may use."""

import os

# gRPC prepares for each fork of the process while its own threads run, which now and then ends it with a segmentation
# fault. Tests start PostgreSQL and services as children; none of these children uses the channels of its parent.
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"

pytest_plugins = ["yinling_common.testing"]
