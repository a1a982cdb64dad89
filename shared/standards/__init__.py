"""Published standards as pure code: no IO beyond the data shipped beside it, no framework."""
