"""The entry points of the workers: one job a module. Each calls one service and returns."""
