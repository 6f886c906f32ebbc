"""Tests name a promise and act through a public door."""
