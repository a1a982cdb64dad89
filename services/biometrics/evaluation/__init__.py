"""How often the engines err, measured on an operator's own folder, in the terms of ISO/IEC 19795-1."""
