"""The only place that knows both protobuf and what the gateway keeps or answers."""
