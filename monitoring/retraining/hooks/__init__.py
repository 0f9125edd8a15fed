"""What acts on a retrain request: one hook a file, each a `RetrainHook`."""
