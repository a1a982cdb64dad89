"""Visits of workplaces by labour inspection, informal and domestic ones too: in which order, and what came of them."""
