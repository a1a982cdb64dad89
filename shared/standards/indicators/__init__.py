"""Published indicators of forced labour and trafficking, and the rules that read them."""
