"""Guided tours: for each role a few steps on the pages that it works with; who walked which, how far."""
