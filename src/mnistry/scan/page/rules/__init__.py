"""Printed rules: found, removed, and used to straighten a page."""
