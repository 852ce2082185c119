"""The worker's doors: one verb a module. Each calls one service and returns."""
