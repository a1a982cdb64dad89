"""How good an image is, before anything is kept: so that it is captured again while the person is still there."""
