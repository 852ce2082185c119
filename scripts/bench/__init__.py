"""Measures what the shop's speed is made of. Run as ``python -m scripts.bench``; see docs/speed.md."""
