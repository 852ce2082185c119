"""The browser's entry points: parse, call one service, answer."""
