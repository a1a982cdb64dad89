"""MOSIP's ABIS messages as an adapter: they are read and answered here, and served by the rooms that serve OSIA."""
