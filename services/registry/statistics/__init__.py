"""Figures that everybody may have: what was counted, how, and no way back to anybody."""
