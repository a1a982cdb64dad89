"""Licences of recruitment agencies: what the status was on the day that matters."""
