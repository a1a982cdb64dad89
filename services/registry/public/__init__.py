"""What everybody may ask without naming themselves, and complaints."""
