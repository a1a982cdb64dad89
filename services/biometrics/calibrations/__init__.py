"""Calibrations of a deployment, for the registrars who sign them."""
