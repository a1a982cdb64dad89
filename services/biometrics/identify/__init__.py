"""Who is this: one against many and one against one, over faces and fingers together."""
