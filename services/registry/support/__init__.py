"""Support: people presumed to be victims, one case manager each, services they agreed to, and a return that is safe."""
