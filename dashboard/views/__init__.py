"""The pages. Each asks the engine, and draws the answer with components."""
