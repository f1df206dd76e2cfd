"""Fixtures that every test may use."""

pytest_plugins = ["yinling_common.testing"]
