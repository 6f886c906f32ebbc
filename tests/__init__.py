"""Tests. Each is named after a promise and acts through a public interface."""
