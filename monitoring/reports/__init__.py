"""Pages about one check that can be kept and passed on."""
