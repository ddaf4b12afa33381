"""Measurements beside peers: run, never asserted. See bench/common.py."""
