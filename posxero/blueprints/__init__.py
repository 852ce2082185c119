"""The browser's doors: parse, call one service, answer."""
