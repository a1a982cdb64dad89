"""Redress: what workers are owed and claim, and the aid fund with its ledger."""
