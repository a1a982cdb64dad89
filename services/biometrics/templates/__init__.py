"""From a biometric item to what is compared and kept: extraction, and sealing with the person's key."""
