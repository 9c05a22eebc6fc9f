"""Benchmarks: `python -m bench [NAME...]`. Each runs in a process and a WEB4_HOME of its own."""
