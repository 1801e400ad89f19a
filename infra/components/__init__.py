"""ComponentResources of the platform, one capability a file."""
